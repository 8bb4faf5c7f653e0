/**
 * `AioQueue`: what programs use. Requests go in, completions come out, and no more than `depth` are under way meanwhile.
 *
 * @module
 */

import { chooseEngine } from "../engine/choose_engine.ts";
import type { Engine } from "../engine/engine.ts";
import type { EngineName } from "../engine/engine_name.ts";
import { BufferPool } from "./buffers.ts";
import { Intakes } from "./intakes.ts";
import { addQueue } from "./known.ts";
import { Promises } from "./promises.ts";
import type { AioQueueOptions, BatchOptions, CancelFilter, CloseOptions } from "./options.ts";
import type { AioRequest, AioResult, AioVectorResult, Bytes, Completion, DescriptorLike } from "./request.ts";
import type { ReadOptions, SyncOptions, WriteOptions } from "./request.ts";
import { checkBatchOptions, checkCancelFilter, checkCloseOptions, checkQueueOptions } from "./settings.ts";
import type { QueueStats } from "./stats.ts";
import { UnderWay } from "./under_way.ts";

/** The engine of a queue: for files, whose descriptors it must let go of. */
export let engineOf: (queue: AioQueue) => Engine;

/**
 * A queue of asynchronous I/O requests.
 *
 * Requests in flight have no order among themselves, except that a sync waits for every write that was submitted
 * before it on the same descriptor. A failed request never ends the iteration.
 *
 * A descriptor must stay open until its requests have ended: what is still waiting when it is closed fails with `EBADF`,
 * but reads or writes another file if that is opened in the meantime and gets the same number. `AioFile` waits by itself. A
 * request that was aborted, or that a closing queue gave up, has ended in this sense, and the number may be used again at
 * once: what is asked of the new file neither touches the old one nor waits for it, nor meets anything of it.
 *
 * A descriptor's number is used as it is, without asking a sandbox: whoever may call C (`--allow-ffi`) and has a number can
 * read and write what is open under it. Files get their numbers from `node:fs`, which does ask.
 *
 * @example
 * ```ts
 * import { AioQueue } from "@posix/aio";
 * import { openSync } from "node:fs";
 *
 * await using queue = new AioQueue({ depth: 64 });
 * const fd = openSync("README.md", "r");
 * const { bytes, buffer } = await queue.read(fd, { offset: 0, length: 4096 }); // one request
 * console.log(bytes, new TextDecoder().decode(buffer).slice(0, 20));
 * queue.submit([0, 1, 2, 3].map((tag) => ({ op: "read", fd, offset: tag * 512, length: 512, tag } as const))); // many
 * for await (const completion of queue) console.log(completion.tag, completion.bytes);
 * const own = [5, 6].map((tag) => ({ op: "read", fd, length: 64, tag } as const)); // and those of one part of a program
 * for await (const { tag, bytes } of queue.run(own)) console.log(tag, bytes);
 * ```
 */
export class AioQueue implements AsyncDisposable {
  /** How many requests may be under way; for submitted ones, under way or with a completion nobody has consumed. */
  readonly depth: number;
  /** Memory that requests use without copying. */
  readonly buffers: BufferPool = new BufferPool();

  readonly #engine: Engine;
  readonly #underWay: UnderWay;
  readonly #promises: Promises;
  readonly #intakes: Intakes;

