/**
 * The requests of one queue from the moment they are taken in until they have ended: those for which there is no room wait,
 * the others are with the engine, and each is answered once.
 *
 * @module
 */

import process from "node:process";
import type { Engine } from "../engine/engine.ts";
import type { Operation, OperationOwner } from "../engine/operation.ts";
import { free, orphan } from "../engine/pieces.ts";
import { giveOperation } from "../engine/spares.ts";
import { WaitingList } from "../engine/waiting_line.ts";
import { AioError } from "../ffi/errno.ts";
import { errorOf, reasonOf } from "./aborts.ts";
import { closedError } from "./check.ts";
import { Live } from "./live.ts";
import { Signals } from "./signals.ts";
import { QueueCounters } from "./stats.ts";
import type { QueueStats } from "./stats.ts";
import { tellAnswer, tellAsyncEnd, tellEnd, tellStart, tellSubmission } from "./tracing.ts";

const CANCEL_MS = 1000; // how long what is really cancelled may take to end

/** The requests of one queue. */
export class UnderWay {
  /** Told by the engine when one has ended. */
  readonly owner: OperationOwner = { ended: (operation) => this.#ended(operation) };
  /** What was counted. */
  readonly counters: QueueCounters = new QueueCounters();

  readonly #queue: object;
  readonly #engine: Engine;
  readonly #depth: number;
  readonly #lanes: number | undefined;
  readonly #pull: (running: number) => boolean;
  /** All requests that have been taken in and not ended. */
  readonly #live = new Live();
  /** Requests that found the queue full, by priority. */
  readonly #backlog = new WaitingList();
  readonly #signals = new Signals<Operation>((operation) => this.#abort(operation));
  /** Requests that the engine has. */
  #running = 0;
  #refilling = false;
  #closed = false;
  #drained: (() => void)[] = [];

  /**
   * @param queue What is told to the channels of diagnostics.
   * @param engine What runs the requests.
   * @param depth How many it may have.
   * @param lanes A fixed number of lanes, or `undefined`.
   * @param pull Takes in one more where there is room beside so many, and says whether it did.
   */
  constructor(
    queue: object,
    engine: Engine,
    depth: number,
    lanes: number | undefined,
    pull: (running: number) => boolean,
  ) {
    this.#queue = queue;
    this.#engine = engine;
    this.#depth = depth;
    this.#lanes = lanes;
    this.#pull = pull;
  }

  /** How many have not ended. */
  get length(): number {
    return this.#live.length;
  }

  /** Those that have not ended, or those of them of which something is so. */
  select(such: (operation: Operation) => boolean = () => true): Operation[] {
    return this.#live.select(such);
  }

  /** Takes no more requests from programs. */
  close(): void {
    this.#closed = true;
  }

  /** Throws if it takes no more requests. */
  mustBeOpen(): void {
    if (this.#closed) throw closedError("Cannot submit a request: the queue is closed");
  }

  /** What was counted, and the present numbers; `unconsumed` completions wait. */
  stats(unconsumed: number): QueueStats {
    const { held, lanes } = this.#engine;
    return this.counters.report({ inFlight: this.#live.length, unconsumed, held, lanes });
  }

  /** The engine says that a request has ended. */
  #ended(operation: Operation): void {
    if (!operation.abandoned) this.#live.forget(operation);
    if (operation.descriptor !== null) this.#running--;
    this.counters.ended(operation, this.#engine.now);
    if (!operation.settled) this.#answer(operation, operation.error);
    giveOperation(operation);
    this.refill();
    if (this.#live.length === 0) this.#tellQuiet();
  }

  /** Tells the caller how a request went. */
  #answer(operation: Operation, error: unknown): void {
    operation.settled = true;
    if (operation.state === "in libc") orphan(operation);
    if (operation.signal !== null) this.#signals.leave(operation.signal, operation);
    const { tag, op, fd, offset, moved: bytes, parts: buffers, told, sink } = operation;
    if (told !== null) Reflect.set(told, "bytes", bytes); // a frozen object throws nothing in the middle of a turn
    const buffer = operation.buffer ?? operation.fresh;
    const trace = tellAnswer(this.#queue, operation, error);
    if (sink !== null) sink.push({ tag, op, fd, offset, bytes, buffer, buffers, error });
    else if (error !== undefined) operation.reject!(error);
    else operation.resolve!({ bytes, buffer: buffers ?? buffer });
    tellAsyncEnd(trace);
  }

  /** Takes an operation in, now or when there is room. */
  enter(operation: Operation, signal: AbortSignal | undefined): void {
    if (signal !== undefined) {
      operation.signal = signal;
      this.#signals.join(signal, operation);
    }
    this.#live.add(operation);
    tellStart(this.#queue, operation);
    if (this.#running < this.#depth && this.#backlog.length === 0) this.#launch(operation);
    else this.#backlog.add(operation, false, this.#placeOf(operation));
    tellEnd(operation);
  }

  /** The priority with which a request waits: a sync is for the writes before it, and overtakes nothing. */
  #placeOf({ op, priority }: Operation): number {
    return op === "sync" ? Math.min(priority, this.#backlog.lowest) : priority;
  }

  #launch(operation: Operation): void {
    this.#running++;
    this.counters.submitted++;
    tellSubmission(this.#queue, operation);
    this.#engine.submit(operation, this.#lanes);
  }

  /**
   * Fills the room there is: from the backlog first, then from what was submitted, for which completions that nobody
   * has consumed take room too. They take none from promises, so a loop's body may always await more.
   */
  refill(): void {
    if (this.#refilling) return; // an iterable that itself uses the queue
    this.#refilling = true;
    try {
      while (this.#running < this.#depth) {
        if (this.#backlog.length > 0) {
          this.#launch(this.#backlog.next());
        } else if (!this.#pull(this.#running)) {
          break;
        }
      }
    } finally {
      this.#refilling = false;
    }
  }

  #abort(operation: Operation): void {
    const signal = operation.signal!;
    this.drop(operation, operation.sink === null ? reasonOf(signal) : errorOf(signal));
  }

  /** Ends a request whose caller no longer waits for it. */
  drop(operation: Operation, error: unknown): void {
    if (operation.settled || operation.state === "done") return;
    if (operation.state === "in libc") {
      this.counters.failed++;
      this.#answer(operation, error);
    } else {
      operation.error = error;
    }
    this.cancel(operation, true);
  }

  /**
   * Cancels a request.
   *
   * @param operation The request.
   * @param force Also ask libc for what it holds.
   */
  cancel(operation: Operation, force: boolean): void {
    if (operation.descriptor !== null) return this.#engine.cancel(operation, force);
    // still in the backlog: the engine has never seen it
    operation.line?.remove(operation);
    operation.state = "done";
    operation.error ??= new AioError("aio_cancel", "ECANCELED", `request on descriptor ${operation.fd}`);
    free(operation);
    this.#ended(operation);
  }

  /** Answers requests that libc still has; their memory stays reserved. */
  giveUp(operations: readonly Operation[]): void {
    let count = 0;
    for (const operation of operations) {
      this.cancel(operation, true);
      if (operation.state !== "in libc") continue;
      count++;
      if (!operation.settled) {
        const { fd, moved: bytes } = operation;
        this.counters.failed++;
        const tried = `gave up on a request of descriptor ${fd}, which libc still has`;
        this.#answer(operation, new AioError("aio_cancel", "ECANCELED", tried, { bytes }));
      }
      this.#engine.abandon(operation);
      this.#live.forget(operation);
    }
    if (count > 0) {
      process.emitWarning(
        `AioQueue closed with ${count} request${count === 1 ? "" : "s"} that did not end: ` +
          "their memory stays reserved until libc ends them",
      );
    }
    if (this.#live.length === 0) this.#tellQuiet();
  }

  /** Waits until nothing is under way; gives up on what is so many milliseconds later. */
  async quiet(timeout?: number): Promise<void> {
    const timer = timeout === undefined ? undefined : setTimeout(() => this.giveUp(this.#live.select()), timeout);
    if (this.#live.length > 0) await new Promise<void>((resolve) => this.#drained.push(resolve));
    clearTimeout(timer);
  }

  /** Waits until nothing is under way, but gives up on streams; where they are really cancelled, a moment later. */
  async quietButStreams(cancels: boolean): Promise<void> {
    const streams = () => this.select(({ descriptor }) => descriptor?.stream === true);
    for (const operation of streams()) this.cancel(operation, true);
    const timer = cancels ? setTimeout(() => this.giveUp(streams()), CANCEL_MS) : void this.giveUp(streams());
    await this.quiet();
    clearTimeout(timer);
  }

  #tellQuiet(): void {
    for (const resolve of this.#drained.splice(0)) resolve();
  }
}
