/**
 * FreeBSD's own functions: vectored requests, requests at the file's position, locking memory.
 *
 * Everywhere else, and in releases that lack them, they throw `ENOSYS` and name the nearest thing that works.
 *
 * @module
 */

import { AioError } from "../ffi/errno.ts";
import { libc } from "../ffi/libc.ts";
import { platform } from "../structs/platform.ts";
import { partsOf } from "./aiocb.ts";
import type { Aiocb } from "./aiocb.ts";
import { checkInt } from "./arguments.ts";
import { submitOne } from "./submission.ts";
import type { Span } from "./submission.ts";

/** In which release each function came [FreeBSD lib/libsys/Symbol.sys.map, lib/libc/gen/Symbol.map]. */
const SINCE: Readonly<Record<FreebsdFunction, string>> = {
  ...{ aio_readv: "13.0", aio_writev: "13.0", aio_read2: "14.1", aio_write2: "14.1" },
  ...{ aio_waitcomplete: "4.0", aio_mlock: "10.0", kqueue: "4.1", kevent: "4.1" },
};

/** FreeBSD's own functions. */
export type FreebsdFunction =
  | "aio_readv"
  | "aio_writev"
  | "aio_read2"
  | "aio_write2"
  | "aio_waitcomplete"
  | "aio_mlock"
  | "kqueue"
  | "kevent";

/**
 * Refuses a call of a function that the running system lacks.
 *
 * @param syscall The function.
 * @param instead The nearest thing that works elsewhere.
 * @throws {AioError} ENOSYS if it lacks it.
 */
export function requireFreebsd(syscall: FreebsdFunction, instead: string): void {
  const { behaviour, name } = platform();
  if (!behaviour.kqueue) {
    throw new AioError(syscall, "ENOSYS", `${name} has no ${syscall}(), only FreeBSD has: ${instead}`);
  }
  if (libc().has(syscall)) return;
  throw new AioError(
    syscall,
    "ENOSYS",
    `FreeBSD has ${syscall}() from release ${SINCE[syscall]} on, this one is older: ${instead}`,
  );
}

/** Where a function of several buffers is missing. */
const ONE_BY_ONE = {
  read: "submit one LIO_READ for each buffer by lio_listio()",
  write: "submit one LIO_WRITE for each buffer by lio_listio()",
};

/**
 * Queues a read into several buffers: `int aio_readv(struct aiocb *iocb)`.
 *
 * Source: FreeBSD aio_read(2).
 *
 * @example
 * ```ts
 * import { aio_readv, Aiocb, AioError } from "@posix/aio/sys";
 *
 * try {
 *   aio_readv(new Aiocb());
 * } catch (error) {
 *   if (!(error instanceof AioError)) throw error;
 *   console.log(error.code); // ENOSYS on Linux
 * }
 * ```
 *
 * @param cb What to read, and where to.
 * @returns 0 when the request is queued.
 * @throws {AioError} ENOSYS where there is no such function; EINVAL if there are no buffers or more than `IOV_MAX`, or the
 * offset is negative; EFAULT if `aio_iov` is `null`; EAGAIN if there are too many requests; EBADF for a bad descriptor;
 * EOPNOTSUPP for a kind of file that FreeBSD takes no requests for (pipes: see the module's own page); EBUSY if the block is
 * in flight.
 * @throws {RangeError} If `aio_iovcnt` is more than `aio_iov` has.
 * @throws {TypeError} If `cb` is no usable control block or a buffer is detached.
 */
export function aio_readv(cb: Aiocb): number {
  requireFreebsd("aio_readv", ONE_BY_ONE.read);
  return submitOne("aio_readv", partsOf(cb, "aio_readv"), "buffers", (pointer) => libc().call.aio_readv(pointer));
}

/**
 * Queues a write from several buffers: `int aio_writev(struct aiocb *iocb)`.
 *
 * Source: FreeBSD aio_write(2).
 *
 * @example
 * ```ts
 * import { aio_writev, Aiocb, AioError } from "@posix/aio/sys";
 *
 * try {
 *   aio_writev(new Aiocb());
 * } catch (error) {
 *   if (!(error instanceof AioError)) throw error;
 *   console.log(error.code); // ENOSYS on Linux
 * }
 * ```
 *
 * @param cb What to write, and where to.
 * @returns 0 when the request is queued.
 * @throws {AioError} ENOSYS where there is no such function; EINVAL if there are no buffers or more than `IOV_MAX`, or the
 * offset is negative; EFAULT if `aio_iov` is `null`; EAGAIN if there are too many requests; EBADF for a bad descriptor;
 * EOPNOTSUPP for a kind of file that FreeBSD takes no requests for (pipes: see the module's own page); EBUSY if the block is
 * in flight.
 * @throws {RangeError} If `aio_iovcnt` is more than `aio_iov` has.
 * @throws {TypeError} If `cb` is no usable control block or a buffer is detached.
 */
