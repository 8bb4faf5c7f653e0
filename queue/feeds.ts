/**
 * What was submitted as iterables: pulled one request at a time, in the order of submission, as the queue has room.
 *
 * @module
 */

import { Fifo } from "../engine/fifo.ts";
import { closedError } from "./check.ts";
import type { AioRequest } from "./request.ts";

type Source = Iterator<AioRequest> | AsyncIterator<AioRequest>;

interface Feed {
  readonly source: Source;
  readonly asynchronous: boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  /** Its iterator has been asked and has not answered. */
  pulling: boolean;
}

/** What the queue does with what the feeds bring. */
export interface FeedTaker {
  /** Takes a request in. */
  take(request: AioRequest): void;
  /** An async iterator has answered: there may be room for its request's successor. */
  more(): void;
  /** A feed has come to its end, with the error it threw if it did. */
  over(failure: { readonly error: unknown } | undefined): void;
}

/** The iterables of one queue. */
export class Feeds {
  readonly #taker: FeedTaker;
  readonly #feeds = new Fifo<Feed>();

  constructor(taker: FeedTaker) {
    this.#taker = taker;
  }

  /** How many are not at their end. */
  get length(): number {
    return this.#feeds.length;
  }

  /**
   * Adds an iterable behind the others.
   *
   * @param requests The iterable.
   * @returns A promise that is kept at its end.
   * @throws {TypeError} If it is no iterable.
   */
  add(requests: Iterable<AioRequest> | AsyncIterable<AioRequest>): Promise<void> {
    const { source, asynchronous } = sourceOf(requests);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    promise.catch(() => {}); // the iteration of completions reports it too
    this.#feeds.push({ source, asynchronous, resolve, reject, pulling: false });
    return promise;
  }

  /**
   * Pulls one request.
   *
   * @returns Whether another one may be had at once.
   */
  pull(): boolean {
    const feed = this.#feeds.head;
    if (feed === undefined || feed.pulling) return false;
    feed.pulling = true;
    try {
      const step = feed.source.next();
      if (!feed.asynchronous) return this.#answered(feed, step as IteratorResult<AioRequest>);
      Promise.resolve(step).then((result) => {
        if (this.#answered(feed, result)) this.#taker.more();
      }).catch((error) => this.#fail(feed, error));
      return false;
    } catch (error) {
      this.#fail(feed, error);
      return true;
    }
  }

  /** Ends all of them early. */
  close(): void {
    for (let feed = this.#feeds.shift(); feed !== undefined; feed = this.#feeds.shift()) {
      feed.reject(closedError("Cannot take in the rest of the requests: the queue was closed"));
      // a generator that closes the queue runs: it can be ended when it has answered
      if (feed.asynchronous || !feed.pulling) leave(feed);
    }
  }

  #answered(feed: Feed, result: IteratorResult<AioRequest>): boolean {
    feed.pulling = false;
    if (this.#feeds.head === feed) return this.#step(feed, result);
    if (!feed.asynchronous && result.done !== true) leave(feed); // closed meanwhile
    return false;
  }

  #step(feed: Feed, result: IteratorResult<AioRequest>): boolean {
    if (result.done === true) {
      this.#feeds.shift();
      feed.resolve();
      this.#taker.over(undefined);
    } else {
      this.#taker.take(result.value);
    }
    return true;
  }

  #fail(feed: Feed, error: unknown): void {
    if (!this.#feeds.some((other) => other === feed)) return; // closed meanwhile
    this.#feeds.filter((other) => other !== feed);
    feed.reject(error);
    this.#taker.over({ error });
  }
}

function sourceOf(
  requests: Iterable<AioRequest> | AsyncIterable<AioRequest>,
): { source: Source; asynchronous: boolean } {
  const asynchronous = (requests as AsyncIterable<AioRequest>)?.[Symbol.asyncIterator];
  if (typeof asynchronous === "function") return { source: asynchronous.call(requests), asynchronous: true };
  const synchronous = (requests as Iterable<AioRequest>)?.[Symbol.iterator];
  if (typeof synchronous === "function") return { source: synchronous.call(requests), asynchronous: false };
  throw new TypeError("Cannot submit requests: expected an iterable or async iterable of requests");
}

/** Tells an iterator that nothing more is asked of it. */
function leave({ source }: Feed): void {
  new Promise((resolve) => resolve(source.return?.())).catch(() => {});
}
