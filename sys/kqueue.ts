/**
 * `kqueue` and `kevent`, thinly: what a script on FreeBSD needs to take the events that `SIGEV_KEVENT` asks for.
 *
 * @module
 */

import { door } from "../ffi/door.ts";
import { AioError } from "../ffi/errno.ts";
import { libc } from "../ffi/libc.ts";
import { platform } from "../structs/platform.ts";
import { viewOf } from "../structs/view.ts";
import type { Aiocb } from "./aiocb.ts";
import { checkInt, keptArgument } from "./arguments.ts";
import { controlAt } from "./control.ts";
import { requireFreebsd } from "./freebsd.ts";
import { checkTime, timeArgument } from "./suspend.ts";
import type { Timespec } from "./suspend.ts";

/**
 * A change or an event: C's `struct kevent`. Source: FreeBSD kqueue(2).
 *
 * @example
 * ```ts
 * import type { Kevent } from "@posix/aio/sys";
 *
 * const told = ({ data, iocb }: Kevent) => data === 0 ? `request at ${iocb?.aio_offset}` : `error ${data}`;
 * console.log(told({ ident: 1, filter: 0, flags: 0, fflags: 0, data: 5, udata: 0 })); // error 5
 * ```
 */
export interface Kevent {
  /** What it is about: for `EVFILT_USER` a number of your own; for a request the address of its block. */
  readonly ident: number;
  /** `EVFILT_AIO`, `EVFILT_LIO`, `EVFILT_USER` or another one of kqueue(2). */
  readonly filter: number;
  /** `EV_ADD`, `EV_ONESHOT` and so on; in an event `EV_EOF` for a request, `EV_ERROR` for a change that failed. */
  readonly flags: number;
  /** Flags of the filter, such as `NOTE_TRIGGER`. */
  readonly fflags: number;
  /** Data of the filter: the error number of a request. */
  readonly data: number;
  /** What was given along: the `sigev_value` of a request or list. */
  readonly udata: number;
  /** The request of an `EVFILT_AIO` event; it is still to be asked by `aio_return()`. */
  readonly iocb?: Aiocb;
}

/**
 * A change for {@linkcode kevent}: what is left out or `undefined` is 0.
 *
 * @example
 * ```ts
 * import { EV_ADD, EVFILT_USER } from "@posix/aio/sys";
 * import type { KeventChange } from "@posix/aio/sys";
 *
 * const change: KeventChange = { ident: 1, filter: EVFILT_USER, flags: EV_ADD };
 * console.log(change.ident); // 1; see kevent()
 * ```
 */
export type KeventChange = { readonly [Name in Exclude<keyof Kevent, "iocb">]?: Kevent[Name] | undefined };

/** The most events that one call takes. */
const EVENTS_MAX = 1024;

const INSTEAD = "use SIGEV_SIGNAL, SIGEV_THREAD, or AioQueue, which needs no notification";

const queues = new Set<number>();

/**
 * Makes a queue of kernel events: `int kqueue(void)`.
 *
 * Source: FreeBSD kqueue(2).
 *
 * @example
 * ```ts
 * import { AioError, kqueue, kqueue_close } from "@posix/aio/sys";
 *
 * try {
 *   kqueue_close(kqueue());
 * } catch (error) {
 *   if (!(error instanceof AioError)) throw error;
 *   console.log(error.code); // ENOSYS on Linux
 * }
 * ```
 *
 * @returns Its descriptor, to be closed by {@linkcode kqueue_close}.
 * @throws {AioError} ENOSYS where there is no such function; EMFILE, ENFILE or ENOMEM.
 */
export function kqueue(): number {
  requireFreebsd("kqueue", INSTEAD);
  const fd = libc().call.kqueue();
  if (fd === -1) throw new AioError("kqueue", libc().errno(), "make a kqueue");
  queues.add(fd);
  return fd;
}

/**
 * Closes a kqueue: `int close(int fd)`, for descriptors from {@linkcode kqueue} only. `closeSync()` does the same in Bun
 * and Node; Deno's closes nothing that it has not opened.
 *
 * Source: FreeBSD close(2).
 *
 * @example
 * ```ts
 * import { AioError, kqueue, kqueue_close } from "@posix/aio/sys";
 *
 * try {
 *   kqueue_close(kqueue());
 * } catch (error) {
 *   if (!(error instanceof AioError)) throw error;
 *   console.log(error.code); // ENOSYS on Linux
 * }
 * ```
 *
 * @param kq The kqueue's descriptor.
 * @returns 0.
 * @throws {AioError} EBADF if it is none, or closed already.
 */
