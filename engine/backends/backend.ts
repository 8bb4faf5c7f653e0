/**
 * What the engine needs of a platform's AIO: handing requests over, finding out which have ended, and being woken.
 *
 * @module
 */

import type { Descriptor } from "../descriptor.ts";
import type { Fifo } from "../fifo.ts";
import type { Operation } from "../operation.ts";

/** What a thread waits in: `kevent` on FreeBSD, or `aio_suspend`. */
export type Waiting = "kqueue" | "suspend";

/** Told that libc did not take an operation. */
export type Refused = (operation: Operation, errno: number) => void;

/** A platform's AIO as the engine sees it. */
export interface Backend {
  /** What its thread waits in. */
  readonly waiter: Waiting | "io_uring";
  /** Whether the kernel itself can go on where a file's position is. */
  readonly positions: boolean;
  /** How many requests it takes at most. */
  readonly capacity: number;
  /** How many of them may wait for the other end of a pipe or socket and hold up no others, if `threads` do the work. */
  streamsMax(threads: number): number;
  /** How many more requests it takes now. */
  readonly room: number;
  /** Whether the waiting has been left to a thread before. */
  readonly threadStarted: boolean;
  /** Writes a prepared piece's control block; the number of the block goes to `operation.slot`. */
  place(operation: Operation): void;
  /**
   * Hands placed operations over.
   *
   * @param operations The operations; they are taken out.
   * @param refused Called for each that was not taken, the last first.
   */
  submit(operations: Fifo<Operation>, refused: Refused): void;
  /**
   * Finds operations that have ended: `operation.status` and `operation.result` tell how, and their lanes no longer
   * hold them.
   *
   * @param active The descriptors with something in libc.
   * @param ended Takes them.
   * @param patient Whether to leave those alone that will soon be part of a larger harvest.
   */
  collect(active: readonly Descriptor[], ended: Fifo<Operation>, patient: boolean): void;
  /** The block of an operation that was collected, or refused, is free. */
  release(operation: Operation): void;
  /** Asks libc to cancel an operation. */
  cancel(operation: Operation): void;
  /** Leaves the waiting to a thread, which keeps the process alive and calls the wake function given at the start. */
  park(active: readonly Descriptor[]): void;
  /** Nothing is waited for any more: the process may end. */
  rest(): void;
}
