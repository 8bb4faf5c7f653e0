/**
 * The thread that waits for an io_uring: text for a worker that blocks in poll(2) on the ring's eventfd, so that no
 * JavaScript thread has to. It takes nothing from the ring, which only its owner may.
 *
 * It is text for the same reason as the thread of `waiter_thread.ts`.
 *
 * @module
 */

import { SYMBOLS } from "./libc.ts";
import type { Signature } from "./native.ts";

/** Words of the control memory that owner and thread share. */
export const RING_CONTROL = {
  /** Set by the thread when it has started: 1. */
  READY: 0,
  /** Set by the owner: the thread shall end. */
  STOP: 1,
  /** How often the owner has armed the thread. */
  ARMED: 2,
  /** How many of these the thread has answered. */
  DONE: 3,
  /** How many words there are. */
  LENGTH: 4,
} as const;

/** The functions that the thread binds for itself. */
export const RING_SYMBOLS: Readonly<Record<string, Signature>> = {
  poll: SYMBOLS.poll,
  read: SYMBOLS.read,
};

/** And where it has a descriptor of its own. */
export const RING_SYMBOLS_OWN: Readonly<Record<string, Signature>> = {
  ...RING_SYMBOLS,
  __cxa_thread_atexit_impl: SYMBOLS.__cxa_thread_atexit_impl,
};

/** What the thread is started with. */
export interface RingThreadData {
  readonly control: SharedArrayBuffer;
  readonly library: string;
  readonly symbols: Readonly<Record<string, Signature>>;
  /** The eventfd, or a duplicate of it that is the thread's own. */
  readonly descriptor: number;
  /** The address of `close` if the descriptor is the thread's own, to be closed when it ends; else 0. */
  readonly close: number;
  /** Address of its `struct pollfd`, and of 8 bytes for what is read from it. */
  readonly memory: number;
  /** The longest wait, in milliseconds. */
  readonly waitMs: number;
}

/** The thread's text, to follow the door's prelude. */
export const RING_TEXT: string = `
onMessage((data) => {
  const { poll, read, __cxa_thread_atexit_impl } = bind(data.library, data.symbols);
  const close = pointer(data.close);
  if (data.close !== 0) __cxa_thread_atexit_impl(close, pointer(data.descriptor), close);
  const control = new Int32Array(data.control);
  const pollfd = pointer(data.memory);
  const count = pointer(data.memory + 8);
  const [one, eight] = [pointer(1), pointer(8)];
  const stopped = () => Atomics.load(control, ${RING_CONTROL.STOP}) !== 0;
  let done = Atomics.load(control, ${RING_CONTROL.DONE});
  Atomics.store(control, ${RING_CONTROL.READY}, 1);
  while (!stopped()) {
    if (Atomics.load(control, ${RING_CONTROL.ARMED}) === done) {
      Atomics.wait(control, ${RING_CONTROL.ARMED}, done, 1000);
      continue;
    }
    if (poll(pollfd, one, data.waitMs) <= 0) continue;
    read(data.descriptor, count, eight);
    Atomics.store(control, ${RING_CONTROL.DONE}, ++done);
    Atomics.notify(control, ${RING_CONTROL.DONE});
  }
});
`;
