/**
 * FreeBSD's own functions: vectored requests, requests at the file's position, the wait for any request, locking memory.
 *
 * Everywhere else they throw `ENOSYS` and name the nearest thing that works.
 *
 * @module
 */

import { AioError } from "../ffi/errno.ts";
import { platform } from "../structs/platform.ts";
import type { Aiocb } from "./aiocb.ts";
import type { Timespec } from "./suspend.ts";

function missing(syscall: string, instead: string): AioError {
  return new AioError(syscall, "ENOSYS", `${platform().name} has no ${syscall}(), only FreeBSD has: ${instead}`);
}

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
 * @param _cb What to read, and where to.
 * @returns 0 when the request is queued.
 * @throws {AioError} ENOSYS where there is no such function.
 */
export function aio_readv(_cb: Aiocb): number {
  throw missing("aio_readv", "submit one LIO_READ for each buffer by lio_listio()");
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
 * @param _cb What to write, and where to.
 * @returns 0 when the request is queued.
 * @throws {AioError} ENOSYS where there is no such function.
 */
export function aio_writev(_cb: Aiocb): number {
  throw missing("aio_writev", "submit one LIO_WRITE for each buffer by lio_listio()");
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
 * @param _cb What to read, and where to.
 * @param _flags `AIO_OP2_FOFFSET`, `AIO_OP2_VECTORED`, both or 0.
 * @returns 0 when the request is queued.
 * @throws {AioError} ENOSYS where there is no such function.
 */
export function aio_read2(_cb: Aiocb, _flags: number): number {
  throw missing("aio_read2", "use aio_read() with an aio_offset of your own");
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
 * @param _cb What to write, and where to.
 * @param _flags `AIO_OP2_FOFFSET`, `AIO_OP2_VECTORED`, both or 0.
 * @returns 0 when the request is queued.
 * @throws {AioError} ENOSYS where there is no such function.
 */
export function aio_write2(_cb: Aiocb, _flags: number): number {
  throw missing("aio_write2", "use aio_write() with an aio_offset of your own");
}

/**
 * Waits for any request of the process and takes its result:
 * `ssize_t aio_waitcomplete(struct aiocb **iocbp, struct timespec *timeout)`.
 *
 * Source: FreeBSD aio_waitcomplete(2).
 *
 * @example
 * ```ts
 * import { aio_waitcomplete, AioError } from "@posix/aio/sys";
 *
 * try {
 *   aio_waitcomplete({ tv_sec: 0, tv_nsec: 0 });
 * } catch (error) {
 *   if (!(error instanceof AioError)) throw error;
 *   console.log(error.code); // ENOSYS on Linux
 * }
 * ```
 *
 * @param _timeout How long to wait at most; `null` for as long as it takes.
 * @returns The request and the number of its bytes.
 * @throws {AioError} ENOSYS where there is no such function.
 */
export function aio_waitcomplete(_timeout: Timespec | null = null): { iocb: Aiocb; bytes: number } {
  throw missing("aio_waitcomplete", "use aio_suspend() with the list of your requests, or AioQueue");
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
 * @param _cb What to lock: `aio_buf` and `aio_nbytes`.
 * @returns 0 when the request is queued.
 * @throws {AioError} ENOSYS where there is no such function.
 */
export function aio_mlock(_cb: Aiocb): number {
  throw missing("aio_mlock", "memory from allocate() is swapped only when the system is short of it");
}
