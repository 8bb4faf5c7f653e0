/**
 * What programs get back from a queue: the public result and completion types.
 *
 * @module
 */

import type { RequestOp } from "../engine/request_op.ts";
import type { AioError } from "../ffi/errno.ts";

/**
 * What a read or write moved.
 *
 * @example
 * ```ts
 * import { AioQueue } from "@posix/aio";
 * import type { AioResult } from "@posix/aio";
 * import { closeSync, openSync } from "node:fs";
 *
 * await using queue = new AioQueue();
 * const fd = openSync("README.md", "r");
 * const { bytes, buffer }: AioResult = await queue.read(fd, { length: 12 });
 * console.log(bytes, buffer.length); // 12 12
 * closeSync(fd);
 * ```
 */
export interface AioResult<Buffer = Uint8Array> {
  /** Bytes moved; fewer than asked at the end of a file, on pipes, and when a disk is full. */
  readonly bytes: number;
  /**
   * The buffer of the request (as a `Uint8Array` of the same memory, where it was something else), or for a read without
   * one the fresh bytes, exactly as many as were read.
   */
  readonly buffer: Buffer;
}

/**
 * What a read or write of several arrays moved.
 *
 * @example
 * ```ts
 * import { AioQueue } from "@posix/aio";
 * import type { AioVectorResult } from "@posix/aio";
 * import { closeSync, openSync } from "node:fs";
 *
 * await using queue = new AioQueue();
 * const fd = openSync("README.md", "r");
 * const result: AioVectorResult = await queue.readv(fd, [new Uint8Array(2), new Uint8Array(10)]);
 * console.log(result.bytes, result.buffer.length); // 12 2
 * closeSync(fd);
 * ```
 */
export type AioVectorResult = AioResult<readonly Uint8Array[]>;

/**
 * How a request ended.
 *
 * @example
 * ```ts
 * import { AioQueue } from "@posix/aio";
 * import type { Completion } from "@posix/aio";
 * import { closeSync, openSync } from "node:fs";
 *
 * await using queue = new AioQueue();
 * const fd = openSync("README.md", "r");
 * const told = ({ op, bytes, error }: Completion) => console.log(op, bytes, error);
 * for await (const completion of queue.run([{ op: "read", fd, length: 12 }])) told(completion);
 * closeSync(fd);
 * ```
 */
export interface Completion<Tag = unknown> {
  /** The request's tag. */
  readonly tag: Tag;
  /** What it did. */
  readonly op: RequestOp;
  /** Its descriptor. */
  readonly fd: number;
  /** Its offset in bytes, as it was asked for; -1 if that was `null`, for the file's own position. */
  readonly offset: number;
  /** Bytes moved; with an error those that had moved before it. */
  readonly bytes: number;
  /** The request's buffer, or the fresh bytes of a read without one; `null` for a sync or after an error without one. */
  readonly buffer: Uint8Array | null;
  /** The parts of a `readv` or `writev`, else `null`. */
  readonly buffers: readonly Uint8Array[] | null;
  /**
   * Why it failed, or `undefined`. After an abort the signal's reason; an `AioError` named `AbortError` with it as its
   * cause, if that is no `Error`.
   */
  readonly error: AioError | Error | undefined;
}
