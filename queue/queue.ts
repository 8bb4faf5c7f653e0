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
import { engine } from "./engine.ts";
import type { Engine } from "./engine.ts";
import { Fifo } from "./fifo.ts";
import { Operation } from "./operation.ts";
import type { OperationOwner } from "./operation.ts";
import { LANES_MAX } from "./lane_policy.ts";
import { checkBuffer, checkBuffers, checkDescriptor, checkInteger, checkLength, checkOffset } from "./request.ts";
import type {
  AioRequest,
  AioResult,
  Completion,
  ReadOptions,
  RequestOptions,
  SyncOptions,
  WriteOptions,
} from "./request.ts";
import { QueueCounters } from "./stats.ts";
import type { QueueStats } from "./stats.ts";

/** How a queue is made. */
export interface AioQueueOptions {
  /**
   * How many requests may be under way or waiting to be consumed, 1 to 65536.
   *
   * @default {64}
   */
  readonly depth?: number;
  /**
   * How many descriptor numbers the requests of one file are spread over, 1 to 16: libc runs one request at a time for
   * each. `"auto"` adapts it to what completions show.
   *
   * @default {"auto"}
   */
  readonly lanes?: number | "auto";
  /**
   * How many threads libc may use, 1 to 1024; only the first request of a process can set it (`aio_init`).
   *
   * @default {64}
   */
  readonly threads?: number;
}

/** How {@linkcode AioQueue.batches} waits. */
export interface BatchOptions {
  /** After how many milliseconds without a completion an empty batch comes. Default: never. */
  readonly timeout?: number;
}

/** How {@linkcode AioQueue.close} ends what is under way. */
export interface CloseOptions {
  /**
   * Cancel what has not ended first.
   *
   * @default {false}
   */
  readonly cancel?: boolean;
  /** After how many milliseconds to give up on what does not end. Default: never. */
  readonly timeout?: number;
}

/** Which requests {@linkcode AioQueue.cancel} means; all that are given must match. */
export interface CancelFilter {
  /** Requests of this descriptor. */
  readonly fd?: number;
  /** Requests with this tag. */
  readonly tag?: unknown;
}

type Source = Iterator<AioRequest> | AsyncIterator<AioRequest>;

interface Feed {
  readonly source: Source;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  pulling: boolean;
}

interface Consumer {
  readonly batch: boolean;
  readonly resolve: (result: IteratorResult<Completion | Completion[]>) => void;
  readonly reject: (error: unknown) => void;
  timer: ReturnType<typeof setTimeout> | undefined;
}

const submissions = channel("posix.aio.submit");
const completions = channel("posix.aio.completion");

/**
 * A queue of asynchronous I/O requests.
 *
 * Requests in flight have no order among themselves, except that a sync waits for every write that was submitted
 * before it on the same descriptor. A failed request never ends the iteration. A descriptor must stay open until its
 * requests have ended.
 *
 * @example One request
 * ```ts
 * import { AioQueue } from "jsr:@posix/aio";
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
 * import { AioQueue } from "jsr:@posix/aio";
 * import { openSync } from "node:fs";
 *
 * await using queue = new AioQueue({ depth: 64 });
 * const fd = openSync("README.md", "r");
 * queue.submit([0, 1, 2, 3].map((tag) => ({ op: "read", fd, offset: tag * 512, length: 512, tag } as const)));
 * for await (const completion of queue) console.log(completion.tag, completion.bytes);
 * ```
 */
export class AioQueue implements OperationOwner, AsyncDisposable {
  /** How many requests may be under way; for submitted ones, under way or with a completion nobody has consumed. */
  readonly depth: number;
  /** Memory that requests use without copying. */
  readonly buffers: BufferPool = new BufferPool();

  readonly #engine: Engine;
  readonly #lanes: number | undefined;
  readonly #counters = new QueueCounters();
  /** All requests that have been taken in and not ended. */
  readonly #live: Operation[] = [];
  /** Requests that found the queue full. */
  readonly #backlog = new Fifo<Operation>();
  readonly #feeds = new Fifo<Feed>();
  #completions: Completion[] = [];
  readonly #consumers = new Fifo<Consumer>();
  /** Requests that the engine has. */
  #running = 0;
  /** Requests whose completion an iterator is still to bring. */
  #outstanding = 0;
  #failure: { error: unknown } | undefined;
  #delivering = false;
  #refilling = false;
  #closed = false;
  #drained: (() => void)[] = [];

