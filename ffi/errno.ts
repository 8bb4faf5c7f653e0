/**
 * The one error type: what libc refused, in words, with the C names and numbers.
 *
 * @module
 */

import { platform } from "../structs/platform.ts";

/** What the error numbers mean, in the words of errno(3). */
const MEANINGS: Readonly<Record<string, string>> = {
  EPERM: "operation not permitted",
  ENOENT: "no such file or directory",
  EINTR: "interrupted by a signal",
  EIO: "input/output error",
  ENXIO: "no such device or address",
  EBADF: "bad file descriptor, or one that was not opened for this",
  EAGAIN: "resource temporarily unavailable",
  ENOMEM: "out of memory",
  EACCES: "permission denied",
  EFAULT: "bad address",
  EBUSY: "in use",
  EEXIST: "file exists",
  EXDEV: "not on the same file system",
  EISDIR: "is a directory",
  ENOTDIR: "not a directory",
  EINVAL: "invalid argument",
  ENFILE: "too many open files in the system",
  EMFILE: "too many open files in this process",
  ETXTBSY: "file is being executed",
  EFBIG: "file too large",
  ENOSPC: "no space left on device",
  ESPIPE: "cannot seek there",
  EROFS: "read-only file system",
  EPIPE: "nobody reads the other end",
  EOVERFLOW: "value too large",
  ENOTSUP: "not supported",
  EOPNOTSUPP: "not supported",
  ENOSYS: "function not implemented",
  ETIMEDOUT: "timed out",
  EINPROGRESS: "still in progress",
  EDQUOT: "disk quota exceeded",
  ECANCELED: "cancelled",
};

/**
 * What more an {@linkcode AioError} can say.
 *
 * @example
 * ```ts
 * import { AioError } from "@posix/aio/sys";
 * import type { AioErrorOptions } from "@posix/aio/sys";
 *
 * const options: AioErrorOptions = { bytes: 100, cause: new Error("the disk is full") };
 * console.log(new AioError("aio_write", "ENOSPC", "write a page", options).bytes); // 100
 * ```
 */
export interface AioErrorOptions extends ErrorOptions {
  /** Bytes that had moved when the request failed. Default 0. */
  readonly bytes?: number | undefined;
  /** The control block of the failed request, where the caller did not name it. */
  readonly iocb?: object | undefined;
}

/**
 * What libc refused or a request ended with.
 *
 * @example
 * ```ts
 * import { AioError } from "@posix/aio/sys";
 *
 * const error = new AioError("aio_read", "EBADF", "descriptor 7 is closed");
 * console.log(error.code, error.errno, error.syscall); // EBADF 9 aio_read
 * ```
 */
export class AioError extends Error {
  /** Always `"AioError"`. */
  override name = "AioError";
  /** The C name of the error, such as `"EAGAIN"`. */
  readonly code: string;
  /** The positive error number on this platform. */
  readonly errno: number;
  /** The C function that failed, such as `"aio_read"`. */
  readonly syscall: string;
  /** Bytes that had moved when the request failed. */
  readonly bytes: number;
  /** The `Aiocb` of the failed request, where the caller did not name it: from `aio_waitcomplete()`. */
  readonly iocb?: object;

  /**
   * Makes an error.
   *
   * @param syscall The C function that failed.
   * @param error The C name or the positive number of the error.
   * @param tried What was tried, to follow "Cannot"-style in the message; for example `"read 4096 bytes at offset 0 of descriptor 7"`.
   * @param options A cause, and the bytes that had moved.
   */
  constructor(syscall: string, error: string | number, tried: string = "", options: AioErrorOptions = {}) {
    const code = typeof error === "string" ? error : errnoName(error);
    super(`${syscall}: ${code}, ${MEANINGS[code] ?? "see errno(3)"}${tried === "" ? "" : `: ${tried}`}`, options);
    this.code = code;
    this.errno = typeof error === "number" ? error : errnoNumber(error);
    this.syscall = syscall;
    this.bytes = options.bytes ?? 0;
    if (options.iocb !== undefined) this.iocb = options.iocb;
  }
}

/**
 * The C name of an error number on this platform.
 *
 * @param errno A positive error number.
 * @returns The name; `errno N` where the number has none here.
 */
export function errnoName(errno: number): string {
  for (const [name, value] of Object.entries(platform().errno)) {
    if (value === errno) return name;
  }
  return `errno ${errno}`;
}

/**
 * The error number of a C name on this platform.
 *
 * @param name The C name, such as `"EAGAIN"`.
 * @returns The positive number; 0 where this platform does not know the name.
 */
export function errnoNumber(name: string): number {
  return platform().errno[name] ?? 0;
}
