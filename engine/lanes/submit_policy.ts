/**
 * Whether requests that end within microseconds go to libc in one `lio_listio` call or one by one.
 *
 * `lio_listio` holds libc's lock for the whole list. libc's thread, which wants the lock twice for each request, then
 * goes to sleep and has to be woken. Single calls hold it so briefly that the thread finds it free again before it is
 * asleep: on an idle machine that is up to twice as fast. On a busy one, where the holder of the lock may lose its
 * processor at any call, one call for all is better. Neither is known beforehand, so both are tried in turn and the
 * faster one is kept until the next trial.
 *
 * @module
 */

/** How many measurements pass between two trials of the other way. */
const TRIAL_EVERY = 16;

/** How much a new measurement counts. */
const WEIGHT = 0.3;

/** Decides how the requests of one descriptor are submitted. */
export class SubmitPolicy {
  /** Whether to submit one by one. */
  single = false;

  /** Rates of the two ways, in requests each millisecond; 0 is unknown. */
  #batchRate = 0;
  #singleRate = 0;
  #sinceTrial = 0;
  #trial = false;

  /**
   * Takes a measurement of the way in force.
   *
   * @param rate Requests that ended each millisecond.
   */
  observe(rate: number): void {
    if (this.single) this.#singleRate = mix(this.#singleRate, rate);
    else this.#batchRate = mix(this.#batchRate, rate);
    this.single = this.#singleRate > this.#batchRate;
    this.#trial = !this.#trial && (this.#sinceTrial++ >= TRIAL_EVERY || this.#singleRate === 0);
    if (!this.#trial) return;
    this.#sinceTrial = 0;
    this.single = !this.single;
  }
}

function mix(known: number, rate: number): number {
  return known === 0 ? rate : known + (rate - known) * WEIGHT;
}
