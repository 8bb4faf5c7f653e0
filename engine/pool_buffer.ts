/**
 * Pool buffers: memory that libc may use directly, so that requests with it copy nothing.
 *
 * Each is aligned to a page (right for O_DIRECT) and has an `ArrayBuffer` of its own. Giving one back detaches that
 * `ArrayBuffer`: a view used afterwards is empty instead of showing somebody else's bytes. The memory itself goes back
 * to the pool when the last request that uses it has ended.
 *
 * @module
 */

import { door } from "../ffi/door.ts";
import { AioError } from "../ffi/errno.ts";
import { tellForgotten } from "../ffi/forgotten.ts";
import { giveBlock } from "../ffi/memory.ts";
import type { Block } from "../ffi/memory.ts";

const owners = new WeakMap<ArrayBufferLike, PoolBuffer>();

/** Buffers that were not given back. A script may have transferred the memory away and use it still, so it stays. */
const forgotten = new FinalizationRegistry<null>(() =>
  tellForgotten(
    "A pool buffer was not given back and has been collected: its memory stays reserved. " +
      "Take it with `using`, or call its release()",
  )
);

/** Bytes of a pool buffer that libc still has, although the request's caller was told that it is over. */
export interface Orphan {
  readonly from: number;
  readonly to: number;
}

/** Set inside this module only: the number of requests in flight with a buffer. */
let use: (buffer: PoolBuffer, change: 1 | -1) => void;
/** Set inside this module only: what libc has of it although nobody waits for that. */
let orphansOf: (buffer: PoolBuffer) => Set<Orphan>;
/** Set inside this module only: the address of a buffer's first byte. */
let addressOf: (buffer: PoolBuffer) => number;

/**
 * A buffer in memory that libc may use directly.
 *
 * @example Read without copying
 * ```ts
 * import { AioQueue } from "@posix/aio";
 * import type { PoolBuffer } from "@posix/aio";
 * import { closeSync, openSync } from "node:fs";
 *
 * await using queue = new AioQueue();
 * const fd = openSync("README.md", "r");
 * const buffer: PoolBuffer = queue.buffers.take(64 * 1024);
 * const { bytes } = await queue.read(fd, { buffer: buffer.bytes.subarray(0, 12) });
 * console.log(new TextDecoder().decode(buffer.bytes.subarray(0, bytes))); // # @posix/aio
 * buffer.release();
 * closeSync(fd);
 * ```
 */
export class PoolBuffer {
  /** The buffer's bytes; any views of its `ArrayBuffer` may be used in requests. Empty once it was given back. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #block: Block;
  #inFlight = 0;
  readonly #orphans = new Set<Orphan>();
  #waiting: (() => void)[] = [];
  /** Given back by its owner, with its memory still the pool's. */
  #returning = false;

  static {
    addressOf = (buffer) => buffer.#block.address;
    orphansOf = (buffer) => buffer.#orphans;
    use = (buffer, change) => {
      buffer.#inFlight += change;
      if (buffer.#inFlight > 0) return;
      if (buffer.#returning) giveBlock(buffer.#block);
      for (const resolve of buffer.#waiting.splice(0)) resolve();
    };
  }

  /** Not for callers: `BufferPool.take()` makes them. */
  constructor(block: Block, bytes: number) {
    this.#block = block;
    this.bytes = new Uint8Array(door().view(block.address, bytes));
    owners.set(this.bytes.buffer, this);
    forgotten.register(this, null, this);
  }

  /**
   * Whether the system may still read or write it: requests are under way, or were aborted and have not ended. Bytes of an
   * aborted request cannot be used in another one (`EBUSY`) until then.
   */
  get busy(): boolean {
    return this.#inFlight > 0;
  }

  /**
   * Waits until the system has let go of it.
   *
   * @returns Kept when {@linkcode busy} is false; of a silent pipe that may be never.
   */
  idle(): Promise<void> {
    if (this.#inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Gives the buffer back; every view of it is empty from now on. Doing it twice changes nothing. */
  release(): void {
    const { buffer } = this.bytes;
    forgotten.unregister(this);
    // given back before, or transferred elsewhere by a script that may go on using the memory: then it is lost
    if (buffer.byteLength === 0) return;
    buffer.transfer(0);
    this.#returning = true;
    if (this.#inFlight === 0) giveBlock(this.#block);
  }

  /** Gives the buffer back, for `using`. */
  [Symbol.dispose](): void {
    this.release();
  }
}

/**
 * The pool buffer to which an array belongs.
 *
 * @param array An array that is not detached.
 * @returns Its pool buffer, or `undefined` for a caller's own array.
 */
export function poolBufferOf(array: Uint8Array): PoolBuffer | undefined {
  return owners.get(array.buffer);
}

/**
 * Lends an array of a pool buffer to libc.
 *
 * @param owner The pool buffer.
 * @param array The array.
 * @returns The address of the array's first byte.
 * @throws {AioError} EBUSY if an aborted request still has some of it.
 */
export function lend(owner: PoolBuffer, array: Uint8Array): number {
  const orphans = orphansOf(owner);
  if (orphans.size > 0) refuseOverlap(orphans, array);
  use(owner, 1);
  return addressOf(owner) + array.byteOffset;
}

function refuseOverlap(orphans: ReadonlySet<Orphan>, { byteOffset, length }: Uint8Array): void {
  for (const { from, to } of orphans) {
    if (byteOffset >= to || from >= byteOffset + length) continue;
    const what = `use bytes ${byteOffset} to ${
      byteOffset + length
    } of a pool buffer: a request that was aborted still has`;
    throw new AioError("lend", "EBUSY", `${what} bytes ${from} to ${to}; take another buffer, or await its idle()`);
  }
}

/**
 * Remembers what libc has of a buffer although its request is over for the caller.
 *
 * @param owner The pool buffer.
 * @param array The array that was lent.
 * @returns To be handed to {@linkcode forgetOrphan} when libc is done with it.
 */
export function addOrphan(owner: PoolBuffer, array: Uint8Array): Orphan {
  const orphan = { from: array.byteOffset, to: array.byteOffset + array.length };
  orphansOf(owner).add(orphan);
  return orphan;
}

/**
 * Forgets what libc had.
 *
 * @param owner The pool buffer.
 * @param orphan What libc had of it.
 */
export function forgetOrphan(owner: PoolBuffer, orphan: Orphan): void {
  orphansOf(owner).delete(orphan);
}

/**
 * Says that libc is done with what was lent.
 *
 * @param owner The pool buffer.
 */
export function returnLent(owner: PoolBuffer): void {
  use(owner, -1);
}
