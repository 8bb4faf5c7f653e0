/**
 * Linux with the GNU C library: the structs of `<aio.h>`, `<signal.h>`, `<sys/uio.h>` and `<time.h>`, and their constants.
 *
 * x86-64 and aarch64 share every layout (LP64, generic headers); a few open flags differ and are chosen by processor.
 * A test compiles a C program with the system's headers and compares every member and constant.
 *
 * @module
 */

import {
  array,
  char,
  int,
  long,
  off_t,
  pointer,
  size_t,
  ssize_t,
  struct,
  time_t,
  uint,
  uint64_t,
  union,
} from "./layout.ts";
import type { Layout } from "./layout.ts";
import type { Platform } from "./system.ts";

/** `union sigval` */
export const sigval: Layout<"sival_int" | "sival_ptr"> = union("sigval", { sival_int: int, sival_ptr: pointer });

/** `struct sigevent`, `<bits/types/sigevent_t.h>` */
export const sigevent: Layout<
  | "sigev_value"
  | "sigev_signo"
  | "sigev_notify"
  | "sigev_notify_function"
  | "sigev_notify_attributes"
  | "sigev_notify_thread_id"
> = struct("sigevent", {
  sigev_value: pointer, // union sigval sigev_value;
  sigev_signo: int, // int sigev_signo;
  sigev_notify: int, // int sigev_notify;
  _sigev_un: union("_sigev_un", {
    _pad: array(int, 12), // int _pad[__SIGEV_PAD_SIZE];
    _tid: int, // __pid_t _tid;
    _sigev_thread: struct("_sigev_thread", {
      _function: pointer, // void (*_function) (__sigval_t);
      _attribute: pointer, // pthread_attr_t *_attribute;
    }),
  }),
}, {
  sigev_notify_function: "_sigev_un._sigev_thread._function",
  sigev_notify_attributes: "_sigev_un._sigev_thread._attribute",
  sigev_notify_thread_id: "_sigev_un._tid",
});

/** `struct aiocb`, `<aio.h>` */
export const aiocb: Layout<
  | "aio_fildes"
  | "aio_lio_opcode"
  | "aio_reqprio"
  | "aio_buf"
  | "aio_nbytes"
  | "aio_sigevent"
  | "aio_offset"
  | "__error_code"
  | "__return_value"
> = struct("aiocb", {
  aio_fildes: int, // int aio_fildes;
  aio_lio_opcode: int, // int aio_lio_opcode;
  aio_reqprio: int, // int aio_reqprio;
  aio_buf: pointer, // volatile void *aio_buf;
  aio_nbytes: size_t, // size_t aio_nbytes;
  aio_sigevent: sigevent, // struct sigevent aio_sigevent;
  __next_prio: pointer, // struct aiocb *__next_prio;
  __abs_prio: int, // int __abs_prio;
  __policy: int, // int __policy;
  __error_code: int, // int __error_code;
  __return_value: ssize_t, // __ssize_t __return_value;
  aio_offset: off_t, // __off_t aio_offset;
  __glibc_reserved: array(char, 32), // char __glibc_reserved[32];
});

/** `struct iovec`, `<bits/types/struct_iovec.h>` */
export const iovec: Layout<"iov_base" | "iov_len"> = struct("iovec", {
  iov_base: pointer, // void *iov_base;
  iov_len: size_t, // size_t iov_len;
});

/** `struct timespec`, `<bits/types/struct_timespec.h>` */
export const timespec: Layout<"tv_sec" | "tv_nsec"> = struct("timespec", {
  tv_sec: time_t, // __time_t tv_sec;
  tv_nsec: long, // __syscall_slong_t tv_nsec;
});

/** `struct aioinit`, `<aio.h>` with `_GNU_SOURCE` */
export const aioinit: Layout<
  | "aio_threads"
  | "aio_num"
  | "aio_locks"
  | "aio_usedba"
  | "aio_debug"
  | "aio_numusers"
  | "aio_idle_time"
  | "aio_reserved"
