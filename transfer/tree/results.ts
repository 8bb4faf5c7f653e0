/**
 * What a transfer of many files tells: a result for each entry as it comes, and a summary at the end. Who reads the
 * results slowly slows the transfer down; who does not want them only awaits the summary.
 *
 * @module
 */

import { Fifo } from "../../engine/fifo.ts";

/** Results that may wait for their reader. */
const WAITING_MAX = 1024;

/** Hands a result over; what it returns is to be awaited before much more is done. */
export type Emit<Result> = (result: Result) => Promise<void> | undefined;

/** Does the work: hands out results, as long as somebody wants them, and gives the summary. */
export type Work<Result, Summary> = (
  emit: Emit<Result>,
  signal: AbortSignal,
  wanted: () => boolean,
) => Promise<Summary>;

/**
 * A transfer under way: an async iterable of its results, with a summary. It begins when one of the two is asked for.
 *
 * @example
 * ```ts
 * import { copyTree } from "@posix/aio";
 *
 * const transfer = copyTree("docs", "/tmp/docs.copy");
 * for await (const { action, target } of transfer) console.log(action, target);
 * console.log((await transfer.summary).files);
 * ```
 */
export class Transfer<Result, Summary> implements AsyncIterable<Result> {
  readonly #work: Work<Result, Summary>;
  readonly #halt: AbortController = new AbortController();
  readonly #results = new Fifo<Result>();
  #summary: Promise<Summary> | undefined;
  #wanted = false;
  #ended = false;
  /** Woken when there is a result, or the end. */
  #reader: (() => void) | undefined;
  /** Woken when there is room. */
  #writers: (() => void)[] = [];

  /** Not for callers: functions such as {@linkcode copyTree} make them. */
  constructor(work: Work<Result, Summary>) {
    this.#work = work;
  }

  /**
   * The summary, when everything is done. Rejected if the transfer as a whole failed; entries that failed are counted in it.
   * Results that nobody iterates are dropped: begin to iterate before, or do not at all.
   */
  get summary(): Promise<Summary> {
    return this.#start();
  }

  /** Brings the results as they come; `break` ends the transfer, cleanly. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Result, void, void> {
    this.#wanted = true;
    const summary = this.#start();
    try {
      for (;;) {
        const result = this.#results.shift();
        if (result !== undefined) {
          for (const writer of this.#writers.splice(0)) writer();
          yield result;
        } else if (this.#ended) {
          await summary;
          return;
        } else {
          await new Promise<void>((resolve) => this.#reader = resolve);
        }
      }
    } finally {
      this.#wanted = false;
      for (const writer of this.#writers.splice(0)) writer();
      if (!this.#ended) this.#halt.abort(new DOMException("The iteration was ended", "AbortError"));
      await summary.catch(() => {}); // told already, or not wanted any more
    }
  }

  #start(): Promise<Summary> {
    if (this.#summary === undefined) {
      this.#summary = this.#work((result) => this.#emit(result), this.#halt.signal, () => this.#wanted).finally(() => {
        this.#ended = true;
        this.#reader?.();
      });
      this.#summary.catch(() => {}); // who iterates is told there
    }
    return this.#summary;
  }

  #emit(result: Result): Promise<void> | undefined {
    if (!this.#wanted) return undefined;
    this.#results.push(result);
    this.#reader?.();
    this.#reader = undefined;
    if (this.#results.length < WAITING_MAX) return undefined;
    return new Promise((resolve) => this.#writers.push(resolve));
  }
}
