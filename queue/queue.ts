/**
 * `AioQueue`: what programs use. Requests go in as promises or as iterables, completions come out as promises, one by
 * one, or in batches; the number under way is bounded by `depth` whatever is put in.
 *
 * @module
 */

import { channel } from "node:diagnostics_channel";
import process from "node:process";
import { AioError } from "../ffi/errno.ts";
import { BufferPool } from "./buffers.ts";
import { chooseEngine } from "../engine/choose_engine.ts";
import type { Engine } from "../engine/engine.ts";
import type { EngineName } from "../engine/engine_name.ts";
import { Intake } from "./intake.ts";
import { LANES_MAX } from "../engine/lanes/lane_policy.ts";
import { makeFromRequest, makeOperation } from "./make.ts";
import type { Operation, OperationOwner } from "../engine/operation.ts";
import type { AioQueueOptions, BatchOptions, CancelFilter, CloseOptions } from "./options.ts";
import { free, orphan } from "../engine/pieces.ts";
import { checkDescriptor, checkInteger, checkNames, checkSignal, closedError, namesOf } from "./check.ts";
import { ASKER, READ_NAMES, WRITE_NAMES } from "./request.ts";
import type {
  AioRequest,
  AioResult,
  Bytes,
  Completion,
  DescriptorLike,
  ReadOptions,
  RequestOp,
  RequestOptions,
  SyncOptions,
  WriteOptions,
} from "./request.ts";
import { giveOperation } from "../engine/spares.ts";
import { Signals } from "./signals.ts";
import { QueueCounters } from "./stats.ts";
import type { QueueStats } from "./stats.ts";
import { WaitingLine } from "../engine/waiting_line.ts";

/**
 * The engine of a queue: for files, whose descriptors it must let go of.
 *
 * @param queue The queue.
 * @returns Its engine.
 */
export let engineOf: (queue: AioQueue) => Engine;

/** Longest timeout in milliseconds that timers take. */
const TIMEOUT_MAX = 0x7fffffff;

const submissions = channel("posix.aio.submit");
const completions = channel("posix.aio.completion");

const QUEUE_NAMES = namesOf("depth", "engine", "lanes", "threads", "waiter");
const BATCH_NAMES = namesOf("timeout");
const CLOSE_NAMES = namesOf("cancel", "timeout");
const CANCEL_NAMES = namesOf("fd", "tag");
/** What may be said of a request that is asked for by a method. */
const NAMES = {
  read: READ_NAMES,
  write: WRITE_NAMES,
  readv: WRITE_NAMES,
  writev: WRITE_NAMES,
  sync: namesOf("dataOnly", "signal", "priority", "moved"),
};
const REQUEST_NAMES = namesOf(
  ...["op", "fd", "offset", "length", "buffer", "buffers", "dataOnly", "tag", "signal", "priority", "moved"],
);

type Resolve = (value: unknown) => void;
type Reject = (error: unknown) => void;

/** The functions of the promise that was made last: with an executor of its own, each would leave twice the garbage. */
const made: { resolve: Resolve; reject: Reject } = { resolve() {}, reject() {} };

function keepResolvers(resolve: Resolve, reject: Reject): void {
  made.resolve = resolve;
  made.reject = reject;
}

