/**
 * What the engine needs of a platform's AIO: handing requests over, finding out which have ended, and being woken.
 *
 * One file per way of doing it: {@linkcode StatusBackend} reads the status words that Linux's C libraries write and
 * waits in `aio_suspend`; {@linkcode KqueueBackend} takes FreeBSD's events; {@linkcode SuspendBackend} asks for each
 * request where neither is there. This file alone chooses.
 *
 * @module
 */

import { AioError } from "../../ffi/errno.ts";
import { libc } from "../../ffi/libc.ts";
import { platform } from "../../structs/platform.ts";
import { KqueueBackend } from "./kqueue.ts";
import { StatusBackend } from "./status.ts";
import { SuspendBackend } from "./suspend.ts";
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

/**
 * The running platform's backend.
 *
 * @param waiter What its thread shall wait in; `"auto"` for what is best here.
 * @param wake Called from the event loop when a thread that waits has something to report.
 * @returns The backend.
 * @throws {AioError} ENOSYS if the platform lacks what the thread shall wait in.
 */
export function openBackend(waiter: Waiting | "auto", wake: () => void): Backend {
  libc(); // on Linux this settles which platform it is
  const { behaviour, status, name } = platform();
  if (behaviour.kqueue && waiter !== "suspend") return new KqueueBackend(wake);
  if (waiter === "kqueue") {
    throw new AioError("kqueue", "ENOSYS", `${name} has no waiter "kqueue", only FreeBSD has: use "suspend" or "auto"`);
  }
  return status === undefined ? new SuspendBackend(wake) : new StatusBackend(wake);
}
