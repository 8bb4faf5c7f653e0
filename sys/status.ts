/**
 * The functions that ask about requests and end them: `aio_error`, `aio_return`, `aio_cancel`.
 *
 * @module
 */

import { door } from "../ffi/door.ts";
import { AioError } from "../ffi/errno.ts";
import { libc } from "../ffi/libc.ts";
import { platform } from "../structs/platform.ts";
import { partsOf } from "./aiocb.ts";
import type { Aiocb } from "./aiocb.ts";
import { checkInt } from "./arguments.ts";
import { describe, end, refresh } from "./control.ts";

/**
 * Tells how a request stands: `int aio_error(const struct aiocb *aiocbp)`.
 *
 * Source: aio_error(3).
 *
 * @example
 * ```ts
 * import { aio_error, Aiocb } from "@posix/aio/sys";
 *
 * using cb = new Aiocb();
 * console.log(aio_error(cb)); // 0: glibc's answer for a block that was never submitted
 * ```
 *
 * @param cb The request.
 * @returns 0 if it succeeded, `EINPROGRESS` while it is in flight, else its error number (`ECANCELED` if it was
 * cancelled). glibc gives 0 for a block that was never submitted.
 * @throws {TypeError} If `cb` is no usable control block.
 */
export function aio_error(cb: Aiocb): number {
  const { control } = partsOf(cb, "aio_error");
  const errno = libc().call.aio_error(control.slot.pointer);
  if (control.state === "in flight" && errno !== platform().errno.EINPROGRESS) end(control, "ended");
  return errno;
}

/**
 * Gives the result of a request that has ended: `ssize_t aio_return(struct aiocb *aiocbp)`.
 *
 * glibc gives the same value when it is asked again.
 *
 * Source: aio_return(3).
 *
 * @example
 * ```ts
 * import { aio_return, Aiocb } from "@posix/aio/sys";
 *
 * using cb = new Aiocb();
 * console.log(aio_return(cb)); // 0: glibc's answer for a block that was never submitted
 * ```
 *
 * @param cb The request.
 * @returns The number of bytes read or written; 0 for a sync, and for a read at the end of the file.
 * @throws {AioError} The request's own error, where C gives -1 (its `syscall` is the request's); EINPROGRESS while the
 * request is in flight, where glibc would give a 0 that means nothing.
 * @throws {TypeError} If `cb` is no usable control block.
 */
export function aio_return(cb: Aiocb): number {
  const { control } = partsOf(cb, "aio_return");
  if (refresh(control) === "in flight") throw new AioError("aio_return", "EINPROGRESS", describe(control));
  const { pointer } = control.slot;
  const errno = libc().call.aio_error(pointer);
  const result = libc().call.aio_return(pointer);
  if (result === -1) throw new AioError(control.syscall, errno, describe(control));
  return result;
}

/**
 * Cancels requests: `int aio_cancel(int fd, struct aiocb *aiocbp)`.
 *
 * glibc can cancel what it has not started. A cancelled request ends with `ECANCELED`, and is told of as any other end.
 *
 * Source: aio_cancel(3).
 *
 * @example
 * ```ts
 * import { AIO_ALLDONE, aio_cancel } from "@posix/aio/sys";
 * import { closeSync, openSync } from "node:fs";
 *
 * const fd = openSync("deno.json", "r");
 * console.log(aio_cancel(fd, null) === AIO_ALLDONE); // true: there is nothing to cancel
 * closeSync(fd);
 * ```
 *
 * @param fd The descriptor.
 * @param cb The request; `null` for all of the descriptor.
 * @returns `AIO_CANCELED` if what was asked for is cancelled; `AIO_NOTCANCELED` if at least one goes on (others may be
 * cancelled: ask `aio_error()`); `AIO_ALLDONE` if there was nothing to cancel.
 * @throws {AioError} EBADF if the descriptor is not open; EINVAL if the request is one of another descriptor.
 * @throws {RangeError} If `fd` is no C `int`.
 * @throws {TypeError} If `fd` is no number, or `cb` neither `null` nor a usable control block.
 */
export function aio_cancel(fd: number, cb: Aiocb | null): number {
  checkInt(fd, "fd", "aio_cancel");
  let pointer = door().pointer(0);
  if (cb !== null) {
    const { control, members } = partsOf(cb, "aio_cancel");
    if (refresh(control) !== "in flight") control.slot.view.aio_fildes = members.aio_fildes;
    pointer = control.slot.pointer;
  }
  const result = libc().call.aio_cancel(fd, pointer);
  if (result !== -1) return result;
  const what = cb === null ? "all requests" : `a request of descriptor ${cb.aio_fildes}`;
  throw new AioError("aio_cancel", libc().errno(), `cancel ${what} on descriptor ${fd}`);
}