  /**
   * Makes a queue; libc is opened.
   *
   * @param options See {@linkcode AioQueueOptions}.
   * @throws {TypeError | RangeError} If an option is wrong.
   * @throws {AioError} ENOSYS, EBUSY or EPERM if the platform, this thread's other queues or the kernel stand against it.
   * @throws {Error} If the platform or the runtime is not supported, or libc cannot be opened.
   */
  constructor(options: AioQueueOptions = {}) {
    const { depth, engine, lanes, threads, waiter } = checkQueueOptions(options);
    this.depth = depth;
    this.#engine = chooseEngine(engine, threads, waiter);
    this.#underWay = new UnderWay(this, this.#engine, depth, lanes, (running) => this.#intakes.pull(running));
    this.#promises = new Promises(this.#underWay);
    this.#intakes = new Intakes(this.#underWay, depth);
    addQueue(this);
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
   * @throws {AioError | TypeError | RangeError} What the request failed with, or what is wrong with an argument.
   */
  read(fd: DescriptorLike, options: ReadOptions = {}): Promise<AioResult> {
    return this.#promises.ask("read", fd, undefined, options) as Promise<AioResult>;
  }

  /**
   * Writes, as pwrite(2); to pipes, sockets and terminals as write(2).
   *
   * Leave the bytes alone until it has ended: they are copied when it gets its turn, those of a pool buffer never.
   *
   * @param fd The descriptor.
   * @param buffer The bytes; or a text, which is written as UTF-8.
   * @param options Where.
   * @returns How many bytes.
   * @throws {AioError | TypeError | RangeError} What the request failed with, or what is wrong with an argument.
   */
  write(fd: DescriptorLike, buffer: Bytes | string, options: WriteOptions = {}): Promise<AioResult> {
    return this.#promises.ask("write", fd, buffer, options) as Promise<AioResult>;
  }

  /**
   * Reads into several arrays, one after the other, as preadv(2).
   *
   * @param fd The descriptor.
   * @param buffers The arrays, at most 1024 (`IOV_MAX`).
   * @param options Where.
   * @returns How many bytes in all.
   * @throws {AioError | TypeError | RangeError} What the request failed with, or what is wrong with an argument.
   */
  readv(fd: DescriptorLike, buffers: readonly Bytes[], options: WriteOptions = {}): Promise<AioVectorResult> {
    return this.#promises.ask("readv", fd, buffers, options) as Promise<AioVectorResult>;
  }

  /**
   * Writes several arrays, one after the other, as pwritev(2).
   *
   * @param fd The descriptor.
   * @param buffers The arrays, at most 1024 (`IOV_MAX`).
   * @param options Where.
   * @returns How many bytes in all.
   * @throws {AioError | TypeError | RangeError} What the request failed with, or what is wrong with an argument.
   */
  writev(
    fd: DescriptorLike,
    buffers: readonly (Bytes | string)[],
    options: WriteOptions = {},
  ): Promise<AioVectorResult> {
    return this.#promises.ask("writev", fd, buffers, options) as Promise<AioVectorResult>;
  }

  /**
   * Makes durable what was written through this descriptor: waits for every write submitted before it on the
   * descriptor, in this queue, or under way in another one of the thread, then calls fsync(2) or fdatasync(2).
   *
   * @param fd The descriptor.
   * @param options Whether only the data.
   * @throws {AioError} What the request failed with; the data may then be lost, and a second sync would not tell.
   */
  async sync(fd: DescriptorLike, options: SyncOptions = {}): Promise<void> {
    await this.#promises.ask("sync", fd, undefined, options);
  }

  /**
   * Takes in many requests whose completions the iterators bring. They are pulled only as room appears.
   *
   * @param requests The requests; a wrong one ends with an error in its completion.
   * @returns Kept when all have been taken in; it need not be awaited. If `requests` itself throws, that ends the
   * iteration too.
   * @throws {TypeError} If `requests` is no iterable, or the queue is closed.
   */
  submit(requests: Iterable<AioRequest> | AsyncIterable<AioRequest>): Promise<void> {
    this.#underWay.mustBeOpen();
    return this.#intakes.submit(requests);
  }

  /**
   * Takes in requests and brings their completions, and no others: several parts of a program can share a queue so.
   *
   * Leaving the iteration early cancels what has not ended. An error of `requests` itself ends it, behind the completions
   * of what had been taken in.
   *
   * @param requests The requests; they are pulled only as room appears. A wrong one ends with an error in its completion.
   * @returns The completions, as they come.
   * @throws {TypeError} If `requests` is no iterable, or the queue is closed.
   */
  run(requests: Iterable<AioRequest> | AsyncIterable<AioRequest>): AsyncIterableIterator<Completion> {
    this.#underWay.mustBeOpen();
    return this.#intakes.run(requests);
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
    const chosen = this.#underWay.select(checkCancelFilter(filter));
    for (const operation of chosen) this.#underWay.cancel(operation, true);
    return chosen.length;
  }

  /** Brings the completions of submitted requests one by one, until nothing is left. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Completion> {
    return this.#intakes.submitted.delivery.iterator(false, undefined) as AsyncIterableIterator<Completion>;
  }

  /**
   * Brings the completions of submitted requests as they come: each batch is what one wake-up brought.
   *
   * @param options How long to wait at most.
   * @returns An iterator that ends when nothing is left.
   * @throws {RangeError} If the timeout is out of range.
   */
  batches(options: BatchOptions = {}): AsyncIterableIterator<Completion[]> {
    const timeout = checkBatchOptions(options);
    return this.#intakes.submitted.delivery.iterator(true, timeout) as AsyncIterableIterator<Completion[]>;
  }

  /** What the queue has done since it was made, and the present numbers. */
  stats(): QueueStats {
    return this.#underWay.stats(this.#intakes.unconsumed);
  }

  /**
   * Takes in nothing more and waits for what is under way. Completions that nobody has consumed can still be iterated.
   *
   * @param options Whether to cancel first, and when to give up.
   * @throws {RangeError} If the timeout is out of range.
   */
  async close(options: CloseOptions = {}): Promise<void> {
    const { cancel, timeout } = checkCloseOptions(options);
    this.#intakes.close();
    if (cancel) this.cancel();
    await this.#underWay.quiet(timeout);
    this.#intakes.warnOfUnseen();
  }

  /**
   * Closes the queue at the end of an `await using` block: cancels what has not started, waits for what has, and gives
   * up at once on what sits on a silent pipe, socket or terminal.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#intakes.close();
    for (const operation of this.#underWay.select()) this.#underWay.cancel(operation, false);
    await this.#underWay.quietButStreams(this.engine === "io_uring");
    this.#intakes.warnOfUnseen();
  }
}
