// What the running C library answers where POSIX leaves it open, or where a library departs from POSIX. The tests of POSIX'
// assertions ask this table, so that each assertion is written once for all libraries.
//
// glibc's and musl's answers were seen (glibc 2.36, musl 1.2.3). FreeBSD's were seen on a real kernel of 15.0 or read in its
// sys/kern/vfs_aio.c; a library of this project gives them in tests/freebsd.

import { libc } from "../../ffi/libc.ts";
import { platform } from "../../structs/platform.ts";

/** Who tells that a request is wrong: the call that submits it, or `aio_error()` when it has ended. */
type Told = "call" | "end";

export interface Answers {
  /** The numbers of EINPROGRESS, EINVAL, EFAULT and EMFILE. */
  readonly numbers: readonly number[];
  /** What `sysconf(_SC_AIO_MAX)` says. */
  readonly aioMax: number;
  /** How many requests of a process there may be at once. */
  readonly requestsMax: number;
  readonly badDescriptor: Told;
  readonly wrongMode: Told;
  readonly negativeOffset: Told;
  readonly syncOfSocket: Told;
  readonly badSignal: Told | "never";
  readonly unknownNotification: Told | "never";
  /** Whether a priority outside 0 to 20 is refused. */
  readonly priorities: boolean;
  /** Whether appends are made in the order of their calls. */
  readonly appendsInOrder: boolean;
  /** Whether `aio_fsync()` looks at `aio_nbytes`. */
  readonly syncChecksBytes: boolean;
  /** Whether `aio_return()` takes the result away. */
  readonly returnsOnce: boolean;
  readonly returnInFlight: string;
  /** Whether `aio_suspend()` waits on for the others if a block of its list was never submitted. */
  readonly suspendSkipsIdle: boolean;
  readonly negativeTime: string;
  /** The first of the writes of `SocketWrites` that `aio_cancel()` cancels: the blocked one, or those behind it. */
  readonly firstCancelled: "blocked" | "waiting" | "none";
  /** Whether a read that waits on a socket is cancelled. */
  readonly cancelsBlockedRead: boolean;
  /** What `aio_cancel()` says of a block with another descriptor. */
  readonly cancelOfOther: "EINVAL" | "AIO_ALLDONE";
  /** What makes an entry of a list one that the call refuses, and that entry's error. */
  readonly badEntry: { readonly aio_reqprio: number } | { readonly aio_fildes: number };
  readonly badEntryError: "EINVAL" | "EBADF";
  /** What `lio_listio()` without waiting says of a list with such an entry, and of one with a bad descriptor. */
  readonly listWithBadEntry: string;
  readonly listWithBadDescriptor: number | string;
  /** Whether what stands behind such an entry is queued. */
  readonly queuesTheRest: boolean;
}

const GLIBC: Answers = {
  numbers: [115, 22, 14, 24],
  aioMax: -1,
  requestsMax: Infinity,
  badDescriptor: "end",
  wrongMode: "end",
  negativeOffset: "end",
  syncOfSocket: "end",
  badSignal: "end",
  unknownNotification: "never",
  priorities: true,
  appendsInOrder: true,
  syncChecksBytes: false,
  returnsOnce: false,
  returnInFlight: "EINPROGRESS",
  suspendSkipsIdle: false,
  negativeTime: "EAGAIN",
  firstCancelled: "waiting",
  cancelsBlockedRead: false,
  cancelOfOther: "EINVAL",
  badEntry: { aio_reqprio: -1 },
  badEntryError: "EINVAL",
  listWithBadEntry: "EINVAL",
  listWithBadDescriptor: 0,
  queuesTheRest: true,
};

/** musl runs each request at once in a thread of its own; what waits for another there, this package leaves alone. */
const MUSL: Answers = {
  ...GLIBC,
  badDescriptor: "call",
  badSignal: "never",
  priorities: false,
  firstCancelled: "none",
  cancelsBlockedRead: true,
  badEntry: { aio_fildes: -1 },
  badEntryError: "EBADF",
  listWithBadEntry: "EAGAIN",
  listWithBadDescriptor: "EAGAIN",
  queuesTheRest: false,
};

const FREEBSD: Answers = {
  numbers: [36, 22, 14, 24],
  aioMax: 1024,
  requestsMax: 256,
  badDescriptor: "call",
  wrongMode: "call",
  negativeOffset: "call",
  syncOfSocket: "call",
  badSignal: "call",
  unknownNotification: "call",
  priorities: false,
  appendsInOrder: false,
  syncChecksBytes: true,
  returnsOnce: true,
  returnInFlight: "EINVAL",
  suspendSkipsIdle: true,
  negativeTime: "EINVAL",
  firstCancelled: "blocked",
  cancelsBlockedRead: true,
  cancelOfOther: "AIO_ALLDONE",
  badEntry: { aio_fildes: -1 },
  badEntryError: "EBADF",
  listWithBadEntry: "EIO",
  listWithBadDescriptor: "EIO",
  queuesTheRest: true,
};

libc(); // which of Linux' libraries it is shows when it is open
const { name } = platform();

/** Whether the library is FreeBSD's, or the one that stands in for it. */
export const onFreebsd: boolean = name.startsWith("freebsd");

/** Whether the library is glibc. */
export const onGlibc: boolean = name.startsWith("linux-glibc");

/** What the running C library answers. */
export const answers: Answers = onFreebsd ? FREEBSD : onGlibc ? GLIBC : MUSL;
