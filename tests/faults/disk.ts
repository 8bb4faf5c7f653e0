/**
 * Small disks of their own, to be filled and to be broken: an ext4 in a file on a tmpfs, mounted through a loop device.
 * What the tmpfs has no room for, and what is cut off the file, the disk cannot write or read.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import process from "node:process";
import { TemporaryFolder } from "../support/files.ts";
import { itUnless } from "../support/platform.ts";

interface DiskSizes {
  readonly mebibytes: number;
  readonly room?: number;
  readonly blockBytes?: number;
}

/** A mounted disk, until the end of the scope. */
export class Disk implements Disposable {
  readonly #folder = new TemporaryFolder();
  readonly #image: string;
  /** Where it is mounted. */
  readonly path: string;

  /**
   * Mounts a disk.
   *
   * @param sizes Of the disk, of what really is there for it, and of a block of its file system.
   */
  constructor({ mebibytes, room = mebibytes + 4, blockBytes }: DiskSizes) {
    const tmpfs = this.#folder.at("tmpfs");
    this.path = this.#folder.at("disk");
    this.#image = `${tmpfs}/image`;
    fs.mkdirSync(tmpfs);
    fs.mkdirSync(this.path);
    run("mount", "-t", "tmpfs", "-o", `size=${room}m`, "none", tmpfs);
    try {
      fs.writeFileSync(this.#image, "");
      fs.truncateSync(this.#image, mebibytes << 20);
      const blocks = blockBytes === undefined ? [] : ["-b", String(blockBytes)];
      run("mkfs.ext4", "-q", "-O", "^has_journal", ...blocks, this.#image);
      this.#mount();
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** The path of a name on the disk. */
  at(name: string): string {
    return `${this.path}/${name}`;
  }

  /** Forgets what is in memory, and loses what lies beyond so many MiB. */
  breakAt(mebibytes: number): void {
    run("umount", this.path);
    this.#mount();
    fs.truncateSync(this.#image, mebibytes << 20);
  }

  /** Gives it the room that it said it had. */
  mend(mebibytes: number): void {
    run("mount", "-o", `remount,size=${mebibytes}m`, this.#folder.at("tmpfs"));
  }

  #mount(): void {
    run("mount", "-o", "loop", this.#image, this.path);
  }

  [Symbol.dispose](): void {
    for (const path of [this.path, this.#folder.at("tmpfs")]) spawnSync("umount", [path]);
    this.#folder[Symbol.dispose]();
  }
}

function run(command: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw error ?? new Error(`${command}: ${stderr}`);
}

function whyNoDisks(): string | undefined {
  if (process.platform !== "linux") return "not Linux";
  try {
    using _disk = new Disk({ mebibytes: 4 });
    return undefined;
  } catch {
    return "no right to mount a disk, or no mkfs.ext4";
  }
}

let known: { readonly reason: string | undefined } | undefined;

/** A test that needs disks. */
export function itWithDisks(name: string, body: () => Promise<void>): void {
  known ??= { reason: whyNoDisks() };
  itUnless(known.reason, name, body);
}
