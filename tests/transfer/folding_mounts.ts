/**
 * Mounts that take `x` and `X` for one name: a real exFAT, by the FUSE program of Debian's exfat-fuse, without hard links,
 * owners and modes; and an ext4 with case folding, where the kernel has it.
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

/** Why there can be no ext4 with case folding; `undefined` if there can. */
export function whyNoCasefold(): string | undefined {
  if (process.platform !== "linux") return "not Linux";
  if (process.getuid?.() !== 0) return "only root can mount";
  if (spawnSync("losetup", ["-f"]).status !== 0) return "there is no loop device";
  try {
    new Casefold()[Symbol.dispose]();
    return undefined;
  } catch {
    return "this kernel mounts no ext4 with case folding (CONFIG_UNICODE)";
  }
}

/** An ext4 whose root folds names, until the end of the scope. */
export class Casefold implements Disposable {
  readonly #folder: TemporaryFolder = new TemporaryFolder("/tmp");
  readonly path: string;

  constructor() {
    const image = this.#folder.at("image");
    fs.writeFileSync(image, "");
    fs.truncateSync(image, IMAGE_BYTES);
    fs.mkdirSync(this.#folder.at("mount"));
    this.path = this.#folder.at("mount/folds");
    try {
      must("mkfs.ext4", "-q", "-O", "casefold", image);
      must("mount", "-o", "loop", image, this.#folder.at("mount"));
      fs.mkdirSync(this.path);
      must("chattr", "+F", this.path);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  at(name: string): string {
    return `${this.path}/${name}`;
  }

  [Symbol.dispose](): void {
    spawnSync("umount", [this.#folder.at("mount")]);
    this.#folder[Symbol.dispose]();
  }
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
