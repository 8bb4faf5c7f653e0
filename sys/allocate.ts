/**
 * `allocate`: buffers in native memory, which no engine moves or frees.
 *
 * @module
 */

import { tellForgotten } from "../ffi/forgotten.ts";
import { BLOCK_BYTES_MAX, giveBlock, takeBlock } from "../ffi/memory.ts";
import { whenUnused } from "./control.ts";

/**
 * Bytes in native memory. Disposing of them gives the memory back, at the end of the last request that uses it.
 *
 * @example
 * ```ts
 * import { allocate } from "@posix/aio/sys";
 * import type { NativeBytes } from "@posix/aio/sys";
 *
 * const bytes: NativeBytes = allocate(4096);
 * bytes[Symbol.dispose]();
 * ```
 */
export type NativeBytes = Uint8Array<ArrayBuffer> & Disposable;

/** Memory that was not given back. A script may have transferred it away and use it still, so it stays. */
const forgotten = new FinalizationRegistry<null>(() =>
  tellForgotten(
    "Bytes from allocate() were not given back and have been collected: their memory stays reserved. " +
      "Allocate them with `using`, or call their [Symbol.dispose]()",
  )
);

/**
 * Allocates zeroed bytes in native memory, aligned to a page, right for `O_DIRECT`.
 *
 * Such memory stays where it is for the rest of the process's life: neither garbage collection nor `transfer()` nor the
 * end of a worker can take it away from libc. Given back (`using`, or a call of `[Symbol.dispose]()`), it is used again by
 * later allocations, so the array and all other views of it must not be touched any more. Never given back, it stays, and
 * a warning tells of it once.
 *
 * Source: posix_memalign(3) in C.
 *
 * @example
 * ```ts
 * import { allocate } from "@posix/aio/sys";
 *
 * using bytes = allocate(1000);
 * console.log(bytes.length, bytes[0]); // 1000 0
 * ```
 *
 * @param bytes How many bytes, 0 to 2147483648.
 * @returns The bytes.
 * @throws {RangeError} If `bytes` is no such number.
 * @throws {AioError} ENOMEM if the system has no memory.
 */
export function allocate(bytes: number): NativeBytes {
  if (!Number.isInteger(bytes) || bytes < 0 || bytes > BLOCK_BYTES_MAX) {
    throw new RangeError(`Cannot allocate ${bytes} bytes: expected an integer from 0 to ${BLOCK_BYTES_MAX}`);
  }
  const block = takeBlock(bytes);
  const array = new Uint8Array(block.array.buffer, 0, bytes).fill(0);
  forgotten.register(block.array.buffer, null, block);
  let given = false;
  const give = () => {
    if (given) return;
    given = true;
    forgotten.unregister(block);
    whenUnused(block.array.buffer, () => giveBlock(block));
  };
  return Object.defineProperty(array, Symbol.dispose, { value: give }) as NativeBytes;
}
