/**
 * The functions that hand libc one request: `aio_read`, `aio_write`, `aio_fsync`.
 *
 * @module
 */

import { libc } from "../ffi/libc.ts";
import { partsOf } from "./aiocb.ts";
import type { Aiocb } from "./aiocb.ts";
import { checkInt } from "./arguments.ts";
import { submitOne } from "./submission.ts";

/**
 * Queues a read: `int aio_read(struct aiocb *aiocbp)`.
 *
 * Source: aio_read(3).
 *
 * @example
 * ```ts
 * import { aio_read, aio_return, aio_suspend, Aiocb, allocate } from "@posix/aio/sys";
 * import { closeSync, openSync } from "node:fs";
 *
 * const fd = openSync("deno.json", "r");
 * using buffer = allocate(64);
 * using cb = new Aiocb({ aio_fildes: fd, aio_buf: buffer, aio_nbytes: 64 });
 * aio_read(cb);
 * aio_suspend([cb], null);
 * console.log(aio_return(cb)); // 64
 * closeSync(fd);
 * ```
 *
 * @param cb What to read, and where to. glibc tells about a bad descriptor or offset when the request has ended.
 * @returns 0 when the request is queued.
 * @throws {AioError} EAGAIN if libc has no memory or threads, or (FreeBSD) too many requests; EINVAL if `aio_reqprio` is not
 * 0 to 20 (glibc), or the offset is negative (FreeBSD); EBADF for a bad descriptor, EOPNOTSUPP for a kind of file that
 * FreeBSD takes no requests for (pipes: see the module's own page); EBUSY if the block is in flight; EFAULT if `aio_buf` is
 * `null`.
 * @throws {RangeError} If `aio_buf` is shorter than `aio_nbytes`.
 * @throws {TypeError} If `cb` is no usable control block or its buffer is detached.
 */
export function aio_read(cb: Aiocb): number {
  return submitOne("aio_read", partsOf(cb, "aio_read"), "buffer", (pointer) => libc().call.aio_read(pointer));
}

/**
 * Queues a write: `int aio_write(struct aiocb *aiocbp)`.
 *
 * Source: aio_write(3).
 *
 * @example
 * ```ts
 * import { aio_return, aio_suspend, aio_write, Aiocb } from "@posix/aio/sys";
 * import { closeSync, openSync, unlinkSync } from "node:fs";
 *
 * const fd = openSync("/tmp/aio_write_example", "w");
 * const aio_buf = new TextEncoder().encode("hello");
 * using cb = new Aiocb({ aio_fildes: fd, aio_buf, aio_nbytes: aio_buf.length });
 * aio_write(cb);
 * aio_suspend([cb], null);
 * console.log(aio_return(cb)); // 5
 * closeSync(fd);
 * unlinkSync("/tmp/aio_write_example");
 * ```
 *
 * @param cb What to write, and where to. glibc tells about a bad descriptor or offset when the request has ended.
 * @returns 0 when the request is queued.
 * @throws {AioError} EAGAIN if libc has no memory or threads, or (FreeBSD) too many requests; EINVAL if `aio_reqprio` is not
 * 0 to 20 (glibc), or the offset is negative (FreeBSD); EBADF for a bad descriptor, EOPNOTSUPP for a kind of file that
 * FreeBSD takes no requests for (pipes: see the module's own page); EBUSY if the block is in flight; EFAULT if `aio_buf` is
 * `null`.
 * @throws {RangeError} If `aio_buf` is shorter than `aio_nbytes`.
 * @throws {TypeError} If `cb` is no usable control block or its buffer is detached.
 */
export function aio_write(cb: Aiocb): number {
  return submitOne("aio_write", partsOf(cb, "aio_write"), "buffer", (pointer) => libc().call.aio_write(pointer));
}

/**
 * Queues a sync: `int aio_fsync(int op, struct aiocb *aiocbp)`.
 *
 * It waits for the requests that were queued before it on the same descriptor number. Of the block's members only
 * `aio_fildes` and `aio_sigevent` count.
 *
 * Source: aio_fsync(3).
 *
 * @example
 * ```ts
 * import { aio_fsync, aio_return, aio_suspend, Aiocb, O_DSYNC } from "@posix/aio/sys";
 * import { closeSync, openSync, unlinkSync } from "node:fs";
 *
 * const fd = openSync("/tmp/aio_fsync_example", "w");
 * using cb = new Aiocb({ aio_fildes: fd });
 * aio_fsync(O_DSYNC, cb);
 * aio_suspend([cb], null);
 * console.log(aio_return(cb)); // 0
 * closeSync(fd);
 * unlinkSync("/tmp/aio_fsync_example");
 * ```
 *
 * @param op `O_SYNC` for data and metadata, `O_DSYNC` for data.
 * @param cb Which descriptor, and how to tell.
 * @returns 0 when the request is queued.
 * @throws {AioError} EBADF if the descriptor is not open; EINVAL for another `op`; EAGAIN if libc has no memory or
 * threads; EBUSY if the block is in flight.
 * @throws {TypeError} If `cb` is no usable control block or `op` no number.
 */
export function aio_fsync(op: number, cb: Aiocb): number {
  checkInt(op, "op", "aio_fsync");
  return submitOne("aio_fsync", partsOf(cb, "aio_fsync"), "nothing", (pointer) => libc().call.aio_fsync(op, pointer));
}
