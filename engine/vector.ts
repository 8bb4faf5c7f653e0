/**
 * The parts of a vectored request where the system takes several at once: parts in pool buffers go to libc as they are,
 * a caller's own arrays through a block of the pool.
 *
 * A request with much in own arrays goes in pieces, each of which brings at most one block of them.
 *
 * @module
 */

import { libc } from "../ffi/libc.ts";
import { giveBlock, takeBlock } from "../ffi/memory.ts";
import type { Block } from "../ffi/memory.ts";
import { platform } from "../structs/platform.ts";
import { setLong } from "./backends/blocks.ts";
import { addOrphan, forgetOrphan, lend, poolBufferOf, returnLent } from "./pool_buffer.ts";
import type { Orphan, PoolBuffer } from "./pool_buffer.ts";

/** One of the caller's parts. */
interface Part {
  readonly array: Uint8Array;
  /** Its length when the request was made. */
  readonly length: number;
  /** The pool buffer that it lies in, and where. */
  readonly lender: PoolBuffer | undefined;
  readonly address: number;
}

/** A stretch of an own array, and its copy. */
interface Copy {
  readonly array: Uint8Array;
  readonly from: number;
  readonly bytes: number;
  /** Where in the block. */
  readonly staged: number;
  /** Where in the piece. */
  readonly at: number;
}

/** What libc gets for one piece. */
export interface VectorPiece {
  /** The address of the `struct iovec`s. */
  readonly address: number;
  /** How many there are. */
  readonly count: number;
  /** How long they are together. */
  readonly bytes: number;
}

/** The parts of one request. */
export class Vector {
  readonly #parts: readonly Part[];
  readonly #stagingBytes: number;
  readonly #iovecs: Block;
  #staging: Block | undefined;
  #copies: Copy[] = [];
  readonly #orphans: [PoolBuffer, Orphan][] = [];

  /**
   * Takes the parts if any of them can go to libc as it is.
   *
   * @param arrays The caller's arrays.
   * @param length Their whole length in bytes.
   * @param stagingMax Most bytes of own arrays that are copied at once.
   * @returns The parts, or `null` if they had better be copied as one.
   */
  static of(arrays: readonly Uint8Array[], length: number, stagingMax: number): Vector | null {
    if (!platform().behaviour.vectored || length === 0 || !libc().has("aio_readv")) return null;
    return arrays.some((array) => array.length > 0 && poolBufferOf(array) !== undefined)
      ? new Vector(arrays, stagingMax)
      : null;
  }

  /** Lends what lies in pool buffers; {@linkcode free} returns it. */
  constructor(arrays: readonly Uint8Array[], stagingMax: number) {
    let own = 0;
    const parts: Part[] = this.#parts = [];
    try {
      for (const array of arrays) {
        const lender = poolBufferOf(array);
        if (lender === undefined) own += array.length;
        const address = lender === undefined ? 0 : lend(lender, array);
        parts.push({ array, length: array.length, lender, address });
      }
    } catch (error) {
      for (const { lender } of parts) if (lender !== undefined) returnLent(lender);
      throw error;
    }
    this.#stagingBytes = Math.min(own, stagingMax);
    this.#iovecs = takeBlock(arrays.length * platform().structs.iovec.size);
  }

  /**
   * Makes the next piece ready.
   *
   * @param moved How many bytes have been moved.
   * @param bytesMax Most bytes of a piece.
   * @param writes Whether the bytes of own arrays are needed.
   * @returns The piece, or `undefined` if an array was detached or resized meanwhile.
   */
  prepare(moved: number, bytesMax: number, writes: boolean): VectorPiece | undefined {
    const words = new Int32Array(this.#iovecs.array.buffer);
    this.#copies = [];
    let [count, bytes, staged, begin] = [0, 0, 0, 0];
    for (const part of this.#parts) {
      const from = Math.max(0, moved - begin);
      begin += part.length;
      if (from >= part.length) continue;
      let most = Math.min(part.length - from, bytesMax - bytes);
      if (part.lender === undefined) {
        if (part.array.length !== part.length) return undefined;
        most = Math.min(most, this.#stagingBytes - staged);
      }
      if (most === 0) break;
      let address = part.address + from;
      if (part.lender === undefined) {
        const copy = { array: part.array, from, bytes: most, staged, at: bytes };
        address = this.#stage(copy, writes);
        staged += most;
      }
      setLong(words, count * 4, address);
      setLong(words, count * 4 + 2, most);
      count++;
      bytes += most;
      if (from + most < part.length) break;
    }
    return { address: this.#iovecs.address, count, bytes };
  }

  /**
   * Gives own arrays what a read brought them.
   *
   * @param bytes How many bytes of the piece were moved.
   * @returns Whether all arrays were still there.
   */
  accept(bytes: number): boolean {
    for (const { array, from, bytes: length, staged, at } of this.#copies) {
      const arrived = Math.min(length, bytes - at);
      if (arrived <= 0) break;
      if (array.length < from + length) return false;
      array.set(this.#staging!.array.subarray(staged, staged + arrived), from);
    }
    return true;
  }

  /** The request is over for its caller while libc still has the parts. */
  orphan(): void {
    for (const { lender, array } of this.#parts) {
      if (lender !== undefined) this.#orphans.push([lender, addOrphan(lender, array)]);
    }
  }

  /** Gives the memory back; libc must be done with it. */
  free(): void {
    for (const [lender, orphan] of this.#orphans) forgetOrphan(lender, orphan);
    for (const { lender } of this.#parts) if (lender !== undefined) returnLent(lender);
    giveBlock(this.#iovecs);
    if (this.#staging !== undefined) giveBlock(this.#staging);
  }

  /** The address for a stretch of an own array. */
  #stage(copy: Copy, writes: boolean): number {
    const staging = this.#staging ??= takeBlock(this.#stagingBytes);
    this.#copies.push(copy);
    if (writes) staging.array.set(copy.array.subarray(copy.from, copy.from + copy.bytes), copy.staged);
    return staging.address + copy.staged;
  }
}
