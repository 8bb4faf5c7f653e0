/**
 * macOS: the structs of `<sys/aio.h>`, `<sys/signal.h>`, `<sys/uio.h>` and `<time.h>`, and their constants.
 *
 * Known by layout only: taken from the sources of xnu 11417, never run. arm64 and x86-64 share everything.
 *
 * @module
 */

import { int, long, off_t, pointer, size_t, struct, time_t } from "./layout.ts";
import type { Layout } from "./layout.ts";
import type { Platform } from "./system.ts";

/** `struct sigevent`, `<sys/signal.h>` */
export const sigevent: Layout<
  "sigev_notify" | "sigev_signo" | "sigev_value" | "sigev_notify_function" | "sigev_notify_attributes"
> = struct("sigevent", {
  sigev_notify: int, // int sigev_notify;
  sigev_signo: int, // int sigev_signo;
  sigev_value: pointer, // union sigval sigev_value;
  sigev_notify_function: pointer, // void (*sigev_notify_function)(union sigval);
  sigev_notify_attributes: pointer, // pthread_attr_t *sigev_notify_attributes;
});

/** `struct aiocb`, `<sys/aio.h>` */
export const aiocb: Layout<
  | "aio_fildes"
  | "aio_offset"
  | "aio_buf"
  | "aio_nbytes"
  | "aio_reqprio"
  | "aio_sigevent"
  | "aio_lio_opcode"
> = struct("aiocb", {
  aio_fildes: int, // int aio_fildes;
  aio_offset: off_t, // off_t aio_offset;
  aio_buf: pointer, // volatile void *aio_buf;
  aio_nbytes: size_t, // size_t aio_nbytes;
  aio_reqprio: int, // int aio_reqprio;
  aio_sigevent: sigevent, // struct sigevent aio_sigevent;
  aio_lio_opcode: int, // int aio_lio_opcode;
});

/** `struct iovec`, `<sys/_types/_iovec_t.h>` */
export const iovec: Layout<"iov_base" | "iov_len"> = struct("iovec", {
  iov_base: pointer, // void *iov_base;
  iov_len: size_t, // size_t iov_len;
});

/** `struct timespec`, `<sys/_types/_timespec.h>` */
export const timespec: Layout<"tv_sec" | "tv_nsec"> = struct("timespec", {
  tv_sec: time_t, // __darwin_time_t tv_sec;
  tv_nsec: long, // long tv_nsec;
});

const CONSTANTS = {
  AIO_ALLDONE: 0x1,
  AIO_CANCELED: 0x2,
  AIO_NOTCANCELED: 0x4,
  LIO_NOP: 0x0,
  LIO_READ: 0x1,
  LIO_WRITE: 0x2,
  LIO_NOWAIT: 0x1,
  LIO_WAIT: 0x2,
  AIO_LISTIO_MAX: 16,
  SIGEV_NONE: 0,
  SIGEV_SIGNAL: 1,
  SIGEV_THREAD: 3,
  SI_ASYNCIO: 0x10004,
  IOV_MAX: 1024,
  SEEK_HOLE: 3,
  SEEK_DATA: 4,
  _SC_OPEN_MAX: 5,
  _SC_AIO_LISTIO_MAX: 42,
  _SC_AIO_MAX: 43,
  _SC_AIO_PRIO_DELTA_MAX: 44,
  _SC_PAGESIZE: 29,
  F_GETFD: 1,
  F_SETFD: 2,
  F_GETFL: 3,
  F_SETFL: 4,
  F_DUPFD_CLOEXEC: 67,
  FD_CLOEXEC: 1,
} as const;

/** `<sys/fcntl.h>`; there is no `O_DIRECT`, `fcntl(F_NOCACHE)` comes near it. */
const OPEN_FLAGS = {
  O_RDONLY: 0x0,
  O_WRONLY: 0x1,
  O_RDWR: 0x2,
  O_NONBLOCK: 0x4,
  O_APPEND: 0x8,
  O_SYNC: 0x80,
  O_NOFOLLOW: 0x100,
  O_CREAT: 0x200,
  O_TRUNC: 0x400,
  O_EXCL: 0x800,
  O_DIRECTORY: 0x100000,
  O_DSYNC: 0x400000,
  O_CLOEXEC: 0x1000000,
} as const;

const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  E2BIG: 7,
  EBADF: 9,
  EDEADLK: 11,
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
  EAGAIN: 35,
  EINPROGRESS: 36,
  ENOTSUP: 45,
  ECONNRESET: 54,
  ENOTCONN: 57,
  ETIMEDOUT: 60,
  ELOOP: 62,
  ENAMETOOLONG: 63,
  EDQUOT: 69,
  ESTALE: 70,
  ENOSYS: 78,
  EOVERFLOW: 84,
  ECANCELED: 89,
  EOPNOTSUPP: 102,
} as const;

/**
 * The macOS platform.
 *
 * @param processor The processor's name as C spells it.
 * @returns Layouts, constants, error numbers and behaviour.
 */
export function darwin(processor: "x86_64" | "arm64"): Platform {
  return {
    name: `darwin-${processor}`,
    structs: { aiocb, sigevent, iovec, timespec },
    constants: { ...CONSTANTS, ...OPEN_FLAGS },
    openFlags: OPEN_FLAGS,
    errno: ERRNO,
    libraries: ["libSystem.B.dylib", "/usr/lib/libSystem.B.dylib"],
    legacyLibraries: [],
    libraryHint: "it is part of macOS",
    errnoFunction: "__error",
    ioBytesMax: 0x7ffff000, // INT_MAX in whole pages
    mmapFlags: 0x2 | 0x1000, // MAP_PRIVATE | MAP_ANON
    behaviour: {
      serialPerDescriptor: false,
      mustReap: true,
      kqueue: false,
      wakeUp: "none", // only files are taken
      vectored: false,
      requestsMax: 16, // sysctl kern.aioprocmax
      listMax: 16, // the same number bounds aio_suspend() and lio_listio()
      filesOnly: true, // what has a vnode
      unsafeStreams: false,
      safeCancel: true,
      checksArguments: false, // every invalid argument is EAGAIN [xnu kern_aio.c:aio_create_queue_entry]
      keepsListEvent: false,
      listTellsFailures: false,
      functionNotification: false,
      returnInFlight: "EINPROGRESS",
      negativeTime: "EINVAL",
    },
  };
}
