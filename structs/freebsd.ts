/**
 * FreeBSD: the structs of `<sys/aio.h>`, `<sys/signal.h>`, `<sys/event.h>`, `<sys/_iovec.h>` and `<sys/timespec.h>`, and
 * their constants.
 *
 * amd64 and arm64 share every layout and every number. The tables of a real system's headers, compiled for both, are
 * kept with the tests, which compare them member for member.
 *
 * @module
 */

import { array, int, int64_t, long, off_t, pointer, short, size_t, struct } from "./layout.ts";
import { time_t, uint, uint64_t, union, ushort } from "./layout.ts";
import type { Layout } from "./layout.ts";
import { CONSTANTS, ERRNO, OPEN_FLAGS } from "./freebsd_numbers.ts";
import type { Platform } from "./system.ts";

/** `union sigval` */
export const sigval: Layout<"sival_int" | "sival_ptr"> = union("sigval", { sival_int: int, sival_ptr: pointer });

/** `struct sigevent`, `<sys/signal.h>` */
export const sigevent: Layout<
  | "sigev_notify"
  | "sigev_signo"
  | "sigev_notify_kqueue"
  | "sigev_value"
  | "sigev_notify_function"
  | "sigev_notify_attributes"
  | "sigev_notify_kevent_flags"
  | "sigev_notify_thread_id"
> = struct("sigevent", {
  sigev_notify: int, // int sigev_notify;
  sigev_signo: int, // int sigev_signo;
  sigev_value: pointer, // union sigval sigev_value;
  _sigev_un: union("_sigev_un", {
    _threadid: int, // __lwpid_t _threadid;
    _sigev_thread: struct("_sigev_thread", {
      _function: pointer, // void (*_function)(union sigval);
      _attribute: pointer, // void *_attribute;
    }),
    _kevent_flags: ushort, // unsigned short _kevent_flags;
    __spare__: array(long, 8), // long __spare__[8];
  }),
}, {
  sigev_notify_kqueue: "sigev_signo",
  sigev_notify_kevent_flags: "_sigev_un._kevent_flags",
  sigev_notify_thread_id: "_sigev_un._threadid",
  sigev_notify_function: "_sigev_un._sigev_thread._function",
  sigev_notify_attributes: "_sigev_un._sigev_thread._attribute",
});

/** `struct aiocb`, `<sys/aio.h>` */
export const aiocb: Layout<
  | "aio_fildes"
  | "aio_offset"
  | "aio_buf"
  | "aio_iov"
  | "aio_nbytes"
  | "aio_iovcnt"
  | "aio_lio_opcode"
  | "aio_reqprio"
  | "aio_sigevent"
> = struct("aiocb", {
  aio_fildes: int, // int aio_fildes;
  aio_offset: off_t, // off_t aio_offset;
  aio_buf: pointer, // volatile void *aio_buf;
  aio_nbytes: size_t, // size_t aio_nbytes;
  __spare__: array(int, 2), // int __spare__[2];
  __spare2__: pointer, // void *__spare2__;
  aio_lio_opcode: int, // int aio_lio_opcode;
  aio_reqprio: int, // int aio_reqprio;
  _aiocb_private: struct("__aiocb_private", {
    status: long, // long status;
    error: long, // long error;
    spare: pointer, // void *spare; before 15.0 void *kernelinfo;
  }),
  aio_sigevent: sigevent, // struct sigevent aio_sigevent;
}, {
  aio_iov: "aio_buf", // #define aio_iov aio_buf
  aio_iovcnt: "aio_nbytes", // #define aio_iovcnt aio_nbytes
});

/** `struct iovec`, `<sys/_iovec.h>` */
export const iovec: Layout<"iov_base" | "iov_len"> = struct("iovec", {
  iov_base: pointer, // void *iov_base;
  iov_len: size_t, // size_t iov_len;
});

/** `struct timespec`, `<sys/timespec.h>` */
export const timespec: Layout<"tv_sec" | "tv_nsec"> = struct("timespec", {
  tv_sec: time_t, // time_t tv_sec;
  tv_nsec: long, // long tv_nsec;
});

