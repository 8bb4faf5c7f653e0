/**
 * The constants of `<aio.h>`, `<signal.h>` and `<fcntl.h>` under their C names, with the running platform's values.
 *
 * Their values differ between systems (`AIO_CANCELED` is 0, 1 and 2 on Linux, FreeBSD and macOS), so no script should
 * write them as numbers. One that the running platform does not define is `NaN`, which no member of a struct takes.
 *
 * @module
 */

import { platform } from "../structs/platform.ts";

function constant(name: string): number {
  try {
    return platform().constants[name] ?? NaN;
  } catch {
    return NaN; // an unsupported platform: the first call says so
  }
}

// Results of aio_cancel(3).

/** `aio_cancel()`: everything asked for is cancelled. */
export const AIO_CANCELED: number = constant("AIO_CANCELED");
/** `aio_cancel()`: at least one request goes on. */
export const AIO_NOTCANCELED: number = constant("AIO_NOTCANCELED");
/** `aio_cancel()`: there was nothing left to cancel. */
export const AIO_ALLDONE: number = constant("AIO_ALLDONE");

// Operations and modes of lio_listio(3).

/** `aio_lio_opcode`: a read. */
export const LIO_READ: number = constant("LIO_READ");
/** `aio_lio_opcode`: a write. */
export const LIO_WRITE: number = constant("LIO_WRITE");
/** `aio_lio_opcode`: nothing, the entry is skipped. */
export const LIO_NOP: number = constant("LIO_NOP");
/** `lio_listio()` waits until all requests have ended. */
export const LIO_WAIT: number = constant("LIO_WAIT");
/** `lio_listio()` returns when all requests are queued. */
export const LIO_NOWAIT: number = constant("LIO_NOWAIT");
/** `aio_lio_opcode` on FreeBSD: the bit for a list of buffers. */
export const LIO_VECTORED: number = constant("LIO_VECTORED");
/** `aio_lio_opcode` on FreeBSD: a read into several buffers. */
export const LIO_READV: number = constant("LIO_READV");
/** `aio_lio_opcode` on FreeBSD: a write from several buffers. */
export const LIO_WRITEV: number = constant("LIO_WRITEV");
/** `aio_lio_opcode` on FreeBSD: the bit for using the file's own position. */
export const LIO_FOFFSET: number = constant("LIO_FOFFSET");

// Flags of FreeBSD's aio_read2(2).

/** `aio_read2()` on FreeBSD: use and move the file's own position. */
export const AIO_OP2_FOFFSET: number = constant("AIO_OP2_FOFFSET");
/** `aio_read2()` on FreeBSD: a list of buffers. */
export const AIO_OP2_VECTORED: number = constant("AIO_OP2_VECTORED");

// Kinds of notification, sigevent(3type).

/** `sigev_notify`: tell nobody. */
export const SIGEV_NONE: number = constant("SIGEV_NONE");
/** `sigev_notify`: send the signal `sigev_signo`. */
export const SIGEV_SIGNAL: number = constant("SIGEV_SIGNAL");
/** `sigev_notify`: call `sigev_notify_function`. */
export const SIGEV_THREAD: number = constant("SIGEV_THREAD");
/** `sigev_notify` on FreeBSD: an event in the kqueue. */
export const SIGEV_KEVENT: number = constant("SIGEV_KEVENT");
/** `sigev_notify` on Linux and FreeBSD: send the signal to one thread. */
export const SIGEV_THREAD_ID: number = constant("SIGEV_THREAD_ID");
/** The `si_code` of a signal that tells the end of a request. */
export const SI_ASYNCIO: number = constant("SI_ASYNCIO");

// Filters and flags of FreeBSD's kevent(2).

/** `filter`: the end of a request. Only the kernel adds it. */
export const EVFILT_AIO: number = constant("EVFILT_AIO");
/** `filter`: the end of all requests of a list. Only the kernel adds it. */
export const EVFILT_LIO: number = constant("EVFILT_LIO");
/** `filter`: what a program triggers itself. */
export const EVFILT_USER: number = constant("EVFILT_USER");
/** `flags`: add the event to the kqueue, or change it. */
export const EV_ADD: number = constant("EV_ADD");
/** `flags`: remove the event. */
export const EV_DELETE: number = constant("EV_DELETE");
/** `flags`: let `kevent()` return it. */
export const EV_ENABLE: number = constant("EV_ENABLE");
/** `flags`: keep it, but do not let `kevent()` return it. */
export const EV_DISABLE: number = constant("EV_DISABLE");
/** `flags`, also of `sigev_notify_kevent_flags`: return it once, then remove it. */
export const EV_ONESHOT: number = constant("EV_ONESHOT");
/** `flags`, also of `sigev_notify_kevent_flags`: return it once for each time that it happens. */
export const EV_CLEAR: number = constant("EV_CLEAR");
/** `flags`, also of `sigev_notify_kevent_flags`: return it once, then disable it. */
export const EV_DISPATCH: number = constant("EV_DISPATCH");
/** `flags` of an event: the request has ended. */
export const EV_EOF: number = constant("EV_EOF");
/** `flags` of an event: the change failed with the error number in `data`. */
export const EV_ERROR: number = constant("EV_ERROR");
/** `fflags` of an `EVFILT_USER` change: make it happen. */
export const NOTE_TRIGGER: number = constant("NOTE_TRIGGER");

// Limits, sysconf(3).

/** The most buffers of one vectored request. */
export const IOV_MAX: number = constant("IOV_MAX");
/** The most entries that `<limits.h>` allows in the list of `lio_listio()`; `Infinity` where it sets no limit. */
export const AIO_LISTIO_MAX: number = constant("AIO_LISTIO_MAX") || Infinity;
/** The most that `aio_reqprio` may be where priorities count; 0 where they do not. */
export const AIO_PRIO_DELTA_MAX: number = constant("AIO_PRIO_DELTA_MAX") || 0;

// Open flags, open(2).

/** Open for reading. */
export const O_RDONLY: number = constant("O_RDONLY");
/** Open for writing. */
export const O_WRONLY: number = constant("O_WRONLY");
/** Open for reading and writing. */
export const O_RDWR: number = constant("O_RDWR");
/** Create the file if it is not there. */
export const O_CREAT: number = constant("O_CREAT");
/** Fail if the file is there. */
export const O_EXCL: number = constant("O_EXCL");
/** Empty the file. */
export const O_TRUNC: number = constant("O_TRUNC");
/** Write at the end, whatever `aio_offset` says. */
export const O_APPEND: number = constant("O_APPEND");
/** Fail with EAGAIN instead of waiting. */
export const O_NONBLOCK: number = constant("O_NONBLOCK");
/** Writes end when the data are on the device; the `op` of `aio_fsync()` for data only. */
export const O_DSYNC: number = constant("O_DSYNC");
/** Writes end when data and metadata are on the device; the `op` of `aio_fsync()` for both. */
export const O_SYNC: number = constant("O_SYNC");
/** Reads wait for the writes before them. */
export const O_RSYNC: number = constant("O_RSYNC");
/** Close on exec. */
export const O_CLOEXEC: number = constant("O_CLOEXEC");
/** Go around the page cache; addresses, offsets and lengths must be aligned. */
export const O_DIRECT: number = constant("O_DIRECT");
/** Fail unless it is a directory. */
export const O_DIRECTORY: number = constant("O_DIRECTORY");
/** Fail if it is a symbolic link. */
export const O_NOFOLLOW: number = constant("O_NOFOLLOW");