  /**
   * Makes a queue; libc is opened.
   *
   * @param options See {@linkcode AioQueueOptions}.
   * @throws {RangeError} If an option is out of range.
   * @throws {Error} If the platform or the runtime is not supported, or libc cannot be opened.
   */
  constructor(options: AioQueueOptions = {}) {
    const { depth = 64, lanes = "auto", threads } = options;
    this.depth = checkInteger("depth", depth, 1, 65536);
    this.#lanes = lanes === "auto" ? undefined : checkInteger("lanes", lanes, 1, LANES_MAX);
    if (threads !== undefined) checkInteger("threads", threads, 1, 1024);
    this.#engine = engine(threads);
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
  read(fd: number, options: ReadOptions): Promise<AioResult> {
    return this.#promise(options, () => this.#read(fd, options, undefined)) as Promise<AioResult>;
  }

  /**
   * Writes, as pwrite(2); to pipes, sockets and terminals as write(2).
   *
   * The bytes are copied, unless they lie in a pool buffer, when the request gets its turn: leave them alone until it
   * has ended.
   *
   * @param fd The descriptor.
   * @param buffer The bytes.
   * @param options Where.
   * @returns How many bytes.
   * @throws {AioError} What the request failed with.
   * @throws {TypeError | RangeError} If an argument is wrong.
   */
  write(fd: number, buffer: Uint8Array, options: WriteOptions = {}): Promise<AioResult> {
    return this.#promise(options, () => this.#write(fd, buffer, options, undefined)) as Promise<AioResult>;
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
  readv<Part extends Uint8Array>(
    fd: number,
    buffers: readonly Part[],
    options: WriteOptions = {},
  ): Promise<AioResult<readonly Part[]>> {
    return this.#promise(options, () => this.#vector("readv", fd, buffers, options, undefined)) as Promise<
      AioResult<readonly Part[]>
    >;
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
  writev<Part extends Uint8Array>(
    fd: number,
    buffers: readonly Part[],
    options: WriteOptions = {},
  ): Promise<AioResult<readonly Part[]>> {
    return this.#promise(options, () => this.#vector("writev", fd, buffers, options, undefined)) as Promise<
      AioResult<readonly Part[]>
    >;
  }

  /**
   * Makes durable what was written through this descriptor: waits for every write submitted before it on the
   * descriptor, in this queue, in another one of the thread, or in libc, then calls fsync(2) or fdatasync(2).
   *
   * @param fd The descriptor.
   * @param options Whether only the data.
   * @throws {AioError} What the request failed with; the data may then be lost, and a second sync would not tell.
   * @throws {TypeError | RangeError} If an argument is wrong.
   */
  async sync(fd: number, options: SyncOptions = {}): Promise<void> {
    await this.#promise(options, () => this.#sync(fd, options, undefined));
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
    const source = sourceOf(requests);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    promise.catch(() => {}); // the iteration reports it too
    this.#feeds.push({ source, resolve, reject, pulling: false });
    this.#refill();
    return promise;
  }

  /**
   * Cancels requests: those that have not been handed to libc end at once, the others if libc can still stop them; a
   * read of a regular file that runs cannot be stopped. Each ends with `ECANCELED` where it was cancelled.
   *
   * @param filter Which; all of this queue by default.
   * @returns How many requests this was asked for.
   */
  cancel(filter: CancelFilter = {}): number {
    const chosen = this.#live.filter((operation) =>
      (filter.fd === undefined || operation.fd === filter.fd) && (!("tag" in filter) || operation.tag === filter.tag)
    );
    for (const operation of chosen) this.#cancel(operation, true);
    return chosen.length;
  }

  /** Brings the completions of submitted requests one by one, until nothing is left. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Completion> {
    return this.#iterator(false, undefined) as AsyncIterableIterator<Completion>;
  }

  /**
   * Brings the completions of submitted requests as they come: each batch is what one wake-up brought.
   *
   * @param options How long to wait at most.
   * @returns An iterator that ends when nothing is left.
   * @throws {RangeError} If the timeout is out of range.
   */
  batches(options: BatchOptions = {}): AsyncIterableIterator<Completion[]> {
    const { timeout } = options;
    if (timeout !== undefined) checkInteger("timeout", timeout, 0, 0x7fffffff);
    return this.#iterator(true, timeout) as AsyncIterableIterator<Completion[]>;
  }

  /**
   * What the queue has done and is doing.
   *
   * @returns Counts since the queue was made, and the present numbers.
   */
  stats(): QueueStats {
    return this.#counters.report({
      inFlight: this.#live.length,
      unconsumed: this.#completions.length,
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
    const { cancel = false, timeout } = options;
    if (timeout !== undefined) checkInteger("timeout", timeout, 0, 0x7fffffff);
    this.#shut();
    if (cancel) this.cancel();
    let timer: ReturnType<typeof setTimeout> | undefined;
    if (timeout !== undefined) timer = setTimeout(() => this.#giveUp([...this.#live]), timeout);
    await this.#ended();
    clearTimeout(timer);
  }

  /**
   * Closes the queue at the end of an `await using` block: cancels what has not started, waits for what has, and gives
   * up at once on what sits on a silent pipe, socket or terminal.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#shut();
    for (const operation of [...this.#live]) this.#cancel(operation, false);
    this.#giveUp(this.#live.filter((operation) => operation.descriptor?.stream === true));
    await this.#ended();
  }

  /** Not for callers: the engine says that a request has ended. */
  ended(operation: Operation): void {
    if (!operation.abandoned) this.#forget(operation);
    if (operation.descriptor !== null) this.#running--;
    this.#counters.ended(operation, this.#engine.now);
    operation.signal?.removeEventListener("abort", operation.onAbort!);
    if (!operation.settled) this.#answer(operation, operation.error);
    this.#refill();
    if (this.#live.length === 0) this.#tellDrained();
  }

  /** Tells the caller how a request went. */
  #answer(operation: Operation, error: Error | undefined): void {
    operation.settled = true;
    const buffer = operation.buffer ?? operation.fresh;
    if (completions.hasSubscribers) {
      completions.publish({ queue: this, op: operation.op, fd: operation.fd, bytes: operation.moved, error });
    }
    if (operation.resolve !== null) {
      if (error !== undefined) operation.reject!(error);
      else operation.resolve({ bytes: operation.moved, buffer: operation.parts ?? buffer });
      return;
    }
    const { tag, op, fd, offset, moved: bytes, parts: buffers } = operation;
    this.#completions.push({ tag, op, fd, offset, bytes, buffer, buffers, error });
    this.#deliverSoon();
  }

  #promise(options: RequestOptions, make: () => Operation): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#mustBeOpen();
      if (options.signal?.aborted) throw abortError(options.signal, undefined);
      const operation = make();
      operation.resolve = resolve;
      operation.reject = reject;
      this.#enter(operation, options.signal);
    });
  }

