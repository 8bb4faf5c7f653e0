/**
 * How the completion loop waits when nothing has ended yet: spin for some microseconds, come back in the next turn of
 * the event loop, or leave it to the waiter thread.
 *
 * Spinning makes requests that end within microseconds several times faster, and takes the processor away from libc's
 * own threads where it is scarce. So it is a bet that is renewed while it has been paying off, and tried now and then
 * where it has not.
 *
 * @module
 */

import { performance } from "node:perf_hooks";

/** Longest spin at a time, in milliseconds: about what a sleep of libc's thread and one of the waiter's cost together. */
const SPIN_MS_MAX = 0.3;

/** Shortest bound of a spin, in milliseconds. */
const SPIN_MS_MIN = 0.05;

/** A spin goes on for at most this many times what those took that paid off. */
const SPIN_TIMES = 4;

/** How much one spin counts in the share of those that paid off. */
const WEIGHT = 1 / 8;

/** Share of spins that must have been paying off to go on with them. */
const SHARE_MIN = 0.35;

/** While they do not, one is tried at this many occasions. */
const OCCASIONS = 32;

/** Turns of the event loop that pass before the waiter thread is called. */
const POLLS_MAX = 1;

/** How long a program polls before it starts the waiter thread for the first time, in milliseconds. */
const START_MS = 2;

/** Decides how to wait. */
export class WaitPolicy {
  /** The time of the current turn, in milliseconds of `performance.now()`. */
  now: number = performance.now();

  #deadline = 0;
  #spun = false;
  #share = 0.5;
  /** How long spins took that paid off, in milliseconds. */
  #typical = SPIN_MS_MAX;
  #passed = 0;
  #polls = 0;
  #drySince = 0;
  #looks = 0;

  readonly #yield: () => void;

  /**
   * Makes a policy.
   *
   * @param yieldProcessor Lets another thread run that waits for this processor: the one that was just woken may have
   * been put there, and would wait for the spin to end.
   */
  constructor(yieldProcessor: () => void) {
    this.#yield = yieldProcessor;
  }

  /**
   * A turn begins.
   *
   * @param worth Whether a spin could gain anything.
   */
  begin(worth: boolean): void {
    this.now = performance.now();
    this.#spun = false;
    const bet = worth && (this.#share >= SHARE_MIN || this.#passed >= OCCASIONS);
    const bound = Math.min(SPIN_MS_MAX, Math.max(SPIN_MS_MIN, this.#typical * SPIN_TIMES));
    this.#deadline = bet ? this.now + bound : 0;
  }

  /** Whether there will be a spin if nothing has ended yet. */
  get spins(): boolean {
    return this.#deadline > 0;
  }

  /** Whether to look once more at once. */
  spinOn(): boolean {
    if (this.#deadline === 0) return false;
    this.#spun = true;
    if ((++this.#looks & 3) !== 0) return true; // a look costs less than the time of day
    this.#yield();
    return performance.now() < this.#deadline;
  }

  /**
   * A turn has looked and spun.
   *
   * @param count How many requests it found to have ended.
   */
  end(count: number): void {
    if (this.#spun) {
      this.#share += ((count > 0 ? 1 : 0) - this.#share) * WEIGHT;
      this.#passed = 0;
      if (count > 0) this.#typical += (performance.now() - this.now - this.#typical) * WEIGHT;
    }
    if (count > 0) {
      this.#polls = 0;
      this.#drySince = 0;
      return;
    }
    if (this.#drySince === 0) this.#drySince = this.now;
    this.#polls++;
    this.#passed++;
  }

  /**
   * Whether to come back in the next turn of the event loop instead of waiting in the thread.
   *
   * @param started Whether the waiter thread has been started.
   */
  poll(started: boolean): boolean {
    return this.#polls <= POLLS_MAX || (!started && this.now - this.#drySince < START_MS);
  }
}
