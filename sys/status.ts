/**
 * The functions that ask about requests and end them: `aio_error`, `aio_return`, `aio_cancel`.
 *
 * @module
 */

import { door } from "../ffi/door.ts";
import { AioError } from "../ffi/errno.ts";
import { heldByOthers } from "../ffi/holders.ts";
import { libc } from "../ffi/libc.ts";
import { platform } from "../structs/platform.ts";
import { partsOf } from "./aiocb.ts";
import type { Aiocb } from "./aiocb.ts";
import { checkInt } from "./arguments.ts";
import { end, holder, inFlightOn, refresh } from "./control.ts";
import type { Control } from "./control.ts";
import { describe } from "./describe.ts";

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
 * console.log(aio_error(cb)); // glibc's answer for a block that was never submitted: 0
 * ```
 *
 * @param cb The request.
 * @returns 0 if it succeeded, `EINPROGRESS` while it is in flight, else its error number (`ECANCELED` if it was
 * cancelled). For a block that was never submitted, and for one whose result was taken, glibc gives 0, FreeBSD `EINVAL`.
 * @throws {AioError} EINVAL for such a block on macOS.
 * @throws {TypeError} If `cb` is no usable control block.
 */
export function aio_error(cb: Aiocb): number {
  const { control } = partsOf(cb, "aio_error");
  const errno = libc().call.aio_error(control.slot.pointer);
  if (errno === -1) throw new AioError("aio_error", libc().errno(), "no request with this control block is known");
  if (control.state === "in flight" && errno !== platform().errno.EINPROGRESS) end(control, "ended");
  return errno;
}

/**
 * Gives the result of a request that has ended: `ssize_t aio_return(struct aiocb *aiocbp)`.
 *
 * glibc gives the same value when it is asked again. FreeBSD and macOS forget the request: there it must be asked about
 * each request, and once only, because until then the request counts against their limits and holds the file open.
 *
 * Source: aio_return(3).
 *
 * @example
 * ```ts
 * import { aio_return, Aiocb } from "@posix/aio/sys";
 *
 * using cb = new Aiocb();
 * try {
 *   console.log(aio_return(cb)); // glibc's answer for a block that was never submitted: 0
 * } catch (error) {
 *   console.log(error); // FreeBSD's: EINVAL
 * }
 * ```
 *
 * @param cb The request.
 * @returns The number of bytes read or written; 0 for a sync, and for a read at the end of the file.
 * @throws {AioError} The request's own error, where C gives -1 (its `syscall` is the request's); EINPROGRESS while the
 * request is in flight, where glibc would give a 0 that means nothing, EINVAL on FreeBSD; EINVAL on FreeBSD and macOS for a
 * block whose result was taken, or that was never submitted.
 * @throws {TypeError} If `cb` is no usable control block.
 */
export function aio_return(cb: Aiocb): number {
  const { control } = partsOf(cb, "aio_return");
  const { mustReap, returnInFlight } = platform().behaviour;
  if (refresh(control) === "in flight") {
    throw new AioError("aio_return", returnInFlight, `it is in flight: ${describe(control)}`);
  }
  const { pointer } = control.slot;
  if (mustReap && control.state === "idle") return refuseReturn(control);
  const error = libc().call.aio_error(pointer); // macOS gives 0 as the result of what failed
  const result = libc().call.aio_return(pointer);
  const text = describe(control);
  if (mustReap) end(control, "idle");
  if (result === -1 || (mustReap && error !== 0)) throw new AioError(control.syscall, error, text);
  return result;
}

/** The system's own words about a block that it does not know. */
function refuseReturn({ slot: { pointer } }: Control): number {
  const result = libc().call.aio_return(pointer);
  const errno = libc().errno();
  if (result !== -1) return result;
  throw new AioError(
    "aio_return",
    errno,
    "nothing was submitted with this control block, or its result was taken already",
  );
}

/**
 * Cancels requests: `int aio_cancel(int fd, struct aiocb *aiocbp)`.
 *
 * What no thread has begun can be cancelled, on FreeBSD and musl also what waits on a socket. A cancelled request ends with
 * `ECANCELED`, and is told of as any other end. musl would never return from cancelling an append or a sync that waits its
 * turn: there such requests are left alone. So is with glibc the oldest request of a descriptor that has more, since
 * glibc would never run those if no thread had begun it yet.
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
 * @throws {AioError} EBADF if the descriptor is not open; EINVAL if the request is one of another descriptor (FreeBSD
 * answers `AIO_ALLDONE`).
 * @throws {RangeError} If `fd` is no C `int`.
 * @throws {TypeError} If `fd` is no number, or `cb` neither `null` nor a usable control block.
 */
export function aio_cancel(fd: number, cb: Aiocb | null): number {
  checkInt(fd, "fd", "aio_cancel");
  let pointer = door().pointer(0);
  const control = cb === null ? null : partsOf(cb, "aio_cancel").control;
  if (!platform().behaviour.safeCancel && waitsItsTurn(fd, control)) return platform().constants.AIO_NOTCANCELED;
  if (control !== null && isNext(fd, control)) return platform().constants.AIO_NOTCANCELED;
  if (cb !== null && control !== null) {
    const { members } = partsOf(cb, "aio_cancel");
    if (refresh(control) !== "in flight") control.slot.view.aio_fildes = members.aio_fildes;
    pointer = control.slot.pointer;
  }
  const result = libc().call.aio_cancel(fd, pointer);
  if (result !== -1) return result;
  const what = cb === null ? "all requests" : `a request of descriptor ${cb.aio_fildes}`;
  throw new AioError("aio_cancel", libc().errno(), `cancel ${what} on descriptor ${fd}`);
}

/**
 * Whether glibc would run this request next and others of the descriptor after it. Cancelling it before a thread has
 * taken it would leave those others in progress for ever: its successor is marked as being on the list of what is to be
 * run, but is not put there [glibc rt/aio_misc.c:__aio_remove_request]. Where a queue has requests of the number too, or
 * another copy of this package, it may be so.
 */
function isNext(fd: number, control: Control): boolean {
  if (!platform().behaviour.serialPerDescriptor) return false;
  const all = inFlightOn(fd);
  return all.length > 1 && all[0] === control || all.includes(control) && heldByOthers(fd, holder);
}

const SEEK_CUR = 1;

/**
 * Whether a cancel could meet a request that musl keeps waiting for another: a sync, or a write to what appends or cannot
 * be positioned [musl src/aio/aio.c:io_thread_func].
 */
function waitsItsTurn(fd: number, only: Control | null): boolean {
  const { call } = libc();
  const flags = call.fcntl(fd, platform().constants.F_GETFL, 0);
  const inOrder = call.lseek(fd, 0, SEEK_CUR) < 0 || (flags & platform().constants.O_APPEND) !== 0;
  return inFlightOn(fd).some((control) => {
    if (only !== null && control !== only) return false;
    return control.syscall === "aio_fsync" || (inOrder && control.syscall !== "aio_read");
  });
}