> = struct("aioinit", {
  aio_threads: int, // int aio_threads;
  aio_num: int, // int aio_num;
  aio_locks: int, // int aio_locks;
  aio_usedba: int, // int aio_usedba;
  aio_debug: int, // int aio_debug;
  aio_numusers: int, // int aio_numusers;
  aio_idle_time: int, // int aio_idle_time;
  aio_reserved: int, // int aio_reserved;
});

/** `struct itimerspec`, `<bits/types/struct_itimerspec.h>`: what the wake channel's timer is set with. */
export const itimerspec: Layout<"it_interval" | "it_value"> = struct("itimerspec", {
  it_interval: timespec, // struct timespec it_interval;
  it_value: timespec, // struct timespec it_value;
});

/** `struct statx`, `<linux/stat.h>`, as far as the direct I/O alignment that Linux 6.1 and later report. */
export const statx: Layout<"stx_mask" | "stx_blksize" | "stx_dio_mem_align" | "stx_dio_offset_align"> = struct(
  "statx",
  {
    stx_mask: uint, // __u32 stx_mask;
    stx_blksize: uint, // __u32 stx_blksize;
    _stx_basic: array(uint64_t, 18), // attributes, owner, mode, sizes, times, device numbers, mount id
    stx_dio_mem_align: uint, // __u32 stx_dio_mem_align;
    stx_dio_offset_align: uint, // __u32 stx_dio_offset_align;
    _stx_spare: array(uint64_t, 12), // __u64 __spare3[12];
  },
);

const COMMON = {
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
const COMMON_OPEN_FLAGS = {
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
const PROCESSOR_OPEN_FLAGS = {
  x86_64: { O_DIRECT: 0o40000, O_DIRECTORY: 0o200000, O_NOFOLLOW: 0o400000 },
  aarch64: { O_DIRECT: 0o200000, O_DIRECTORY: 0o40000, O_NOFOLLOW: 0o100000 },
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

/**
 * The glibc platform for one processor.
 *
 * @param processor The processor's name as C spells it.
 * @returns Layouts, constants and error numbers.
 */
export function linuxGlibc(processor: "x86_64" | "aarch64"): Platform {
  const openFlags = { ...COMMON_OPEN_FLAGS, ...PROCESSOR_OPEN_FLAGS[processor] };
  return {
    name: `linux-glibc-${processor}`,
    structs: { aiocb, sigevent, iovec, timespec, aioinit, itimerspec, statx },
    constants: { ...COMMON, ...openFlags },
    openFlags,
    errno: ERRNO,
    status: { error: aiocb.members.__error_code, result: aiocb.members.__return_value, mask: -1 },
    libraries: [
      "libc.so.6", // musl's loader takes this name for itself
      processor === "x86_64" ? "/lib/x86_64-linux-gnu/libc.so.6" : "/lib/aarch64-linux-gnu/libc.so.6",
      "/lib64/libc.so.6",
      "/usr/lib/libc.so.6",
      "/usr/lib64/libc.so.6",
      `libc.musl-${processor}.so.1`,
    ],
    legacyLibraries: ["librt.so.1"],
    libraryHint: "on Debian and Ubuntu it is in the package libc6",
    errnoFunction: "__errno_location",
    ioBytesMax: 0x7ffff000, // the most that one Linux read or write moves, read(2) NOTES
    mmapFlags: 0x02 | 0x20, // MAP_PRIVATE | MAP_ANONYMOUS
    behaviour: {
      serialPerDescriptor: true,
      mustReap: false,
      kqueue: false,
      wakeUp: "timer",
      vectored: false,
      requestsMax: Infinity,
      listMax: Infinity,
      filesOnly: false,
      unsafeStreams: false,
      safeCancel: true,
      checksArguments: true,
      keepsListEvent: false,
      listTellsFailures: true,
      functionNotification: true,
      returnInFlight: "EINPROGRESS",
      negativeTime: "EAGAIN",
    },
  };
}
