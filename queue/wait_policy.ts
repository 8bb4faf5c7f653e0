/**
 * How the completion loop waits when nothing has ended yet: spin for some microseconds, come back in the next turn of
 * the event loop, or leave it to the waiter thread.
 *
 * Spinning makes requests that end within microseconds several times faster, and takes the processor away from libc's
 * own threads where it is scarce. So it is a bet that is only renewed while it pays off: each loss doubles the number
 * of occasions that pass without one.
 *
 * @module
 */

/** Longest spin at a time, in milliseconds. */
const SPIN_MS_MAX = 0.06;

/** After this many losses in a row a spin is tried only every 2^N th time. */
const LOSSES_MAX = 8;

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
  #losses = 0;
  #skip = 0;
  #polls = 0;
  #drySince = 0;

  /** A turn begins. */
  begin(): void {
    this.now = performance.now();
    this.#spun = false;
    this.#deadline = this.#skip > 0 ? 0 : this.now + SPIN_MS_MAX;
  }

  /** Whether there will be a spin if nothing has ended yet. */
  get spins(): boolean {
    return this.#deadline > 0;
  }

  /** Whether to look once more at once. */
  spinOn(): boolean {
    if (this.#deadline === 0) return false;
    this.#spun = true;
    return performance.now() < this.#deadline;
  }

  /**
   * A turn has looked and spun.
   *
   * @param count How many requests it found to have ended.
   */
  end(count: number): void {
    if (count > 0) {
      this.#polls = 0;
      this.#drySince = 0;
      if (this.#spun) this.#losses = 0;
      return;
    }
    if (this.#drySince === 0) this.#drySince = this.now;
    this.#polls++;
    if (this.#spun) {
      this.#losses = Math.min(this.#losses + 1, LOSSES_MAX);
      this.#skip = 2 ** this.#losses - 1;
    } else if (this.#skip > 0) {
      this.#skip--;
    }
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
