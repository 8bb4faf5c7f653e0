/**
 * Looks at requests that were given up, for which no turn comes otherwise: when libc ends them after all, their memory and
 * their duplicates of descriptors come back, and nobody counts them any more.
 *
 * @module
 */

import { setTimeout } from "node:timers";

/** Milliseconds to the first look ... */
const FIRST_MS = 20;

/** ... each time twice as many, up to so many. */
const MOST_MS = 1000;

/** The one timer of a thread for that; it keeps no process alive. */
export class Looks {
  readonly #look: () => void;
  #delayMs = FIRST_MS;
  #pending = false;

  /** @param look Looks. */
  constructor(look: () => void) {
    this.#look = look;
  }

  /** There are some: sees to it that somebody looks. */
  soon(): void {
    if (this.#pending) return;
    this.#pending = true;
    setTimeout(() => {
      this.#pending = false;
      this.#look();
    }, this.#delayMs).unref();
    this.#delayMs = Math.min(MOST_MS, this.#delayMs * 2);
  }

  /** One more was given up, or something has ended: others may end soon. */
  hurry(): void {
    this.#delayMs = FIRST_MS;
  }
}
