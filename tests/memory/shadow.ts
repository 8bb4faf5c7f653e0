/**
 * A file and the array that it has to equal.
 *
 * Each request borrows ranges of the file that no other request has meanwhile, so that its outcome is known: what was read
 * is what the array holds, and what a request that was cut short has left is, byte for byte, old or new.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import fs from "node:fs";
import type { Random } from "./random.ts";

/** The file is lent in pieces of so many bytes. */
export const RANGE_BYTES = 4096;

/** A stretch of the file that one request has. */
export interface Loan {
  readonly offset: number;
  readonly bytes: number;
  readonly first: number;
  readonly count: number;
}

/** A file and its model. */
export class Shadow {
  readonly path: string;
  readonly #bytes: Uint8Array;
  readonly #lent: Uint8Array;
  readonly #fd: number;

  constructor(path: string, ranges: number, random: Random) {
    this.path = path;
    this.#bytes = new Uint8Array(ranges * RANGE_BYTES);
    this.#lent = new Uint8Array(ranges);
    random.fill(this.#bytes);
    fs.writeFileSync(path, this.#bytes);
    this.#fd = fs.openSync(path, "r+");
  }

  /** Lends a random stretch, or nothing if it is taken. */
  borrow(random: Random, ranges: number): Loan | undefined {
    const first = random.below(this.#lent.length - ranges + 1);
    if (this.#lent.subarray(first, first + ranges).includes(1)) return undefined;
    this.#lent.fill(1, first, first + ranges);
    const skip = random.below(RANGE_BYTES);
    const bytes = 1 + random.below(ranges * RANGE_BYTES - skip);
    return { offset: first * RANGE_BYTES + skip, bytes, first, count: ranges };
  }

  /** Takes a stretch back. */
  giveBack({ first, count }: Loan): void {
    this.#lent.fill(0, first, first + count);
  }

  /** Throws unless bytes are those of a place. */
  check(offset: number, found: Uint8Array, what: string): void {
    const expected = this.#bytes.subarray(offset, offset + found.length);
    if (Buffer.compare(found, expected) === 0) return;
    const index = found.findIndex((byte, at) => byte !== expected[at]);
    throw new Error(`${what}: byte ${offset + index} is ${found[index]}, not ${expected[index]}`);
  }

  /** Says what was written. */
  wrote(offset: number, bytes: Uint8Array): void {
    this.#bytes.set(bytes, offset);
  }

  /** Looks at what a write that failed or was cut short has left. */
  settle(offset: number, bytes: Uint8Array, what: string): void {
    const found = new Uint8Array(bytes.length);
    fs.readSync(this.#fd, found, 0, bytes.length, offset);
    for (let index = 0; index < found.length; index++) {
      const old = this.#bytes[offset + index];
      if (found[index] === old || found[index] === bytes[index]) continue;
      throw new Error(`${what}: byte ${offset + index} is ${found[index]}, neither ${old} nor ${bytes[index]}`);
    }
    this.wrote(offset, found);
  }

  /** Compares the whole file. */
  checkAll(): void {
    this.check(0, fs.readFileSync(this.path), "the whole file");
  }
}
