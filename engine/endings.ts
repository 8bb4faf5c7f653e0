/**
 * The end of a request: its memory goes back, its owner is told, and what waited for it may start.
 *
 * @module
 */

import type { Descriptor } from "./descriptor.ts";
import type { Held } from "./held.ts";
import type { Operation } from "./operation.ts";
import { free } from "./pieces.ts";

/** Who starts what waited. */
export interface Starter {
  /** Something may be submitted on a descriptor. */
  mark(descriptor: Descriptor): void;
  /** Submits at the end of the running microtask. */
  soon(): void;
  /** Submits now what is marked, unless that comes soon anyway. */
  now(): void;
}

/** Ends requests. */
export class Endings {
  readonly #held: Held;
  readonly #starter: Starter;

  /**
   * @param held What libc holds.
   * @param starter Starts what waited.
   */
  constructor(held: Held, starter: Starter) {
    this.#held = held;
    this.#starter = starter;
  }

  /** A request is done. */
  end(operation: Operation): void {
    if (operation.state === "done") return;
    operation.state = "done";
    free(operation);
    const { barrier } = operation;
    const descriptor = operation.descriptor as Descriptor | null;
    const claimed = operation.claimedTo >= 0;
    if (claimed) descriptor!.settle(operation);
    if (operation.writes && barrier !== null) barrier.open--;
    if (descriptor !== null && (claimed || descriptor.syncs.length > 0)) {
      // what waited for this one may start now; it may have ended without libc, so no turn will see to that
      this.#starter.mark(descriptor);
      this.#starter.soon();
    }
    operation.owner.ended(operation);
    if (descriptor !== null && descriptor.onIdle !== null && descriptor.idle) descriptor.onIdle();
  }

  /** A request ends that libc never had, not before its caller has its promise; a sync may have waited for it. */
  endSoon(operation: Operation): void {
    queueMicrotask(() => {
      this.#held.tidy();
      this.end(operation);
      this.#starter.now();
    });
  }
}
