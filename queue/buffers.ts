/**
 * Where programs get pool buffers from: memory that requests use without copying.
 *
 * @module
 */

import { PoolBuffer } from "../engine/pool_buffer.ts";
import { BLOCK_BYTES_MAX, takeBlock } from "../ffi/memory.ts";
import { checkInteger } from "./check.ts";

/**
 * Where pool buffers come from; the memory is the process's, shared by all queues of a thread.
 *
 * @example
 * ```ts
 * import { AioQueue } from "@posix/aio";
 * import type { BufferPool } from "@posix/aio";
 * import { closeSync, openSync } from "node:fs";
 *
 * await using queue = new AioQueue();
 * const fd = openSync("README.md", "r");
 * const pool: BufferPool = queue.buffers;
 * {
 *   using buffer = pool.take(4096);
 *   console.log((await queue.read(fd, { buffer: buffer.bytes })).bytes); // 4096
 * }
 * closeSync(fd);
 * ```
 */
export class BufferPool {
  /**
   * Takes a buffer.
   *
   * @param bytes Its size, 1 byte to 2 GiB; the memory behind it is the next power of two from 4096.
   * @returns The buffer; its content is undefined.
   * @throws {RangeError} If the size is out of range.
   * @throws {AioError} ENOMEM if the system has no memory.
   */
  take(bytes: number): PoolBuffer {
    checkInteger("bytes", bytes, 1, BLOCK_BYTES_MAX);
    return new PoolBuffer(takeBlock(bytes), bytes);
  }
}