/**
 * A queue of asynchronous I/O requests.
 *
 * Requests in flight have no order among themselves, except that a sync waits for every write that was submitted
 * before it on the same descriptor. A failed request never ends the iteration.
 *
 * A descriptor must stay open until its requests have ended: what is still waiting when it is closed fails with `EBADF`,
 * but reads or writes another file if that is opened in the meantime and gets the same number. `AioFile` waits by itself. A
 * request that was aborted, or that a closing queue gave up, has ended in this sense: the number may be used again at
 * once: nothing that is asked of the new file touches the old one or waits for it, and nothing of the old one comes into
 * the new file.
 *
 * A descriptor's number is used as it is, without asking a sandbox: whoever may call C (`--allow-ffi`) and has a number can
 * read and write what is open under it. Files get their numbers from `node:fs`, which does ask.
 *
 * @example One request
 * ```ts
 * import { AioQueue } from "@posix/aio";
 * import { openSync } from "node:fs";
 *
 * await using queue = new AioQueue({ depth: 64 });
 * const fd = openSync("README.md", "r");
 * const { bytes, buffer } = await queue.read(fd, { offset: 0, length: 4096 });
 * console.log(bytes, new TextDecoder().decode(buffer).slice(0, 20));
 * ```
 *
 * @example Many requests
 * ```ts
 * import { AioQueue } from "@posix/aio";
 * import { openSync } from "node:fs";
 *
 * await using queue = new AioQueue({ depth: 64 });
 * const fd = openSync("README.md", "r");
 * queue.submit([0, 1, 2, 3].map((tag) => ({ op: "read", fd, offset: tag * 512, length: 512, tag } as const)));
 * for await (const completion of queue) console.log(completion.tag, completion.bytes);
 * ```
 */
export class AioQueue implements AsyncDisposable {
  /** How many requests may be under way; for submitted ones, under way or with a completion nobody has consumed. */
  readonly depth: number;
  /** Memory that requests use without copying. */
  readonly buffers: BufferPool = new BufferPool();