/** `struct kevent`, `<sys/event.h>` */
export const kevent: Layout<"ident" | "filter" | "flags" | "fflags" | "data" | "udata"> = struct("kevent", {
  ident: uint64_t, // __uintptr_t ident;
  filter: short, // short filter;
  flags: ushort, // unsigned short flags;
  fflags: uint, // unsigned int fflags;
  data: int64_t, // __int64_t data;
  udata: pointer, // void *udata;
  ext: array(uint64_t, 4), // __uint64_t ext[4];
});

/** `sigset_t`, `<sys/_sigset.h>` */
export const sigset_t: Layout = struct("__sigset", { __bits: array(uint, 4) }); // __uint32_t __bits[_SIG_WORDS];

/** `struct sigaction`, `<sys/signal.h>` */
export const sigaction: Layout<"sa_handler" | "sa_flags"> = struct("sigaction", {
  __sigaction_u: union("__sigaction_u", {
    __sa_handler: pointer, // void (*__sa_handler)(int);
    __sa_sigaction: pointer, // void (*__sa_sigaction)(int, struct __siginfo *, void *);
  }),
  sa_flags: int, // int sa_flags;
  sa_mask: sigset_t, // sigset_t sa_mask;
}, { sa_handler: "__sigaction_u.__sa_handler" });

/** `struct __siginfo`, `<sys/signal.h>`: what a signal's handler learns. */
export const siginfo: Layout<"si_signo" | "si_code" | "si_value"> = struct("__siginfo", {
  si_signo: int, // int si_signo;
  si_errno: int, // int si_errno;
  si_code: int, // int si_code;
  si_pid: int, // __pid_t si_pid;
  si_uid: uint, // __uid_t si_uid;
  si_status: int, // int si_status;
  si_addr: pointer, // void *si_addr;
  si_value: sigval, // union sigval si_value;
  _reason: union("_reason", {
    _mesgq: struct("_mesgq", { _mqd: int }), // struct { int _mqd; } _mesgq;
    _poll: struct("_poll", { _band: long }), // struct { long _band; } _poll;
    __spare__: struct("__spare__", {
      __spare1__: long, // long __spare1__;
      __spare2__: array(int, 7), // int __spare2__[7];
    }),
  }),
}, { si_mqd: "_reason._mesgq._mqd" });

/**
 * The FreeBSD platform.
 *
 * @param processor The processor's name as FreeBSD spells it.
 * @returns Layouts, constants, error numbers and behaviour.
 */
export function freebsd(processor: "amd64" | "arm64"): Platform {
  return {
    name: `freebsd-${processor}`,
    structs: { aiocb, sigevent, iovec, timespec, kevent, sigaction, siginfo },
    constants: { ...CONSTANTS, ...OPEN_FLAGS },
    openFlags: OPEN_FLAGS,
    errno: ERRNO,
    submission: {
      status: aiocb.members["_aiocb_private.status"],
      error: aiocb.members["_aiocb_private.error"],
    },
    libraries: ["libc.so.7", "/lib/libc.so.7"],
    legacyLibraries: [],
    libraryHint: "it is part of FreeBSD's base system",
    errnoFunction: "__error",
    ioBytesMax: 0x7ffff000, // files take more; devices INT_MAX, and this is whole pages [sysctl debug.devfs_iosize_max_clamp]
    mmapFlags: CONSTANTS.MAP_PRIVATE | CONSTANTS.MAP_ANON,
    behaviour: {
      serialPerDescriptor: false,
      mustReap: true,
      kqueue: true,
      wakeUp: "sockets", // pipes are refused, timers and eventfds too
      vectored: true,
      requestsMax: 256, // sysctl vfs.aio.max_aio_queue_per_proc, finished requests that are not reaped included
      listMax: 256, // the same number bounds aio_suspend() and lio_listio()
      filesOnly: true, // and sockets; more with sysctl vfs.aio.enable_unsafe=1
      unsafeStreams: true,
      safeCancel: true,
      checksArguments: true,
      keepsListEvent: false,
      listTellsFailures: false,
      functionNotification: false, // libc refuses SIGEV_THREAD, librt makes it of SIGEV_THREAD_ID
      returnInFlight: "EINVAL",
      negativeTime: "EINVAL",
    },
  };
}
