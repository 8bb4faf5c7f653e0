/**
 * What goes to libc: requests wait at their descriptors, and are handed over in batches as there is room on a lane, in the
 * pool and in the turn.
 *
 * @module
 */

import { AioError } from "../ffi/errno.ts";
import { platform } from "../structs/platform.ts";
import { refusalHint } from "../sys/descriptor.ts";
import type { Backend } from "./backends/backend.ts";
import type { Descriptor } from "./descriptor.ts";
import { Endings } from "./endings.ts";
import type { Starter } from "./endings.ts";
import { describe, faultOf, syscallOf } from "./failures.ts";
import { Fifo } from "./fifo.ts";
import type { Held } from "./held.ts";
import type { Lane } from "./lanes/lane.ts";
import type { Operation } from "./operation.ts";
import { hasStagingRoom, prepare } from "./pieces.ts";
import { isDrained } from "./place.ts";
import { claimPosition } from "./position.ts";
import { Retries } from "./retries.ts";
import { Gate } from "./waiting/gate.ts";

/** A turn copies no more than so many bytes each way. */
export const TURN_BYTES: number = 1 << 21;

/** Hands requests over. */
export class Submission implements Starter {
  /** Ends those that libc never has. */
  readonly endings: Endings;
  /** Tries again what libc had no room for. */
  readonly retries: Retries = new Retries(() => this.flush());

  readonly #backend: Backend;
  readonly #held: Held;
  readonly #streamsMax: number;
  readonly #schedule: () => void;
  readonly #gate = new Gate((gated) => {
    this.mark(gated as Descriptor);
    this.soon();
  });
  readonly #bytesMax: number = platform().ioBytesMax;
  readonly #again: number = platform().errno.EAGAIN;
  readonly #onFlush = () => this.flush();
  readonly #refuse = (operation: Operation, errno: number) => this.#refused(operation, errno);
  /** Descriptors with something to submit. */
  readonly #ready = new Fifo<Descriptor>();
  /** Operations that are placed and go to libc next. */
  readonly #batch = new Fifo<Operation>();
  /** Bytes that were copied in since the last flush began. */
  #copied = 0;
  #flushing = false;

  /**
   * @param backend Takes the requests.
   * @param held What it holds.
   * @param streamsMax How many pipes, sockets and terminals may have requests there.
   * @param schedule Sees to it that a turn comes soon.
   */
  constructor(backend: Backend, held: Held, streamsMax: number, schedule: () => void) {
    this.#backend = backend;
    this.#held = held;
    this.#streamsMax = streamsMax;
    this.#schedule = schedule;
    this.endings = new Endings(held, this);
  }

  /** Whether a flush comes at the end of the running microtask. */
  get flushing(): boolean {
    return this.#flushing;
  }

  /** Whether there is something to submit, or perhaps so. */
  get pending(): boolean {
    return this.#ready.length > 0;
  }

  /** Something to submit on this descriptor, or perhaps so. */
  mark(descriptor: Descriptor): void {
    if (descriptor.listed) return;
    descriptor.listed = true;
    this.#ready.push(descriptor);
  }

  /** Hands to libc what it has room for at the end of the running microtask, together with whatever else comes. */
  soon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(this.#onFlush);
  }

  /** Hands to libc what it has room for, unless that comes soon anyway. */
  now(): void {
    if (this.#ready.length > 0 && !this.#flushing) this.flush();
  }

  /** Hands to libc what it has room for. */
  flush(): void {
    this.#flushing = false;
    this.#copied = 0;
    // those that are marked meanwhile come next time
    for (let left = this.#ready.length; left > 0; left--) {
      const descriptor = this.#ready.shift() as Descriptor;
      descriptor.listed = false;
      this.#fillLanes(descriptor);
    }
    if (this.#copied >= TURN_BYTES) this.#schedule(); // the rest comes in the next turn
    if (this.#batch.length > 0) this.#backend.submit(this.#batch, this.#refuse);
    if (this.#held.awaited) this.#schedule();
  }

  /** Takes a request back that libc does not hold any more; its descriptor may have more to submit. */
  takeBack(operation: Operation): void {
    this.mark(this.#held.release(operation));
  }

  /** A request that libc did not carry out goes there again, before the others. */
  waitAgain(operation: Operation): void {
    const descriptor = operation.descriptor as Descriptor;
    if (operation.op === "sync") descriptor.syncs.add(operation, true);
    else descriptor.wait(operation, true);
  }

  #fillLanes(descriptor: Descriptor): void {
    if (descriptor.held === 0 && descriptor.stream && this.#held.streams >= this.#streamsMax) {
      this.mark(descriptor); // one of the streams must end first
      return;
    }
    this.#fillSyncs(descriptor);
    for (const list of descriptor.waiting) {
      while (list.length > 0) {
        if (this.#backend.room === 0 || this.#copied >= TURN_BYTES || !hasStagingRoom(descriptor.stream)) {
          this.mark(descriptor);
          return;
        }
        const second = list === descriptor.waiting[1];
        const lane = descriptor.laneWithRoom(second);
        if (lane === undefined) break;
        const bytesMax = descriptor.gated ? this.#pass(descriptor, list.head, second) : this.#bytesMax;
        if (bytesMax === 0) break;
        const operation = list.next();
        if (operation.error === undefined) this.#start(operation, descriptor, lane, bytesMax);
        else this.endings.endSoon(operation);
      }
    }
  }

  /** How many bytes a request of a pipe may have now; 0 for none yet. */
  #pass(descriptor: Descriptor, operation: Operation, writes: boolean): number {
    if (operation.length === 0) return this.#bytesMax;
    try {
      return Math.min(this.#gate.room(descriptor, writes), this.#bytesMax);
    } catch (error) {
      operation.error = error;
      return this.#bytesMax;
    }
  }

  #fillSyncs(descriptor: Descriptor): void {
    for (;;) {
      const sync = descriptor.syncs.head;
      if (sync === undefined || !isDrained(sync.barrier!) || this.#backend.room === 0) return;
      const lane = descriptor.laneWithRoom(true);
      if (lane === undefined) return;
      descriptor.syncs.shift();
      this.#start(sync, descriptor, lane);
    }
  }

  #start(operation: Operation, descriptor: Descriptor, lane: Lane, bytesMax: number = this.#bytesMax): void {
    try {
      if (operation.op !== "sync") prepare(operation, bytesMax);
      if (operation.writes && operation.lender === null) this.#copied += operation.pieceBytes;
      if (operation.sequential && !this.#backend.positions) claimPosition(operation);
    } catch (error) {
      operation.error = error as Error;
      this.endings.endSoon(operation);
      return;
    }
    this.#held.hold(operation, descriptor, lane);
    this.#batch.push(operation);
  }

  /** libc did not take a request: EAGAIN means later, anything else is the request's error. */
  #refused(operation: Operation, errno: number): void {
    (operation.lane as Lane).held.filter((other) => other !== operation);
    this.takeBack(operation);
    if (errno === this.#again) operation.error = faultOf(operation);
    if (operation.error === undefined && (errno !== this.#again || !this.retries.left)) {
      const tried = describe(operation) + refusalHint(errno, operation.fd);
      operation.error = new AioError(syscallOf(operation), errno, tried, { bytes: operation.moved });
    }
    if (operation.error !== undefined) return this.endings.endSoon(operation);
    this.waitAgain(operation);
    this.retries.soon();
  }
}