export function aio_writev(cb: Aiocb): number {
  requireFreebsd("aio_writev", ONE_BY_ONE.write);
  return submitOne("aio_writev", partsOf(cb, "aio_writev"), "buffers", (pointer) => libc().call.aio_writev(pointer));
}

/**
 * Queues a read, perhaps at the file's own position or into several buffers:
 * `int aio_read2(struct aiocb *iocb, int flags)`.
 *
 * Source: FreeBSD aio_read(2).
 *
 * @example
 * ```ts
 * import { AIO_OP2_FOFFSET, aio_read2, Aiocb, AioError } from "@posix/aio/sys";
 *
 * try {
 *   aio_read2(new Aiocb(), AIO_OP2_FOFFSET);
 * } catch (error) {
 *   if (!(error instanceof AioError)) throw error;
 *   console.log(error.code); // ENOSYS on Linux
 * }
 * ```
 *
 * @param cb What to read, and where to.
 * @param flags `AIO_OP2_FOFFSET`, `AIO_OP2_VECTORED`, both or 0.
 * @returns 0 when the request is queued.
 * @throws {AioError} ENOSYS where there is no such function; EINVAL for other flags; else as `aio_read()` and `aio_readv()`.
 * @throws {RangeError} If there is less memory than the block says.
 * @throws {TypeError} If `cb` is no usable control block, `flags` no number, or a buffer is detached.
 */
export function aio_read2(cb: Aiocb, flags: number): number {
  requireFreebsd("aio_read2", "use aio_read() with an aio_offset of your own");
  const span = spanOf(flags, "aio_read2");
  return submitOne("aio_read2", partsOf(cb, "aio_read2"), span, (pointer) => libc().call.aio_read2(pointer, flags));
}

/**
 * Queues a write, perhaps at the file's own position or from several buffers:
 * `int aio_write2(struct aiocb *iocb, int flags)`.
 *
 * Source: FreeBSD aio_write(2).
 *
 * @example
 * ```ts
 * import { AIO_OP2_FOFFSET, aio_write2, Aiocb, AioError } from "@posix/aio/sys";
 *
 * try {
 *   aio_write2(new Aiocb(), AIO_OP2_FOFFSET);
 * } catch (error) {
 *   if (!(error instanceof AioError)) throw error;
 *   console.log(error.code); // ENOSYS on Linux
 * }
 * ```
 *
 * @param cb What to write, and where to.
 * @param flags `AIO_OP2_FOFFSET`, `AIO_OP2_VECTORED`, both or 0.
 * @returns 0 when the request is queued.
 * @throws {AioError} ENOSYS where there is no such function; EINVAL for other flags; else as `aio_read()` and `aio_readv()`.
 * @throws {RangeError} If there is less memory than the block says.
 * @throws {TypeError} If `cb` is no usable control block, `flags` no number, or a buffer is detached.
 */
export function aio_write2(cb: Aiocb, flags: number): number {
  requireFreebsd("aio_write2", "use aio_write() with an aio_offset of your own");
  const span = spanOf(flags, "aio_write2");
  return submitOne("aio_write2", partsOf(cb, "aio_write2"), span, (pointer) => libc().call.aio_write2(pointer, flags));
}

function spanOf(flags: number, syscall: string): Span {
  const { AIO_OP2_FOFFSET, AIO_OP2_VECTORED } = platform().constants;
  checkInt(flags, "flags", syscall);
  if ((flags & ~(AIO_OP2_FOFFSET | AIO_OP2_VECTORED)) !== 0) {
    throw new AioError(syscall, "EINVAL", `flags ${flags} are not of AIO_OP2_FOFFSET and AIO_OP2_VECTORED`);
  }
  return (flags & AIO_OP2_VECTORED) === 0 ? "buffer" : "buffers";
}

/**
 * Queues the locking of a buffer in memory: `int aio_mlock(struct aiocb *iocb)`.
 *
 * Source: FreeBSD aio_mlock(2).
 *
 * @example
 * ```ts
 * import { aio_mlock, Aiocb, AioError } from "@posix/aio/sys";
 *
 * try {
 *   aio_mlock(new Aiocb());
 * } catch (error) {
 *   if (!(error instanceof AioError)) throw error;
 *   console.log(error.code); // ENOSYS on Linux
 * }
 * ```
 *
 * @param cb What to lock: `aio_buf` and `aio_nbytes`.
 * @returns 0 when the request is queued.
 * @throws {AioError} ENOSYS where there is no such function; EAGAIN if there are too many requests; EBUSY if the block is in
 * flight; EFAULT if `aio_buf` is `null`.
 * @throws {RangeError} If `aio_buf` is shorter than `aio_nbytes`.
 * @throws {TypeError} If `cb` is no usable control block or its buffer is detached.
 */
export function aio_mlock(cb: Aiocb): number {
  requireFreebsd("aio_mlock", "memory from allocate() is swapped only when the system is short of it");
  return submitOne("aio_mlock", partsOf(cb, "aio_mlock"), "buffer", (pointer) => libc().call.aio_mlock(pointer));
}
