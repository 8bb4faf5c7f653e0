/**
 * What libc has ended: found, taken as far as the turn may be, and ended or sent on with its next piece.
 *
 * @module
 */

import { performance } from "node:perf_hooks";
import { AioError } from "../ffi/errno.ts";
import { platform } from "../structs/platform.ts";
import type { Backend } from "./backends/backend.ts";
import type { Descriptor } from "./descriptor.ts";
import { canceled, describe, syscallOf } from "./failures.ts";
import { Fifo } from "./fifo.ts";
import type { Held } from "./held.ts";
import type { Operation } from "./operation.ts";
import { accept } from "./pieces.ts";
import { TURN_BYTES } from "./submission.ts";
import type { Submission } from "./submission.ts";
import type { WaitPolicy } from "./waiting/wait_policy.ts";

/** A turn takes no more requests when it has lasted for so many milliseconds, or copied so many bytes. */
const TURN_MS = 1;

/** The time of day is looked at after every eighth request. */
const LOOK_MASK = 7;

/** Takes what has ended. */
export class Harvest {
  /** The longest turns so far: requests taken, and bytes copied out for them. */
  readonly turns: { most: number; mostBytes: number } = { most: 0, mostBytes: 0 };

  readonly #backend: Backend;
  readonly #held: Held;
  readonly #submission: Submission;
  readonly #policy: WaitPolicy;
  readonly #canceled: number = platform().errno.ECANCELED;
  /** Operations that libc has ended and nobody has looked at. */
  readonly #harvested = new Fifo<Operation>();

  /**
   * @param backend Finds them.
   * @param held What it holds.
   * @param submission Sends them on.
   * @param policy Knows when the turn began.
   */
  constructor(backend: Backend, held: Held, submission: Submission, policy: WaitPolicy) {
    this.#backend = backend;
    this.#held = held;
    this.#submission = submission;
    this.#policy = policy;
  }

  /**
   * Finds the pieces that have ended and takes what they moved.
   *
   * @param patient Whether to leave those alone that will soon be part of a larger harvest.
   * @returns How many there were.
   */
  harvest(patient: boolean): number {
    const ended = this.#harvested;
    const left = ended.length;
    this.#backend.collect(this.#held.active, ended, patient);
    const count = ended.length;
    if (count === 0) return 0;
    // from the last to the first, so that those that go back to wait keep their order
    let back = 0;
    for (let index = count - 1; index >= left; index--) {
      const operation = ended.at(index) as Operation;
      if (operation.status !== this.#canceled || operation.cancelled) continue;
      this.#goBack(operation);
      back++;
    }
    // the list outlives the turn: whoever is started again must not be found in it
    if (back > 0) ended.filter(({ state }) => state === "in libc");
    const taken = this.#takeEnded(ended);
    this.#submission.retries.reset();
    return taken;
  }

  /**
   * Takes what has ended, as long as the turn may be; the rest is the next turn's.
   *
   * @returns How many requests were taken.
   */
  #takeEnded(ended: Fifo<Operation>): number {
    let taken = 0;
    let bytes = 0;
    while (ended.length > 0) {
      const operation = ended.shift() as Operation;
      taken++;
      if (operation.lender === null) bytes += operation.result; // they are copied
      this.#take(operation);
      if (bytes >= TURN_BYTES) break;
      if ((taken & LOOK_MASK) === 0 && performance.now() - this.#policy.now > TURN_MS) break;
    }
    this.turns.most = Math.max(this.turns.most, taken);
    this.turns.mostBytes = Math.max(this.turns.mostBytes, bytes);
    return taken;
  }

  /** A request that was cancelled together with another goes to libc again. */
  #goBack(operation: Operation): void {
    this.#submission.takeBack(operation);
    this.#submission.waitAgain(operation);
  }

  /** Takes what one piece moved; the request ends, or goes on with its next piece. */
  #take(operation: Operation): void {
    const { status } = operation;
    const descriptor = operation.descriptor as Descriptor;
    this.#submission.takeBack(operation);
    descriptor.ended++;
    if (operation.settled) {
      descriptor.identity.forget(); // its caller was told already, and the bytes are the caller's again
      if (status === 0 && operation.op !== "sync") operation.moved += operation.result; // they were moved all the same
    } else if (status !== 0) {
      const syscall = status === this.#canceled ? "aio_cancel" : syscallOf(operation);
      operation.error = new AioError(syscall, status, describe(operation), { bytes: operation.moved });
    } else if (operation.op !== "sync") {
      try {
        const complete = accept(operation, operation.result);
        // what a pipe has is all there is for now
        if (!complete && !(descriptor.stream && operation.reads)) {
          if (!operation.cancelled) {
            descriptor.wait(operation, true);
            return;
          }
          operation.error = canceled(operation);
        }
      } catch (error) {
        operation.error = error as Error;
      }
    }
    this.#submission.endings.end(operation);
  }
}
