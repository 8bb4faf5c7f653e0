/**
 * Where a queue takes requests from iterables, and brings their completions: one for `submit` and the queue's own
 * iterators, and one for each `run`.
 *
 * @module
 */

import type { CompletionSink } from "../engine/operation.ts";
import { Delivery } from "./delivery.ts";
import { Feeds } from "./feeds.ts";
import type { AioRequest, Completion } from "./request.ts";

/** What an intake asks of its queue. */
export interface IntakeQueue {
  /** Takes a request in. */
  take(request: AioRequest, intake: Intake): void;
  /** There may be room for more. */
  refill(): void;
}

/** What is put in at one place and comes out there. */
export class Intake implements CompletionSink {
  /** The iterables. */
  readonly feeds: Feeds;
  /** The completions. */
  readonly delivery: Delivery;
  /** Requests whose completion an iterator is still to bring. */
  #outstanding = 0;
  #left = false;

  constructor(queue: IntakeQueue) {
    this.feeds = new Feeds({
      take: (request) => {
        queue.take(request, this);
        this.#outstanding++; // not of a request that throws when it is looked at
      },
      more: () => queue.refill(),
      over: (failure) => failure === undefined ? this.delivery.soon() : this.delivery.fail(failure),
    });
    this.delivery = new Delivery({
      expecting: () => this.#outstanding > 0 || this.feeds.length > 0,
      consumed: (count) => {
        this.#outstanding -= count;
        queue.refill();
      },
    });
  }

  /** Takes a completion. */
  push(completion: object): void {
    if (!this.#left) this.delivery.push(completion as Completion);
  }

  /** Takes in nothing more. */
  close(): void {
    this.feeds.close();
    this.delivery.soon();
  }

  /** Nobody wants what is still to come. */
  leave(): void {
    this.#left = true;
    this.feeds.close();
  }
}
