/**
 * How many requests a second this package reaches on one file: what `aio bench` shows and what the benchmark of the
 * repository runs beside its peers.
 *
 * @module
 */

import { performance } from "node:perf_hooks";
import type { AioQueueOptions } from "../queue/options.ts";
import { AioQueue } from "../queue/queue.ts";
import type { AioRequest } from "../queue/request.ts";
import type { Latencies } from "./latencies.ts";

/** How the queue is used: as an iteration over batches, or by promises with pool, own or fresh buffers. */
export type Style = "batches" | "promise" | "promise-own" | "promise-fresh";

/** What to measure. */
export interface Load {
  /** The opened file. */
  readonly fd: number;
  /** Its size in bytes. */
  readonly fileBytes: number;
  /** What each request does. */
  readonly op: "read" | "write";
  /** Whether offsets are random or follow each other. */
  readonly order: "random" | "sequential";
  /** Bytes of one request. */
  readonly blockBytes: number;
  /** Requests in flight. */
  readonly depth: number;
  /** How the queue is used. */
  readonly style: Style;
  /** What runs the requests. Default: POSIX AIO. */
  readonly engine?: AioQueueOptions["engine"];
  /** A fixed number of lanes, or `"auto"`. */
  readonly lanes: number | "auto";
  /** For how long before anything is counted: compilers and lanes settle. */
  readonly warmUpMs: number;
  /** For how long. */
  readonly measureMs: number;
  /** How many requests to measure, from the first on, instead of measuring for a time. */
  readonly requests?: number | undefined;
  /** Where each request's time from being submitted to being consumed is counted; without it no clock is asked for it. */
  readonly latencies?: Latencies | undefined;
  /** Called when the counting begins. */
  readonly onBegin?: (() => void) | undefined;
}

/** What came of it. */
export interface Measurement {
  /** Requests that ended while it was counted. */
  readonly requests: number;
  /** In what time. */
  readonly seconds: number;
}

/** Counts requests from the end of the warm-up to the end of the measurement. */
class Counter {
  readonly #load: Load;
  #requests = 0;
  #began = 0;
  #next: number;

  constructor(load: Load) {
    this.#load = load;
    this.#next = performance.now() + load.warmUpMs;
    if (load.requests === undefined) return;
    this.#begin(performance.now());
    this.#next = Infinity;
  }

  /** More requests have ended. */
  add(count: number): void {
    this.#requests += count;
  }

  /** Whether the measurement is over. */
  over(): boolean {
    const now = performance.now();
    if (now < this.#next) return false;
    if (this.#began !== 0) return true;
    this.#begin(now);
    return false;
  }

  #begin(now: number): void {
    this.#load.onBegin?.();
    this.#load.latencies?.clear();
    this.#began = now;
    this.#requests = 0;
    this.#next = now + this.#load.measureMs;
  }

  result(): Measurement {
    return { requests: this.#requests, seconds: (performance.now() - this.#began) / 1000 };
  }
}

/**
 * Measures a load.
 *
 * @param load What to do.
 * @returns How many requests ended in what time.
 * @throws {AioError} What a request failed with.
 */
export async function measure(load: Load): Promise<Measurement> {
  const queue = new AioQueue({ engine: load.engine, depth: load.depth, lanes: load.lanes });
  try {
    return load.style === "batches" ? await measureBatches(queue, load) : await measurePromises(queue, load);
  } finally {
    await queue[Symbol.asyncDispose]();
  }
}

/**
 * Offsets of whole blocks of the file.
 *
 * @param load The order, the size of a block and of the file.
 * @returns A function that gives one offset after the other.
 */
export function offsetsOf(
  { order, blockBytes, fileBytes }: Pick<Load, "order" | "blockBytes" | "fileBytes">,
): () => number {
  const blocks = Math.floor(fileBytes / blockBytes);
  let block = -1;
  return order === "random"
    ? () => Math.floor(Math.random() * blocks) * blockBytes
    : () => (block = block + 1 >= blocks ? 0 : block + 1) * blockBytes;
}

/** Buffers go round: each is used again as soon as its completion was consumed. */
async function measureBatches(queue: AioQueue, load: Load): Promise<Measurement> {
  const { op, fd, depth, blockBytes, latencies, requests = Infinity } = load;
  const next = offsetsOf(load);
  const buffers = Array.from({ length: depth * 2 }, () => queue.buffers.take(blockBytes));
  const free: Uint8Array[] = buffers.map(({ bytes }) => bytes);
  const counter = new Counter(load);
  let over = false;
  queue.submit((function* (): Generator<AioRequest> {
    for (let count = 0; !over && count < requests; count++) {
      const tag = latencies === undefined ? undefined : performance.now(); // it is pulled when there is room for it
      yield { op, fd, offset: next(), buffer: free.pop(), tag };
    }
  })());
  let result: Measurement | undefined;
  let failure: Error | undefined;
  for await (const batch of queue.batches()) {
    const now = latencies === undefined ? 0 : performance.now();
    for (const { buffer, bytes, error, tag } of batch) {
      latencies?.add(now - (tag as number));
      if (error !== undefined || bytes !== blockBytes) failure ??= error ?? short(bytes, blockBytes);
      free.push(buffer as Uint8Array);
    }
    over ||= failure !== undefined; // the others end first: libc has their buffers
    counter.add(batch.length);
    if (!over && counter.over()) {
      over = true;
      result = counter.result();
    }
  }
  result ??= counter.result();
  for (const buffer of buffers) buffer.release();
  if (failure !== undefined) throw failure;
  return result;
}

/** As many loops as requests in flight, each awaiting one promise after the other. */
async function measurePromises(queue: AioQueue, load: Load): Promise<Measurement> {
  const { op, fd, depth, blockBytes, latencies, style } = load;
  const next = offsetsOf(load);
  const counter = new Counter(load);
  let result: Measurement | undefined;
  let turns = 0;
  await Promise.all(Array.from({ length: depth }, async () => {
    const pooled = queue.buffers.take(blockBytes);
    try {
      const buffer = style === "promise-own" ? new Uint8Array(blockBytes) : pooled.bytes;
      while (result === undefined) {
        const offset = next();
        const submittedAt = latencies === undefined ? 0 : performance.now();
        const { bytes } = op === "write"
          ? await queue.write(fd, buffer, { offset })
          : await queue.read(fd, style === "promise-fresh" ? { offset, length: blockBytes } : { offset, buffer });
        if (bytes !== blockBytes) throw short(bytes, blockBytes);
        latencies?.add(performance.now() - submittedAt);
        counter.add(1);
        if ((++turns & 15) === 0 || depth < 16) {
          if (result === undefined && counter.over()) result = counter.result();
        }
      }
    } finally {
      pooled.release();
    }
  }));
  return result as unknown as Measurement;
}

function short(bytes: number, blockBytes: number): Error {
  return new Error(
    `Cannot measure: a request moved ${bytes} of ${blockBytes} bytes; the file changed, or gives no more at a time`,
  );
}
