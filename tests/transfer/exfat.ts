/**
 * A mount of a real exFAT, by the FUSE program of Debian's exfat-fuse: a file system without hard links, owners and modes,
 * that takes `x` and `X` for one name.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import process from "node:process";
import { TemporaryFolder } from "../support/files.ts";
import { must } from "./as_user.ts";

const IMAGE_BYTES = 64 << 20;

/** Why there can be no such mount; `undefined` if there can. */
export function whyNoExfat(): string | undefined {
  if (process.platform !== "linux") return "not Linux";
  if (process.getuid?.() !== 0 || !fs.existsSync("/dev/fuse")) return "only root can mount, and /dev/fuse is needed";
  const missing = ["mkfs.exfat", "mount.exfat-fuse", "losetup"].find((name) => spawnSync(name, ["-V"]).error);
  if (missing !== undefined) return `there is no ${missing}`;
  return spawnSync("losetup", ["-f"]).status === 0 ? undefined : "there is no loop device";
}

/** A mount until the end of the scope. */
export class Exfat implements Disposable {
  readonly #folder: TemporaryFolder = new TemporaryFolder("/tmp");
  readonly #device: string;
  /** Where it is mounted. */
  readonly path: string;

  constructor() {
    const image = this.#folder.at("image");
    fs.writeFileSync(image, "");
    fs.truncateSync(image, IMAGE_BYTES);
    must("mkfs.exfat", image);
    this.path = this.#folder.at("mount");
    fs.mkdirSync(this.path);
    this.#device = must("losetup", "-f", "--show", image).trim();
    must("mount.exfat-fuse", this.#device, this.path);
  }

  /** The path of a name in it. */
  at(name: string): string {
    return `${this.path}/${name}`;
  }

  [Symbol.dispose](): void {
    spawnSync("umount", [this.path]);
    spawnSync("losetup", ["-d", this.#device]);
    this.#folder[Symbol.dispose]();
  }
}
