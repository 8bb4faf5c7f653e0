/**
 * The waiter thread: text for a worker that blocks in `aio_suspend` so that no JavaScript thread has to.
 *
 * It is text because a worker from inline source travels with the module everywhere (JSR's `.js`, `bun build
 * --compile`), where a worker from a file of its own breaks. The door of the runtime puts its prelude in front.
 *
 * The owner publishes a numbered list of control blocks; the thread waits until one of them has ended, reports that
 * number as done, and looks for the next. Lists live in three places in turn, so none is edited while it is waited on:
 * libc reads the list again after the wait.
 *
 * @module
 */

import { SYMBOLS } from "./libc.ts";
import type { Signature } from "./native.ts";

/** Words of the control memory that owner and thread share. */
export const CONTROL = {
  /** Set by the thread when it has started: 1. */
  READY: 0,
  /** Set by the owner: the thread shall end. */
  STOP: 1,
  /** Number of the newest list. */
  PUBLISHED: 2,
  /** Number of the newest list that has been waited for. */
  DONE: 3,
  /** Lengths of the three lists. */
  COUNTS: 4,
  /** How many words there are. */
  LENGTH: 8,
} as const;

/** Lists in turn. */
export const LISTS = 3;

/** The functions that the thread binds for itself. */
export const WAITER_SYMBOLS: Readonly<Record<string, Signature>> = { aio_suspend: SYMBOLS.aio_suspend };

/** What the thread is started with. */
export interface WaiterData {
  readonly control: SharedArrayBuffer;
  readonly library: string;
  readonly symbols: Readonly<Record<string, Signature>>;
  /** Addresses of the three lists. */
  readonly lists: readonly number[];
  /** Address of the `struct timespec` that bounds one wait. */
  readonly timeout: number;
}

/** The thread's text, to follow the door's prelude. */
export const WAITER_TEXT: string = `
onMessage((data) => {
  const { aio_suspend } = bind(data.library, data.symbols);
  const control = new Int32Array(data.control);
  const lists = data.lists.map(pointer);
  const timeout = pointer(data.timeout);
  const stopped = () => Atomics.load(control, ${CONTROL.STOP}) !== 0;
  let done = Atomics.load(control, ${CONTROL.DONE});
  Atomics.store(control, ${CONTROL.READY}, 1);
  while (!stopped()) {
    const turn = Atomics.load(control, ${CONTROL.PUBLISHED});
    if (turn === done) {
      Atomics.wait(control, ${CONTROL.PUBLISHED}, done, 1000);
      continue;
    }
    const list = lists[turn % ${LISTS}];
    const count = Atomics.load(control, ${CONTROL.COUNTS} + turn % ${LISTS});
    while (aio_suspend(list, count, timeout) !== 0) {
      if (stopped() || Atomics.load(control, ${CONTROL.PUBLISHED}) !== turn) break;
    }
    done = turn;
    Atomics.store(control, ${CONTROL.DONE}, done);
    Atomics.notify(control, ${CONTROL.DONE});
  }
});
`;
