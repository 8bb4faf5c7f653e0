/**
 * Completions on their way to the iterators of a queue: kept until somebody asks, given to one consumer each, one by
 * one or all that there are.
 *
 * @module
 */

import { Fifo } from "../engine/fifo.ts";
import type { Completion } from "./request.ts";

/** What an iterator's step brings. */
type Step = IteratorResult<Completion | Completion[], undefined>;

interface Consumer {
  /** Its iterator. */
  readonly owner: object;
  readonly batch: boolean;
  readonly resolve: (step: Step) => void;
  readonly reject: (error: unknown) => void;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** What the deliveries ask of their queue. */
export interface DeliveryQueue {
  /** Whether more completions will come. */
  expecting(): boolean;
  /** So many have been consumed: there is room. */
  consumed(count: number): void;
}

/** The completions and consumers of one queue. */
export class Delivery {
  readonly #queue: DeliveryQueue;
  readonly #consumers = new Fifo<Consumer>();
  readonly #completions = new Fifo<Completion>();
  /** What iterables have thrown: each ends one iteration. */
  readonly #failures = new Fifo<{ readonly error: unknown }>();
  #scheduled = false;
  readonly #onTurnOver = () => {
    this.#scheduled = false;
    while (this.#consumers.length > 0 && this.#serve(this.#consumers.head as Consumer)) this.#consumers.shift();
  };

  constructor(queue: DeliveryQueue) {
    this.#queue = queue;
  }

  /** How many nobody has consumed. */
  get length(): number {
    return this.#completions.length;
  }

  /** What iterables have thrown and no iteration has brought yet. */
  get unseen(): number {
    return this.#failures.length;
  }

  /** Adds a completion. */
  push(completion: Completion): void {
    this.#completions.push(completion);
    this.soon();
  }

  /** Lets the iteration end with an error, once everything before it has been consumed. */
  fail(failure: { readonly error: unknown }): void {
    this.#failures.push(failure);
    this.soon();
  }

  /** Serves the consumers when the running turn is over, so that a batch brings all that the turn found. */
  soon(): void {
    if (this.#scheduled || this.#consumers.length === 0) return;
    this.#scheduled = true;
    queueMicrotask(this.#onTurnOver);
  }

  /**
   * Makes an iterator.
   *
   * @param batch Whether a step brings all that there is, or one.
   * @param timeout After how many milliseconds an empty batch comes, if ever.
   * @returns The iterator. Leaving it early loses nothing: steps that it was asked for end with it.
   */
  iterator(batch: boolean, timeout: number | undefined): AsyncIterableIterator<Completion | Completion[]> {
    const owner = {};
    let left = false;
    return {
      next: () => {
        if (left) return Promise.resolve({ done: true, value: undefined });
        return new Promise((resolve, reject) =>
          this.#ask({ owner, batch, resolve, reject, timer: undefined }, timeout)
        );
      },
      return: () => {
        left = true;
        this.#leave(owner);
        return Promise.resolve({ done: true, value: undefined });
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  #ask(consumer: Consumer, timeout: number | undefined): void {
    if (this.#consumers.length === 0 && this.#serve(consumer)) return;
    this.#consumers.push(consumer);
    if (timeout === undefined) return;
    consumer.timer = setTimeout(() => {
      this.#consumers.filter((other) => other !== consumer);
      consumer.resolve({ done: false, value: [] });
    }, timeout);
  }

  #leave(owner: object): void {
    this.#consumers.filter((consumer) => {
      if (consumer.owner !== owner) return true;
      clearTimeout(consumer.timer);
      consumer.resolve({ done: true, value: undefined });
      return false;
    });
  }

  /**
   * Gives a consumer what there is.
   *
   * @returns Whether there was anything to give.
   */
  #serve(consumer: Consumer): boolean {
    if (this.#completions.length > 0) {
      const value = consumer.batch ? this.#completions.take() : this.#completions.shift() as Completion;
      this.#queue.consumed(consumer.batch ? (value as Completion[]).length : 1);
      consumer.resolve({ done: false, value });
    } else if (this.#queue.expecting()) {
      return false;
    } else if (this.#failures.length > 0) {
      consumer.reject(this.#failures.shift()!.error);
    } else {
      consumer.resolve({ done: true, value: undefined });
    }
    clearTimeout(consumer.timer);
    return true;
  }
}
