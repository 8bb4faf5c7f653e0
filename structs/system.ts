/**
 * What a platform file says of its system: layouts, constants, error numbers and behaviour.
 *
 * @module
 */

import type { Layout, Member } from "./layout.ts";

/** In what C libraries differ beyond numbers: facts that the layers above act upon. */
export interface Behaviour {
  /** Requests of one descriptor number run one after another: only duplicated numbers run in parallel. */
  readonly serialPerDescriptor: boolean;
  /**
   * A finished request, failed and cancelled ones too, holds the file open and one of {@linkcode requestsMax} places
   * until `aio_return()` or `aio_waitcomplete()` took its result, which both can do exactly once.
   */
  readonly mustReap: boolean;
  /** `SIGEV_KEVENT` tells a kqueue of the end of a request, and `EVFILT_USER` wakes who waits there. */
  readonly kqueue: boolean;
  /**
   * What a thread in `aio_suspend()` can be woken by: a read that is made to end. The library must take such a read, and
   * the thread's wait be bounded where there is none.
   */
  readonly wakeUp: "timer" | "pipe" | "sockets" | "none";
  /** One request may read into or write from several buffers. */
  readonly vectored: boolean;
  /** The most requests of a process at once, unless the system was set up otherwise; EAGAIN beyond. */
  readonly requestsMax: number;
  /** The most entries in a list of `aio_suspend()` or `lio_listio()`, unless the system was set up otherwise. */
  readonly listMax: number;
  /** Pipes, terminals and other character devices are refused. */
  readonly filesOnly: boolean;
  /**
   * A request of a pipe or terminal, where they are allowed, can neither be cancelled nor does its process end before it
   * does: it must not be given to the kernel too early.
   */
  readonly unsafeStreams: boolean;
  /** `aio_cancel()` and `close()` may be called while an append or a sync is queued: where not, they never return. */
  readonly safeCancel: boolean;
  /** A bad argument is told by its own error number: where not, by EAGAIN, so arguments are checked first. */
  readonly checksArguments: boolean;
  /** `lio_listio()` keeps the pointer to its `struct sigevent` until the notification. */
  readonly keepsListEvent: boolean;
  /** `lio_listio()` with `LIO_WAIT` fails when a request has failed: where not, only when one could not be queued. */
  readonly listTellsFailures: boolean;
  /** `SIGEV_THREAD` works. */
  readonly functionNotification: boolean;
  /** The error of `aio_return()` for a request in flight; where libc gives none, what this package gives. */
  readonly returnInFlight: "EINVAL" | "EINPROGRESS";
  /** The error of `aio_suspend()` for a negative `tv_sec`. */
  readonly negativeTime: "EINVAL" | "EAGAIN";
}

/** Layouts, constants and names of one C library on one processor. */
export interface Platform {
  /** Such as `linux-glibc-x86_64`. */
  readonly name: string;
  /** Layouts by C tag. */
  readonly structs: {
    readonly aiocb: Layout;
    readonly sigevent: Layout;
    readonly iovec: Layout;
    readonly timespec: Layout;
    readonly [name: string]: Layout;
  };
  /** Constants by C name, without the error numbers. */
  readonly constants: Readonly<Record<string, number>>;
  /** The flags that open(2) takes, by C name: for `node:fs`. The running kernel's, whatever library is used. */
  readonly openFlags: Readonly<Record<string, number>>;
  /** Error numbers by C name. */
  readonly errno: Readonly<Record<string, number>>;
  /**
   * Where the control block shows that its request has ended, if user memory shows it at all: the error word, of which
   * only the bits of `mask` count, and the result.
   */
  readonly status?: { readonly error: Member; readonly result: Member; readonly mask: number };
  /**
   * Where the control block shows what became of its submission, and nothing of what came later: status -1, and
   * EINPROGRESS if it was queued, else the error.
   */
  readonly submission?: { readonly status: Member; readonly error: Member };
  /** Names and paths under which the C library is tried, in this order. */
  readonly libraries: readonly string[];
  /** Libraries that hold the AIO functions of older releases. */
  readonly legacyLibraries: readonly string[];
  /** Where the C library comes from, for who does not have it. */
  readonly libraryHint: string;
  /** The function that gives the address of `errno`. */
  readonly errnoFunction: string;
  /** The most bytes that one request moves. */
  readonly ioBytesMax: number;
  /** Flags for a private anonymous mapping. */
  readonly mmapFlags: number;
  /** How the library behaves. */
  readonly behaviour: Behaviour;
}