  #read(fd: number, options: ReadOptions, tag: unknown): Operation {
    const { offset, length, buffer, priority } = options;
    if (buffer === undefined) {
      return this.#make("read", fd, offset, checkLength(length), null, null, priority, tag);
    }
    checkBuffer("buffer", buffer);
    const bytes = length === undefined ? buffer.length : checkInteger("length", length, 0, buffer.length);
    return this.#make("read", fd, offset, bytes, buffer, null, priority, tag);
  }

  #write(fd: number, buffer: Uint8Array, options: WriteOptions, tag: unknown): Operation {
    checkBuffer("buffer", buffer);
    return this.#make("write", fd, options.offset, buffer.length, buffer, null, options.priority, tag);
  }

  #vector(op: "readv" | "writev", fd: number, buffers: unknown, options: WriteOptions, tag: unknown): Operation {
    const { parts, length } = checkBuffers(buffers);
    return this.#make(op, fd, options.offset, length, null, parts, options.priority, tag);
  }

  #sync(fd: number, options: SyncOptions, tag: unknown): Operation {
    return this.#make("sync", fd, 0, 0, null, null, options.priority, tag, options.dataOnly === true);
  }

  #make(
    op: Operation["op"],
    fd: number,
    offset: number | undefined,
    length: number,
    buffer: Uint8Array | null,
    parts: readonly Uint8Array[] | null,
    priority: number | undefined,
    tag: unknown,
    dataOnly: boolean = false,
  ): Operation {
    checkDescriptor(fd);
    const at = checkOffset(offset);
    const place = priority === undefined ? 0 : checkInteger("priority", priority, -1_000_000, 1_000_000);
    return new Operation(this, op, fd, at, length, buffer, parts, dataOnly, place, tag);
  }

  /** Turns a request object into an operation. */
  #fromRequest(request: AioRequest): Operation {
    if (request === null || typeof request !== "object") {
      throw new TypeError(`Cannot use request ${request}: expected an object`);
    }
    const { op, fd, tag } = request;
    switch (op) {
      case "read":
        return this.#read(fd, request, tag);
      case "write":
        return this.#write(fd, request.buffer as Uint8Array, request, tag);
      case "readv":
      case "writev":
        return this.#vector(op, fd, request.buffers, request, tag);
      case "sync":
        return this.#sync(fd, request, tag);
      default:
        throw new TypeError(`Cannot use op ${JSON.stringify(op)}: expected read, write, readv, writev or sync`);
    }
  }

  /** Takes an operation in, now or when there is room. */
  #enter(operation: Operation, signal: AbortSignal | undefined): void {
    if (signal !== undefined) {
      operation.signal = signal;
      operation.onAbort = () => this.#abort(operation);
      signal.addEventListener("abort", operation.onAbort);
    }
    operation.index = this.#live.push(operation) - 1;
    if (this.#running < this.depth && this.#backlog.length === 0) this.#launch(operation);
    else this.#backlog.push(operation);
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
          if (waiting.state === "waiting") this.#launch(waiting);
        } else if (this.#running + this.#completions.length >= this.depth || !this.#pull()) {
          break;
        }
      }
    } finally {
      this.#refilling = false;
    }
  }

  /**
   * Pulls one request from what was submitted.
   *
   * @returns Whether there may be another one now.
   */
  #pull(): boolean {
    const feed = this.#feeds.head;
    if (feed === undefined || feed.pulling) return false;
    try {
      const step = feed.source.next();
      if (!(step instanceof Promise)) return this.#take(feed, step as IteratorResult<AioRequest>);
      feed.pulling = true;
      step.then((result) => {
        feed.pulling = false;
        if (this.#feeds.head !== feed) return; // closed meanwhile
        this.#take(feed, result);
        this.#refill();
      }).catch((error) => this.#fail(feed, error));
      return false;
    } catch (error) {
      this.#fail(feed, error);
      return true;
    }
  }

  #take(feed: Feed, result: IteratorResult<AioRequest>): boolean {
    if (result.done === true) {
      this.#feeds.shift();
      feed.resolve();
      if (this.#outstanding === 0) this.#deliverSoon();
      return true;
    }
    const request = result.value;
    this.#outstanding++;
    let operation: Operation;
    try {
      if (request?.signal?.aborted) throw abortError(request.signal, undefined);
      operation = this.#fromRequest(request);
    } catch (error) {
      const { tag, op, fd, offset = 0, buffer = null, buffers = null } = (request ?? {}) as AioRequest;
      this.#completions.push({ tag, op, fd, offset, bytes: 0, buffer, buffers, error: error as Error });
      this.#counters.failed++;
      this.#deliverSoon();
      return true;
    }
    this.#enter(operation, request.signal);
    return true;
  }

  #fail(feed: Feed, error: unknown): void {
    feed.pulling = false;
    this.#feeds.filter((other) => other !== feed);
    this.#failure = { error };
    feed.reject(error);
    this.#deliverSoon();
  }

  #abort(operation: Operation): void {
    if (operation.settled || operation.state === "done") return;
    const error = abortError(operation.signal!, operation);
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
    operation.state = "done";
    operation.error ??= new AioError("aio_cancel", "ECANCELED", `request on descriptor ${operation.fd}`);
    operation.free();
    this.ended(operation);
  }

  #forget(operation: Operation): void {
    const last = this.#live.pop() as Operation;
    if (last === operation) return;
    this.#live[operation.index] = last;
    last.index = operation.index;
  }

  #deliverSoon(): void {
    if (this.#delivering || this.#consumers.length === 0) return;
    this.#delivering = true;
    queueMicrotask(() => {
      this.#delivering = false;
      while (this.#consumers.length > 0 && this.#serve(this.#consumers.head as Consumer)) this.#consumers.shift();
    });
  }

  /**
   * Gives a consumer what there is.
   *
   * @returns Whether there was anything to give.
   */
  #serve(consumer: Consumer): boolean {
    if (this.#completions.length > 0) {
      const value = consumer.batch ? this.#completions : this.#completions.shift() as Completion;
      const count = consumer.batch ? this.#completions.length : 1;
      if (consumer.batch) this.#completions = [];
      this.#outstanding -= count;
      this.#refill();
      consumer.resolve({ done: false, value });
    } else if (this.#outstanding > 0 || this.#feeds.length > 0) {
      return false;
    } else if (this.#failure !== undefined) {
      const { error } = this.#failure;
      this.#failure = undefined;
      consumer.reject(error);
    } else {
      consumer.resolve({ done: true, value: undefined });
    }
    clearTimeout(consumer.timer);
    return true;
  }

  #iterator(batch: boolean, timeout: number | undefined): AsyncIterableIterator<Completion | Completion[]> {
    return {
      next: () =>
        new Promise((resolve, reject) => {
          const consumer: Consumer = { batch, resolve, reject, timer: undefined };
          if (this.#consumers.length === 0 && this.#serve(consumer)) return;
          this.#consumers.push(consumer);
          this.#deliverSoon();
          if (timeout === undefined) return;
          consumer.timer = setTimeout(() => {
            this.#consumers.filter((other) => other !== consumer);
            resolve({ done: false, value: [] });
          }, timeout);
        }),
      return: () => Promise.resolve({ done: true, value: undefined }),
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new TypeError("Cannot submit a request: the queue is closed");
  }

  #shut(): void {
    this.#closed = true;
    for (let feed = this.#feeds.shift(); feed !== undefined; feed = this.#feeds.shift()) {
      feed.reject(new TypeError("Cannot take in the rest of the requests: the queue was closed"));
      Promise.resolve(feed.source.return?.()).catch(() => {});
    }
    this.#deliverSoon();
  }

  #giveUp(operations: readonly Operation[]): void {
    let count = 0;
    for (const operation of operations) {
      this.#cancel(operation, true);
      if (operation.state !== "in libc") continue;
      count++;
      if (!operation.settled) {
        const { fd, moved: bytes } = operation;
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
    if (this.#live.length === 0) this.#tellDrained();
  }

  #ended(): Promise<void> {
    if (this.#live.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  #tellDrained(): void {
    for (const resolve of this.#drained.splice(0)) resolve();
  }
}

function sourceOf(requests: Iterable<AioRequest> | AsyncIterable<AioRequest>): Source {
  const asynchronous = (requests as AsyncIterable<AioRequest>)?.[Symbol.asyncIterator];
  if (typeof asynchronous === "function") return asynchronous.call(requests);
  const synchronous = (requests as Iterable<AioRequest>)?.[Symbol.iterator];
  if (typeof synchronous === "function") return synchronous.call(requests);
  throw new TypeError("Cannot submit requests: expected an iterable or async iterable of requests");
}

/** What an aborted request is rejected with: named as everywhere on the platform, with what had moved. */
function abortError(signal: AbortSignal, operation: Operation | undefined): AioError {
  const tried = operation === undefined ? "aborted before it was submitted" : `aborted on descriptor ${operation.fd}`;
  const error = new AioError("aio_cancel", "ECANCELED", tried, { bytes: operation?.moved, cause: signal.reason });
  error.name = "AbortError";
  return error;
}