  readonly #engine: Engine;
  readonly #lanes: number | undefined;
  readonly #owner: OperationOwner = { ended: (operation) => this.#ended(operation) };
  readonly #counters = new QueueCounters();
  /** All requests that have been taken in and not ended. */
  readonly #live: Operation[] = [];
  /** Requests that found the queue full. */
  readonly #backlog = new WaitingLine();
  readonly #takes = {
    take: (request: AioRequest, intake: Intake) => this.#take(request, intake),
    refill: () => this.#refill(),
  };
  /** Of `submit` and the queue's own iterators. */
  readonly #submitted: Intake = new Intake(this.#takes);
  /** That one, and one for each `run` that has not ended. */
  readonly #intakes: Intake[] = [this.#submitted];
  readonly #signals = new Signals<Operation>((operation) => this.#abort(operation));
  /** Requests that the engine has. */
  #running = 0;
  #refilling = false;
  #closed = false;
  #drained: (() => void)[] = [];

  /**
   * Makes a queue; libc is opened.
   *
   * @param options See {@linkcode AioQueueOptions}.
   * @throws {RangeError} If an option is out of range.
   * @throws {AioError} ENOSYS if the platform lacks the waiter; EBUSY if the queues of this thread have another one; ENOSYS or
   * EPERM if the kernel gives no io_uring: the message says why.
   * @throws {Error} If the platform or the runtime is not supported, or libc cannot be opened.
   */
  constructor(options: AioQueueOptions = {}) {
    checkNames("options", options, QUEUE_NAMES);
    const { depth = 64, engine, lanes = "auto", threads, waiter = "auto" } = options;
    this.depth = checkInteger("depth", depth, 1, 65536);
    this.#lanes = lanes === "auto" ? undefined : checkInteger("lanes", lanes, 1, LANES_MAX);
    if (threads !== undefined) checkInteger("threads", threads, 1, 1024);
    if (!["auto", "kqueue", "suspend"].includes(waiter)) {
      throw new RangeError(`Cannot use waiter ${JSON.stringify(waiter)}: expected "auto", "kqueue" or "suspend"`);
    }
    if (engine !== undefined && !["posix", "io_uring", "auto"].includes(engine)) {
      throw new RangeError(`Cannot use engine ${JSON.stringify(engine)}: expected "posix", "io_uring" or "auto"`);
    }
    if (engine === "io_uring" && (threads !== undefined || waiter !== "auto")) {
      throw new TypeError('Cannot use threads or waiter together with engine "io_uring": they are the C library\'s');
    }
    this.#engine = chooseEngine(engine, threads, waiter);
  }

  static {
    engineOf = (queue) => queue.#engine;
  }

  /** What runs its requests. */
  get engine(): EngineName {
    return this.#engine.name;
  }

  /**
   * Reads, as pread(2); from pipes, sockets and terminals as read(2).
   *
   * @param fd The descriptor.
   * @param options Where, how much, and into what.
   * @returns How many bytes, and where they are. Fewer than asked at the end of the file; 0 beyond it.
   * @throws {AioError} What the request failed with.
   * @throws {TypeError | RangeError} If an argument is wrong.
   */
  read(fd: DescriptorLike, options: ReadOptions = {}): Promise<AioResult> {
    return this.#promise("read", fd, undefined, options) as Promise<AioResult>;
  }

  /**
   * Writes, as pwrite(2); to pipes, sockets and terminals as write(2).
   *
   * The bytes are copied, unless they lie in a pool buffer, when the request gets its turn: leave them alone until it
   * has ended.
   *
   * @param fd The descriptor.
   * @param buffer The bytes; or a text, which is written as UTF-8.
   * @param options Where.
   * @returns How many bytes.
   * @throws {AioError} What the request failed with.
   * @throws {TypeError | RangeError} If an argument is wrong.
   */
  write(fd: DescriptorLike, buffer: Bytes | string, options: WriteOptions = {}): Promise<AioResult> {
    return this.#promise("write", fd, buffer, options) as Promise<AioResult>;
  }

  /**
   * Reads into several arrays, one after the other, as preadv(2).
   *
   * @param fd The descriptor.
   * @param buffers The arrays, at most 1024 (`IOV_MAX`).
   * @param options Where.
   * @returns How many bytes in all.
   * @throws {AioError} What the request failed with.
   * @throws {TypeError | RangeError} If an argument is wrong.
   */
  readv(
    fd: DescriptorLike,
    buffers: readonly Bytes[],
    options: WriteOptions = {},
  ): Promise<AioResult<readonly Uint8Array[]>> {
    return this.#promise("readv", fd, buffers, options) as Promise<AioResult<readonly Uint8Array[]>>;
  }

  /**
   * Writes several arrays, one after the other, as pwritev(2).
   *
   * @param fd The descriptor.
   * @param buffers The arrays, at most 1024 (`IOV_MAX`).
   * @param options Where.
   * @returns How many bytes in all.
   * @throws {AioError} What the request failed with.
   * @throws {TypeError | RangeError} If an argument is wrong.
   */
  writev(
    fd: DescriptorLike,
    buffers: readonly (Bytes | string)[],
    options: WriteOptions = {},
  ): Promise<AioResult<readonly Uint8Array[]>> {
    return this.#promise("writev", fd, buffers, options) as Promise<AioResult<readonly Uint8Array[]>>;
  }

  /**
   * Makes durable what was written through this descriptor: waits for every write submitted before it on the
   * descriptor, in this queue, or under way in another one of the thread, then calls fsync(2) or fdatasync(2).
   *
   * @param fd The descriptor.
   * @param options Whether only the data.
   * @throws {AioError} What the request failed with; the data may then be lost, and a second sync would not tell.
   * @throws {TypeError | RangeError} If an argument is wrong.
   */
  async sync(fd: DescriptorLike, options: SyncOptions = {}): Promise<void> {
    await this.#promise("sync", fd, undefined, options);
  }

  /**
   * Takes in many requests whose completions the iterators bring. They are pulled only as room appears.
   *
   * @param requests The requests; a wrong one ends with an error in its completion.
   * @returns A promise that is kept when all have been taken in; it need not be awaited. It is rejected, and the
   * iteration ends with the same error, if `requests` itself throws.
   * @throws {TypeError} If `requests` is no iterable, or the queue is closed.
   */
  submit(requests: Iterable<AioRequest> | AsyncIterable<AioRequest>): Promise<void> {
    this.#mustBeOpen();
    const taken = this.#submitted.feeds.add(requests);
    this.#refill();
    return taken;
  }

  /**
   * Takes in requests and brings their completions, and no others: several parts of a program can share a queue so.
   *
   * Leaving the iteration early cancels what has not ended. An error of `requests` itself ends it, behind the completions
   * of what had been taken in.
   *
   * @example
   * ```ts
   * import { AioQueue } from "@posix/aio";
   * import { openSync } from "node:fs";
   *
   * await using queue = new AioQueue();
   * const fd = openSync("/etc/passwd", "r");
   * const requests = [0, 64, 128].map((offset) => ({ op: "read", fd, offset, length: 64 }) as const);
   * for await (const { offset, bytes } of queue.run(requests)) console.log(offset, bytes);
   * ```
   *
   * @param requests The requests; they are pulled only as room appears. A wrong one ends with an error in its completion.
   * @returns The completions, as they come.
   * @throws {TypeError} If `requests` is no iterable, or the queue is closed.
   */
  run(requests: Iterable<AioRequest> | AsyncIterable<AioRequest>): AsyncIterableIterator<Completion> {
    this.#mustBeOpen();
    const intake = new Intake(this.#takes);
    void intake.feeds.add(requests);
    this.#intakes.push(intake);
    this.#refill();
    const completions = intake.delivery.iterator(false, undefined) as AsyncIterableIterator<Completion>;
    const over = () => {
      const index = this.#intakes.indexOf(intake);
      if (index >= 0) this.#intakes.splice(index, 1);
    };
    return {
      next: async () => {
        try {
          const step = await completions.next();
          if (step.done === true) over();
          return step;
        } catch (error) {
          over();
          throw error;
        }
      },
      return: () => {
        over();
        intake.leave();
        for (const operation of this.#live.filter(({ sink }) => sink === intake)) this.#drop(operation, undefined);
        return completions.return!();
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /**
   * Cancels requests: those that have not been handed to libc end at once, the others if libc can still stop them; a
   * read of a regular file that runs cannot be stopped. Each ends with `ECANCELED` where it was cancelled.
   *
   * @param filter Which; all of this queue by default.
   * @returns How many requests this was asked for.
   * @throws {TypeError | RangeError} If the filter is wrong.
   */
  cancel(filter: CancelFilter = {}): number {
    checkNames("filter", filter, CANCEL_NAMES);
    const fd = filter.fd === undefined ? undefined : checkDescriptor(filter.fd);
    const chosen = this.#live.filter((operation) =>
      (fd === undefined || operation.fd === fd) && (!("tag" in filter) || operation.tag === filter.tag)
    );
    for (const operation of chosen) this.#cancel(operation, true);
    return chosen.length;
  }

  /** Brings the completions of submitted requests one by one, until nothing is left. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Completion> {
    return this.#submitted.delivery.iterator(false, undefined) as AsyncIterableIterator<Completion>;
  }

  /**
   * Brings the completions of submitted requests as they come: each batch is what one wake-up brought.
   *
   * @param options How long to wait at most.
   * @returns An iterator that ends when nothing is left.
   * @throws {RangeError} If the timeout is out of range.
   */
  batches(options: BatchOptions = {}): AsyncIterableIterator<Completion[]> {
    checkNames("options", options, BATCH_NAMES);
    const { timeout } = options;
    if (timeout !== undefined) checkInteger("timeout", timeout, 0, TIMEOUT_MAX);
    return this.#submitted.delivery.iterator(true, timeout) as AsyncIterableIterator<Completion[]>;
  }

  /**
   * What the queue has done and is doing.
   *
   * @returns Counts since the queue was made, and the present numbers.
   */
  stats(): QueueStats {
    return this.#counters.report({
      inFlight: this.#live.length,
      unconsumed: this.#intakes.reduce((sum, { delivery }) => sum + delivery.length, 0),
      held: this.#engine.held,
      lanes: this.#engine.lanes,
    });
  }

  /**
   * Takes in nothing more and waits for what is under way. Completions that nobody has consumed can still be iterated.
   *
   * @param options Whether to cancel first, and when to give up.
   * @throws {RangeError} If the timeout is out of range.
   */
  async close(options: CloseOptions = {}): Promise<void> {
    checkNames("options", options, CLOSE_NAMES);
    const { cancel = false, timeout } = options;
    if (timeout !== undefined) checkInteger("timeout", timeout, 0, TIMEOUT_MAX);
    this.#shut();
    if (cancel) this.cancel();
    let timer: ReturnType<typeof setTimeout> | undefined;
    if (timeout !== undefined) timer = setTimeout(() => this.#giveUp([...this.#live]), timeout);
    await this.#quiet();
    clearTimeout(timer);
    this.#warnOfUnseen();
  }

  /**
   * Closes the queue at the end of an `await using` block: cancels what has not started, waits for what has, and gives
   * up at once on what sits on a silent pipe, socket or terminal.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#shut();
    for (const operation of [...this.#live]) this.#cancel(operation, false);
    this.#giveUp(this.#live.filter((operation) => operation.descriptor?.stream === true));
    await this.#quiet();
    this.#warnOfUnseen();
  }

  /** The engine says that a request has ended. */
  #ended(operation: Operation): void {
    if (!operation.abandoned) this.#forget(operation);
    if (operation.descriptor !== null) this.#running--;
    this.#counters.ended(operation, this.#engine.now);
    if (!operation.settled) this.#answer(operation, operation.error);
    giveOperation(operation);
    this.#refill();
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
    if (completions.hasSubscribers) completions.publish({ queue: this, op, fd, offset, bytes, error });
    if (sink !== null) sink.push({ tag, op, fd, offset, bytes, buffer, buffers, error });
    else if (error !== undefined) operation.reject!(error);
    else operation.resolve!({ bytes, buffer: buffers ?? buffer });
  }

  #promise(op: RequestOp, fd: DescriptorLike, bytes: unknown, options: RequestOptions): Promise<unknown> {
    const promise = new Promise<unknown>(keepResolvers);
    const { resolve, reject } = made;
    try {
      this.#mustBeOpen();
      checkNames("options", options, NAMES[op]);
      const signal = checkSignal(options.signal);
      if (signal?.aborted) throw reasonOf(signal);
      const given = op === "read" ? (options as ReadOptions).buffer : bytes;
      const asker = (options as { [ASKER]?: unknown })[ASKER];
      const operation = makeOperation(this.#owner, op, fd, given, options, asker);
      operation.resolve = resolve;
      operation.reject = reject;
      this.#enter(operation, signal);
    } catch (error) {
      reject(error);
    }
    return promise;
  }

  /** Takes in a request that was submitted; a wrong one ends at once. */
  #take(request: AioRequest, intake: Intake): void {
    let operation: Operation;
    let signal: AbortSignal | undefined;
    try {
      checkNames("request", request, REQUEST_NAMES);
      signal = checkSignal(request.signal);
      if (signal?.aborted) throw errorOf(signal);
      operation = makeFromRequest(this.#owner, request);
    } catch (error) {
      const { tag, op, fd, offset = 0, buffer = null, buffers = null } = (request ?? {}) as AioRequest;
      this.#counters.failed++;
      intake.push({ tag, op, fd, offset: Number(offset ?? -1), bytes: 0, buffer, buffers, error });
      return;
    }
    operation.sink = intake;
    this.#enter(operation, signal);
  }

  /** Takes an operation in, now or when there is room. */
  #enter(operation: Operation, signal: AbortSignal | undefined): void {
    if (signal !== undefined) {
      operation.signal = signal;
      this.#signals.join(signal, operation);
    }
    operation.index = this.#live.push(operation) - 1;
    if (this.#running < this.depth && this.#backlog.length === 0) this.#launch(operation);
    else this.#backlog.add(operation);
  }

  #launch(operation: Operation): void {
    this.#running++;
    this.#counters.submitted++;
    if (submissions.hasSubscribers) {
      const { op, fd, offset, length } = operation;
      submissions.publish({ queue: this, op, fd, offset, length });
    }
    this.#engine.submit(operation, this.#lanes);
  }

  /**
   * Fills the room there is: from the backlog first, then from what was submitted, for which completions that nobody
   * has consumed take room too. They take none from promises, so a loop's body may always await more.
   */
  #refill(): void {
    if (this.#refilling) return; // an iterable that itself uses the queue
    this.#refilling = true;
    try {
      while (this.#running < this.depth) {
        const waiting = this.#backlog.shift();
        if (waiting !== undefined) {
          this.#launch(waiting);
        } else if (!this.#pull()) {
          break;
        }
      }
    } finally {
      this.#refilling = false;
    }
  }

  /** Takes in one request more; once for each request, so without garbage. */
  #pull(): boolean {
    for (let index = 0; index < this.#intakes.length; index++) {
      const intake = this.#intakes[index];
      if (intake.feeds.length === 0 || this.#running + intake.delivery.length >= this.depth) continue;
      if (intake.feeds.pull()) return true;
    }
    return false;
  }

  #abort(operation: Operation): void {
    const signal = operation.signal!;
    this.#drop(operation, operation.sink === null ? reasonOf(signal) : errorOf(signal));
  }

  /** Ends a request whose caller no longer waits for it. */
  #drop(operation: Operation, error: unknown): void {
    if (operation.settled || operation.state === "done") return;
    if (operation.state === "in libc") {
      this.#counters.failed++;
      this.#answer(operation, error);
    } else {
      operation.error = error;
    }
    this.#cancel(operation, true);
  }

  #cancel(operation: Operation, force: boolean): void {
    if (operation.descriptor !== null) return this.#engine.cancel(operation, force);
    // still in the backlog: the engine has never seen it
    operation.line?.remove(operation);
    operation.state = "done";
    operation.error ??= new AioError("aio_cancel", "ECANCELED", `request on descriptor ${operation.fd}`);
    free(operation);
    this.#ended(operation);
  }

  #forget(operation: Operation): void {
    const last = this.#live.pop() as Operation;
    if (last === operation) return;
    this.#live[operation.index] = last;
    last.index = operation.index;
  }

  #mustBeOpen(): void {
    if (this.#closed) throw closedError("Cannot submit a request: the queue is closed");
  }

  #shut(): void {
    this.#closed = true;
    for (const intake of [...this.#intakes]) intake.close();
  }

  #giveUp(operations: readonly Operation[]): void {
    let count = 0;
    for (const operation of operations) {
      this.#cancel(operation, true);
      if (operation.state !== "in libc") continue;
      count++;
      if (!operation.settled) {
        const { fd, moved: bytes } = operation;
        this.#counters.failed++;
        const tried = `gave up on a request of descriptor ${fd}, which libc still has`;
        this.#answer(operation, new AioError("aio_cancel", "ECANCELED", tried, { bytes }));
      }
      this.#engine.abandon(operation);
      this.#forget(operation);
    }
    if (count > 0) {
      process.emitWarning(
        `AioQueue closed with ${count} request${count === 1 ? "" : "s"} that did not end: ` +
          "their memory stays reserved until libc ends them",
      );
    }
    if (this.#live.length === 0) this.#tellQuiet();
  }

  /** Waits until nothing is under way. */
  #quiet(): Promise<void> {
    if (this.#live.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  #tellQuiet(): void {
    for (const resolve of this.#drained.splice(0)) resolve();
  }

  /** What an iterable threw must not get lost where nobody has iterated the completions. */
  #warnOfUnseen(): void {
    const unseen = this.#submitted.delivery.unseen;
    if (unseen === 0) return;
    process.emitWarning(
      `AioQueue closed while ${
        unseen === 1 ? "an error" : `${unseen} errors`
      } of submitted iterables had not been seen: ` +
        "iterate the queue, or await what submit() returns",
    );
  }
}

/** What a promise of an aborted request is rejected with, as everywhere on the platform. */
function reasonOf(signal: AbortSignal): unknown {
  return signal.reason ?? new DOMException("The request was aborted", "AbortError");
}

/** The same for a completion, whose error is an `Error`. */
function errorOf(signal: AbortSignal): Error {
  const reason = reasonOf(signal);
  if (reason instanceof Error) return reason;
  const error = new AioError("aio_cancel", "ECANCELED", "aborted", { cause: reason });
  error.name = "AbortError";
  return error;
}
