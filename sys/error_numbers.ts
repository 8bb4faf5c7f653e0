/**
 * The error numbers of `<errno.h>` under their C names, with the running platform's values, to compare with what
 * `aio_error()` gives. An {@linkcode AioError} carries the name itself.
 *
 * Trap: Linux' `EDEADLK` (35) is BSD's `EAGAIN`, and Linux' `EAGAIN` (11) is BSD's `EDEADLK`.
 *
 * @module
 */

import { platform } from "../structs/platform.ts";

function number(name: string): number {
  try {
    return platform().errno[name] ?? NaN;
  } catch {
    return NaN; // an unsupported platform: the first call says so
  }
}

/** Operation not permitted. */
export const EPERM: number = number("EPERM");
/** No such file or directory. */
export const ENOENT: number = number("ENOENT");
/** No such process. */
export const ESRCH: number = number("ESRCH");
/** Interrupted by a signal. */
export const EINTR: number = number("EINTR");
/** Input/output error. */
export const EIO: number = number("EIO");
/** No such device or address. */
export const ENXIO: number = number("ENXIO");
/** Argument list too long. */
export const E2BIG: number = number("E2BIG");
/** Bad file descriptor, or one that was not opened for this. */
export const EBADF: number = number("EBADF");
/** Resource temporarily unavailable. */
export const EAGAIN: number = number("EAGAIN");
/** Out of memory. */
export const ENOMEM: number = number("ENOMEM");
/** Permission denied. */
export const EACCES: number = number("EACCES");
/** Bad address. */
export const EFAULT: number = number("EFAULT");
/** In use. */
export const EBUSY: number = number("EBUSY");
/** File exists. */
export const EEXIST: number = number("EEXIST");
/** Not on the same file system. */
export const EXDEV: number = number("EXDEV");
/** No such device. */
export const ENODEV: number = number("ENODEV");
/** Not a directory. */
export const ENOTDIR: number = number("ENOTDIR");
/** Is a directory. */
export const EISDIR: number = number("EISDIR");
/** Invalid argument. */
export const EINVAL: number = number("EINVAL");
/** Too many open files in the system. */
export const ENFILE: number = number("ENFILE");
/** Too many open files in this process. */
export const EMFILE: number = number("EMFILE");
/** Not a terminal. */
export const ENOTTY: number = number("ENOTTY");
/** File is being executed. */
export const ETXTBSY: number = number("ETXTBSY");
/** File too large. */
export const EFBIG: number = number("EFBIG");
/** No space left on device. */
export const ENOSPC: number = number("ENOSPC");
/** Cannot seek there. */
export const ESPIPE: number = number("ESPIPE");
/** Read-only file system. */
export const EROFS: number = number("EROFS");
/** Too many links. */
export const EMLINK: number = number("EMLINK");
/** Nobody reads the other end. */
export const EPIPE: number = number("EPIPE");
/** Argument out of domain. */
export const EDOM: number = number("EDOM");
/** Result out of range. */
export const ERANGE: number = number("ERANGE");
/** Would wait for itself. */
export const EDEADLK: number = number("EDEADLK");
/** File name too long. */
export const ENAMETOOLONG: number = number("ENAMETOOLONG");
/** Function not implemented. */
export const ENOSYS: number = number("ENOSYS");
/** Too many symbolic links. */
export const ELOOP: number = number("ELOOP");
/** Value too large. */
export const EOVERFLOW: number = number("EOVERFLOW");
/** Not supported. */
export const EOPNOTSUPP: number = number("EOPNOTSUPP");
/** Not supported. */
export const ENOTSUP: number = number("ENOTSUP");
/** Connection reset by the other end. */
export const ECONNRESET: number = number("ECONNRESET");
/** Not connected. */
export const ENOTCONN: number = number("ENOTCONN");
/** Timed out. */
export const ETIMEDOUT: number = number("ETIMEDOUT");
/** Still in progress. */
export const EINPROGRESS: number = number("EINPROGRESS");
/** Stale file handle. */
export const ESTALE: number = number("ESTALE");
/** Disk quota exceeded. */
export const EDQUOT: number = number("EDQUOT");
/** Cancelled. */
export const ECANCELED: number = number("ECANCELED");
