/**
 * How many lanes a descriptor gets: as many as make its requests end faster.
 *
 * Requests that come from the page cache take libc's thread a few microseconds, and more lanes only make threads
 * contend. Requests that wait for a device overlap on several lanes. Which is the case shows in the rate at which they
 * end: the number is doubled while a lane takes long for a request and doubling has been making the rate grow, taken
 * back where it has not, and halved now and then to see whether fewer do as well.
 *
 * @module
 */

/** Most requests of one lane that libc holds: its lists are searched one by one under a lock. */
export const LANE_DEPTH = 32;

/** Most lanes of one descriptor. */
export const LANES_MAX = 16;

/** A rate is measured over at least this many requests ... */
const WINDOW_REQUESTS = 64;

/** ... and at least this many milliseconds. */
const WINDOW_MS = 4;

/** Below this many microseconds for a request a lane is busy computing, not waiting. */
const WAITS_US = 20;

/** Below this many microseconds for a request of a lane it is worth waiting for several at once. */
const QUICK_US = 10;

/** More lanes must make the rate grow by this factor to be kept. */
const GAIN = 1.15;

/** Fewer lanes are kept if the rate does not fall below this part. */
const LOSS = 0.95;

/** Windows between two attempts with another number. */
const PATIENCE = 24;

/** Decides the number of lanes of one descriptor. */
export class LanePolicy {
  /** How many lanes it may have now. */
  lanes = 1;
  /** Whether requests have been ending within microseconds, as those do that the page cache answers. */
  quick = false;

  #fixed = false;
  #began = 0;
  #count = 0;
  /** The number before the attempt under way, and the rate it had in requests each millisecond. */
  #before = 0;
  #rateBefore = 0;
  #patience = 0;
  /** The last attempt was with more lanes: the next is with fewer. */
  #triedMore = false;

  /** Sets the number of lanes for good. */
  fix(lanes: number): void {
    this.#fixed = true;
    this.lanes = lanes;
  }

  /**
   * Looks at what a turn of the completion loop brought.
   *
   * @param count Requests of the descriptor that ended in it.
   * @param now The time in milliseconds of `performance.now()`.
   * @param held Requests that libc still holds; 0 ends the measurement.
   * @returns Requests that ended each millisecond, when a measurement is complete; else `undefined`.
   */
  observe(count: number, now: number, held: number): number | undefined {
    if (held === 0) {
      this.#began = 0;
      return undefined;
    }
    if (this.#began === 0) {
      this.#began = now;
      this.#count = 0;
      return undefined;
    }
    this.#count += count;
    const elapsed = now - this.#began;
    if (this.#count < WINDOW_REQUESTS || elapsed < WINDOW_MS) return undefined;
    const rate = this.#count / elapsed;
    this.quick = this.lanes / rate * 1000 < QUICK_US;
    if (!this.#fixed) this.#decide(rate, held);
    this.#began = now;
    this.#count = 0;
    return rate;
  }

  #decide(rate: number, held: number): void {
    if (this.#before !== 0) {
      const needed = this.lanes > this.#before ? GAIN : LOSS;
      const kept = rate >= this.#rateBefore * needed;
      if (!kept) this.lanes = this.#before;
      // after a step up that paid off the next one is tried at once
      this.#patience = PATIENCE;
      if (kept && needed === GAIN) {
        this.#patience = 0;
        this.#triedMore = false;
      }
      this.#before = 0;
      return;
    }
    if (this.#patience > 0) {
      this.#patience--;
      return;
    }
    const waits = this.lanes / rate * 1000 > WAITS_US;
    const more = waits && this.lanes < LANES_MAX && held > this.lanes;
    if (more && (this.lanes === 1 || !this.#triedMore)) {
      this.#triedMore = true;
      this.#attempt(this.lanes * 2, rate);
    } else if (this.lanes > 1) {
      this.#triedMore = false;
      this.#attempt(this.lanes / 2, rate);
    }
  }

  #attempt(lanes: number, rate: number): void {
    this.#before = this.lanes;
    this.#rateBefore = rate;
    this.lanes = lanes;
  }
}
