/**
 * Linux' constants, flags and error numbers, as glibc and musl give them.
 *
 * @module
 */

/** Constants that both C libraries and both processors share, by C name. */
export const COMMON = {
  AIO_CANCELED: 0,
  AIO_NOTCANCELED: 1,
  AIO_ALLDONE: 2,
  LIO_READ: 0,
  LIO_WRITE: 1,
  LIO_NOP: 2,
  LIO_WAIT: 0,
  LIO_NOWAIT: 1,
  SIGEV_SIGNAL: 0,
  SIGEV_NONE: 1,
  SIGEV_THREAD: 2,
  SIGEV_THREAD_ID: 4,
  SI_ASYNCIO: -4,
  IOV_MAX: 1024,
  AIO_PRIO_DELTA_MAX: 20,
  _SC_OPEN_MAX: 4,
  _SC_AIO_LISTIO_MAX: 23,
  _SC_AIO_MAX: 24,
  _SC_PAGESIZE: 30,
  SEEK_DATA: 3,
  SEEK_HOLE: 4,
  F_GETFD: 1,
  F_SETFD: 2,
  F_GETFL: 3,
  F_SETFL: 4,
  F_DUPFD_CLOEXEC: 1030,
  FD_CLOEXEC: 1,
} as const;

/** Open flags, `<bits/fcntl-linux.h>`. */
export const COMMON_OPEN_FLAGS = {
  O_RDONLY: 0,
  O_WRONLY: 1,
  O_RDWR: 2,
  O_CREAT: 0o100,
  O_EXCL: 0o200,
  O_TRUNC: 0o1000,
  O_APPEND: 0o2000,
  O_NONBLOCK: 0o4000,
  O_DSYNC: 0o10000,
  O_SYNC: 0o4010000,
  O_RSYNC: 0o4010000,
  O_CLOEXEC: 0o2000000,
} as const;

/** Open flags that x86-64 and aarch64 number differently, `<bits/fcntl.h>`. */
export const PROCESSOR_OPEN_FLAGS = {
  x86_64: { O_DIRECT: 0o40000, O_DIRECTORY: 0o200000, O_NOFOLLOW: 0o400000 },
  aarch64: { O_DIRECT: 0o200000, O_DIRECTORY: 0o40000, O_NOFOLLOW: 0o100000 },
} as const;

/** Error numbers by C name, `<errno.h>`. */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  E2BIG: 7,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  EXDEV: 18,
  ENODEV: 19,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  ENOTTY: 25,
  ETXTBSY: 26,
  EFBIG: 27,
  ENOSPC: 28,
  ESPIPE: 29,
  EROFS: 30,
  EMLINK: 31,
  EPIPE: 32,
  EDOM: 33,
  ERANGE: 34,
  EDEADLK: 35,
  ENAMETOOLONG: 36,
  ENOSYS: 38,
  ELOOP: 40,
  EOVERFLOW: 75,
  EOPNOTSUPP: 95,
  ENOTSUP: 95,
  ECONNRESET: 104,
  ENOTCONN: 107,
  ETIMEDOUT: 110,
  EINPROGRESS: 115,
  ESTALE: 116,
  EDQUOT: 122,
  ECANCELED: 125,
} as const;
