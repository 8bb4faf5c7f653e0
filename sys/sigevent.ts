/**
 * `struct sigevent`: how the end of a request, or of a list of requests, is told.
 *
 * @module
 */

import { AioError } from "../ffi/errno.ts";
import { platform } from "../structs/platform.ts";
import type { StructView } from "../structs/view.ts";

/**
 * What runs when a request or a list has ended: C's `void (*sigev_notify_function)(union sigval)`.
 *
 * @example
 * ```ts
 * import type { NotifyFunction } from "@posix/aio/sys";
 *
 * const told: NotifyFunction = (value) => console.log(`request ${value} has ended`);
 * told(7); // request 7 has ended
 * ```
 */
export type NotifyFunction = (value: number) => void;

/**
 * How the end of a request, or of a list of requests, is told: C's `struct sigevent`.
 *
 * Source: sigevent(3type), sigevent(3) of FreeBSD.
 *
 * @example
 * ```ts
 * import { SIGEV_SIGNAL } from "@posix/aio/sys";
 * import type { Sigevent } from "@posix/aio/sys";
 *
 * const event: Partial<Sigevent> = { sigev_notify: SIGEV_SIGNAL, sigev_signo: 12 };
 * console.log(event.sigev_notify === SIGEV_SIGNAL);
 * ```
 */
export interface Sigevent {
  /**
   * `SIGEV_NONE`, `SIGEV_SIGNAL`, `SIGEV_THREAD`, or on FreeBSD `SIGEV_KEVENT`. glibc tells nobody for any other number,
   * FreeBSD refuses the request. Default `SIGEV_NONE`.
   */
  sigev_notify: number;
  /** The signal's number for `SIGEV_SIGNAL`. A number that is no signal makes the request fail with EINVAL. */
  sigev_signo: number;
  /** What comes with the signal or the event, or what the function gets. 0 or more. */
  sigev_value: number;
  /** The function for `SIGEV_THREAD`. It runs on the JavaScript thread, not on a thread of its own. */
  sigev_notify_function: NotifyFunction | null;
  /** The kqueue's descriptor for `SIGEV_KEVENT`; in C it shares the place of `sigev_signo`. */
  sigev_notify_kqueue: number;
  /** Of `SIGEV_KEVENT`: `EV_ONESHOT`, `EV_CLEAR`, `EV_DISPATCH` or 0, for an event until the request is reaped. */
  sigev_notify_kevent_flags: number;
}

/**
 * Some members of a {@linkcode Sigevent}: what is left out or `undefined` gets its default.
 *
 * @example
 * ```ts
 * import { Aiocb, SIGEV_SIGNAL } from "@posix/aio/sys";
 * import type { SigeventMembers } from "@posix/aio/sys";
 *
 * const aio_sigevent: SigeventMembers = { sigev_notify: SIGEV_SIGNAL, sigev_signo: 12 };
 * using cb = new Aiocb({ aio_sigevent });
 * console.log(cb.aio_sigevent.sigev_signo); // 12
 * ```
 */
export type SigeventMembers = { readonly [Name in keyof Sigevent]?: Sigevent[Name] | undefined };

/** Where a {@linkcode Sigevent} of a control block keeps its members. */
export interface SigeventStore {
  readonly members: StructView;
  /** Sets a member of the struct, if the block can be changed. */
  set(member: string, value: number): void;
  getFunction(): NotifyFunction | null;
  setFunction(value: NotifyFunction | null): void;
}

/**
 * The `aio_sigevent` of a control block, whose members can be set one by one.
 *
 * @param store Where they are kept.
 * @returns The view.
 */
export function viewOfSigevent(store: SigeventStore): Sigevent {
  const { members } = store;
  return Object.seal({
    get sigev_notify() {
      return members["aio_sigevent.sigev_notify"];
    },
    set sigev_notify(value: number) {
      store.set("sigev_notify", value);
    },
    get sigev_signo() {
      return members["aio_sigevent.sigev_signo"];
    },
    set sigev_signo(value: number) {
      store.set("sigev_signo", value);
    },
    get sigev_value() {
      return members["aio_sigevent.sigev_value"];
    },
    set sigev_value(value: number) {
      store.set("sigev_value", value);
    },
    get sigev_notify_function() {
      return store.getFunction();
    },
    set sigev_notify_function(value: NotifyFunction | null) {
      store.setFunction(value);
    },
    get sigev_notify_kqueue() {
      return members["aio_sigevent.sigev_notify_kqueue"] ?? 0;
    },
    set sigev_notify_kqueue(value: number) {
      if (canSet("sigev_notify_kqueue", value)) store.set("sigev_notify_kqueue", value);
    },
    get sigev_notify_kevent_flags() {
      return members["aio_sigevent.sigev_notify_kevent_flags"] ?? 0;
    },
    set sigev_notify_kevent_flags(value: number) {
      if (canSet("sigev_notify_kevent_flags", value)) store.set("sigev_notify_kevent_flags", value);
    },
  });
}

/**
 * Sets all members of one event by another: what is left out gets its default.
 *
 * @param target What is set: a {@linkcode Sigevent}, or the view of a native struct.
 * @param value What is given.
 */
export function setSigevent(target: Sigevent | StructView, value: SigeventMembers): void {
  target.sigev_notify = value.sigev_notify ?? platform().constants.SIGEV_NONE;
  target.sigev_signo = value.sigev_signo ?? 0;
  target.sigev_value = value.sigev_value ?? 0;
  const { sigev_notify_kqueue, sigev_notify_kevent_flags = 0 } = value;
  // the place of sigev_signo
  if (sigev_notify_kqueue !== undefined && canSet("sigev_notify_kqueue", sigev_notify_kqueue)) {
    target.sigev_notify_kqueue = sigev_notify_kqueue;
  }
  if (canSet("sigev_notify_kevent_flags", sigev_notify_kevent_flags)) {
    target.sigev_notify_kevent_flags = sigev_notify_kevent_flags;
  }
}

function canSet(member: string, value: number): boolean {
  if (member in platform().structs.sigevent.members) return true;
  if (value === 0) return false;
  throw new AioError("sigevent", "ENOTSUP", `cannot set ${member}: ${platform().name} has no SIGEV_KEVENT`);
}
