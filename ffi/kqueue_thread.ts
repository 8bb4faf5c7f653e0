/**
 * The thread that waits on FreeBSD: text for a worker that blocks in `kevent` so that no JavaScript thread has to.
 *
 * It is text for the same reason as the thread of `waiter_thread.ts`. Each event is given to one caller only, so the
 * thread hands over what it was given: it copies nothing, tells how many there are, and touches their memory no more
 * until the owner has armed it again. New requests need no word to it, they tell the same kqueue.
 *
 * @module
 */

import { SYMBOLS } from "./libc.ts";
import type { Signature } from "./native.ts";

/** Words of the control memory that owner and thread share. */
export const KQUEUE_CONTROL = {
  /** Set by the thread when it has started: 1. */
  READY: 0,
  /** Set by the owner: the thread shall end. */
  STOP: 1,
  /** How often the owner has armed the thread. */
  ARMED: 2,
  /** How many of these the thread has answered with events. */
  DONE: 3,
  /** How many events the last answer has. */
  COUNT: 4,
  /** How many words there are. */
  LENGTH: 8,
} as const;

/** Most events of one answer. */
export const EVENTS_MAX = 128;

/** The functions that the thread binds for itself. */
export const KQUEUE_SYMBOLS: Readonly<Record<string, Signature>> = { kevent: SYMBOLS.kevent };

/** Milliseconds before the answer to a call that failed, so that two threads do not busy each other with it. */
const FAILED_MS = 10;

/** What the thread is started with. */
export interface KqueueThreadData {
  readonly control: SharedArrayBuffer;
  readonly library: string;
  readonly symbols: Readonly<Record<string, Signature>>;
  /** The kqueue's descriptor. */
  readonly kqueue: number;
  /** Address of the memory for {@linkcode EVENTS_MAX} events. */
  readonly events: number;
  /** Address of the `struct timespec` that bounds one wait. */
  readonly timeout: number;
}

/** The thread's text, to follow the door's prelude. */
export const KQUEUE_TEXT: string = `
onMessage((data) => {
  const { kevent } = bind(data.library, data.symbols);
  const control = new Int32Array(data.control);
  const events = pointer(data.events);
  const timeout = pointer(data.timeout);
  const nothing = pointer(0);
  const stopped = () => Atomics.load(control, ${KQUEUE_CONTROL.STOP}) !== 0;
  let done = Atomics.load(control, ${KQUEUE_CONTROL.DONE});
  Atomics.store(control, ${KQUEUE_CONTROL.READY}, 1);
  while (!stopped()) {
    if (Atomics.load(control, ${KQUEUE_CONTROL.ARMED}) === done) {
      Atomics.wait(control, ${KQUEUE_CONTROL.ARMED}, done, 1000);
      continue;
    }
    const count = kevent(data.kqueue, nothing, 0, events, ${EVENTS_MAX}, timeout);
    if (count === 0) continue;
    if (count < 0) Atomics.wait(control, ${KQUEUE_CONTROL.STOP}, 0, ${FAILED_MS}); // the owner finds out why
    Atomics.store(control, ${KQUEUE_CONTROL.COUNT}, Math.max(0, count));
    Atomics.store(control, ${KQUEUE_CONTROL.DONE}, ++done);
    Atomics.notify(control, ${KQUEUE_CONTROL.DONE});
  }
});
`;
