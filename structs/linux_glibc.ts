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
import { COMMON, COMMON_OPEN_FLAGS, ERRNO, PROCESSOR_OPEN_FLAGS } from "./linux_numbers.ts";
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