export function kqueue_close(kq: number): number {
  if (!queues.delete(kq)) throw new AioError("close", "EBADF", `descriptor ${kq} is no kqueue of this thread`);
  const result = libc().call.close(kq);
  if (result === -1) throw new AioError("close", libc().errno(), `kqueue ${kq}`);
  return result;
}

/**
 * Changes what a kqueue tells of, and takes events: `int kevent(int kq, const struct kevent *changelist, int nchanges,
 * struct kevent *eventlist, int nevents, const struct timespec *timeout)`.
 *
 * It blocks the JavaScript thread until there is an event, or the time is up. The event of a request comes again with
 * every call until the request is reaped, unless its `sigev_notify_kevent_flags` say otherwise; reaped before, it does not
 * come at all.
 *
 * Source: FreeBSD kqueue(2).
 *
 * @example
 * ```ts
 * import { AioError, EV_ADD, EVFILT_USER, kevent, kqueue, kqueue_close } from "@posix/aio/sys";
 *
 * try {
 *   const queue = kqueue();
 *   kevent(queue, [{ ident: 1, filter: EVFILT_USER, flags: EV_ADD }], 0);
 *   kqueue_close(queue);
 * } catch (error) {
 *   if (!(error instanceof AioError)) throw error;
 *   console.log(error.code); // ENOSYS on Linux
 * }
 * ```
 *
 * @param kq The kqueue's descriptor.
 * @param changes What to change; what is left out is 0.
 * @param nevents The most events to take, 0 to 1024; with 0 it does not wait.
 * @param timeout How long to wait at most; `null` for as long as it takes.
 * @returns The events; none if the time is up.
 * @throws {AioError} ENOSYS where there is no such function; EBADF if `kq` is not open; EBADF (FreeBSD 15.0) or EINVAL
 * (15.1) if it is open and no kqueue; EINTR if a signal came; EINVAL for a
 * bad time; what a change failed with, if there is no room for it among the events.
 * @throws {RangeError} If a number does not fit.
 * @throws {TypeError} If a parameter is of the wrong type.
 */
export function kevent(
  kq: number,
  changes: readonly KeventChange[],
  nevents: number,
  timeout: Timespec | null = null,
): Kevent[] {
  requireFreebsd("kevent", INSTEAD);
  checkInt(kq, "kq", "kevent");
  checkInt(nevents, "nevents", "kevent");
  checkTime(timeout, "kevent");
  if (!Array.isArray(changes)) throw new TypeError("Cannot call kevent(): the changes are not an array");
  if (nevents < 0 || nevents > EVENTS_MAX) {
    throw new RangeError(`Cannot call kevent(): nevents ${nevents} is not 0 to ${EVENTS_MAX}`);
  }
  const layout = platform().structs.kevent;
  const input = keptArgument(Math.max(1, changes.length) * layout.size);
  const output = keptArgument(Math.max(1, nevents) * layout.size);
  try {
    for (const [index, change] of changes.entries()) writeChange(input.memory, index * layout.size, change);
    const changed = changes.length === 0 ? door().pointer(0) : input.pointer;
    const time = timeArgument(timeout);
    const count = libc().call.kevent(kq, changed, changes.length, output.pointer, nevents, time);
    if (count === -1) throw new AioError("kevent", libc().errno(), `kqueue ${kq}, ${changes.length} changes`);
    return Array.from({ length: count }, (_, index) => readEvent(output.memory, index * layout.size));
  } finally {
    input.release();
    output.release();
  }
}

function writeChange(memory: ArrayBuffer, offset: number, change: KeventChange): void {
  const layout = platform().structs.kevent;
  new Uint8Array(memory, offset, layout.size).fill(0);
  const view = viewOf(layout, memory, offset);
  view.ident = change.ident ?? 0;
  view.filter = change.filter ?? 0;
  view.flags = change.flags ?? 0;
  view.fflags = change.fflags ?? 0;
  view.data = change.data ?? 0;
  view.udata = change.udata ?? 0;
}

function readEvent(memory: ArrayBuffer, offset: number): Kevent {
  const { structs, constants } = platform();
  const { ident, filter, flags, fflags, data, udata } = viewOf(structs.kevent, memory, offset);
  const event = { ident, filter, flags, fflags, data, udata };
  if (filter !== constants.EVFILT_AIO) return event;
  const iocb = controlAt(ident)?.owner.deref() as Aiocb | undefined;
  return iocb === undefined ? event : { ...event, iocb };
}
