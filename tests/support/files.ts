/**
 * Temporary folders, files with known content, and FIFOs that clean up after themselves with `using`.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

/** A folder that is removed at the end of its block. */
export class TemporaryFolder implements Disposable {
  readonly path: string;
  readonly #open: number[] = [];

  constructor(parent: string = os.tmpdir()) {
    this.path = fs.mkdtempSync(path.join(parent, "posix-aio-test-"));
  }

  /** The path of a name in the folder. */
  at(name: string): string {
    return path.join(this.path, name);
  }

  /** Writes a file and gives its path. */
  write(name: string, content: Uint8Array | string): string {
    fs.writeFileSync(this.at(name), content);
    return this.at(name);
  }

  /** Makes a FIFO and gives its path. */
  fifo(name: string): string {
    const made = spawnSync("mkfifo", [this.at(name)]);
    if (made.status !== 0) throw new Error(`mkfifo failed: ${made.stderr}`);
    return this.at(name);
  }

  /** Opens a file that is closed with the folder. */
  open(name: string, flags: string | number = "r"): number {
    const fd = fs.openSync(this.at(name), flags);
    this.#open.push(fd);
    return fd;
  }

  /** Closes a descriptor that {@linkcode open} gave, now. */
  close(fd: number): void {
    this.#open.splice(this.#open.indexOf(fd), 1);
    fs.closeSync(fd);
  }

  [Symbol.dispose](): void {
    for (const fd of this.#open) fs.closeSync(fd);
    fs.rmSync(this.path, { recursive: true, force: true });
  }
}

/** Bytes in which every aligned 8-byte word holds its own offset, so that a block shows where it came from. */
export function knownBytes(bytes: number, from: number = 0): Uint8Array<ArrayBuffer> {
  const words = new Float64Array(Math.ceil(bytes / 8));
  for (let index = 0; index < words.length; index++) words[index] = from + index * 8 + 0.5;
  return new Uint8Array(words.buffer, 0, bytes);
}
