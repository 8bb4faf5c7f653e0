/**
 * How many lanes a descriptor gets: as many as make its requests end faster.
 *
 * Requests that come from the page cache take libc's thread a few microseconds, and more lanes only make threads
 * contend: such a descriptor keeps one. So does one of which libc has mostly ended everything when the program looks: the
 * program is slower than libc, perhaps since it is not compiled yet. Requests that wait for a device overlap on several
 * lanes: then 1, 2, 4 and so on are tried once, the fewest that are about as fast as the best are kept, and from time to
 * time a neighbour is tried again. So is one lane, ever more seldom: cached data on several lanes look like a device,
 * since the threads wait for each other.
 *
 * Of more than two lanes each gets two requests, the least that keeps glibc's threads at work: one that finds nothing to
 * do goes to sleep, is woken for a request that another thread has taken meanwhile, and then ends
 * (`rt/aio_misc.c:handle_fildes_io`). With a request a lane, threads are made and ended all the time, and a device is
 * half as fast.
 *
 * @module
 */

/** Most requests of one lane that libc holds: its lists are searched one by one under a lock ... */
export const LANE_DEPTH = 32;

/** ... or this many, where they end within microseconds: more at a time for each sleep of libc's thread. */
export const LANE_DEPTH_QUICK = 128;

/** Most lanes of one descriptor: a disk that answers after half a millisecond was fastest with so many. */
export const LANES_MAX = 64;

/** A rate is measured over at least this many requests ... */
const WINDOW_REQUESTS = 64;

/** ... and at least this many milliseconds, where requests end within microseconds ... */
const WINDOW_QUICK_MS = 4;

/** ... or this many, where they wait for a device: its moods last longer. */
const WINDOW_MS = 20;

/** Below this many microseconds for a request of a lane it is worth waiting for several at once. */
const QUICK_US = 10;

/** Above this many microseconds a lane is waiting, not computing. */
const WAITS_US = 20;

/** A smaller number of lanes is preferred when its rate is at least this part of the best. */
const ALIKE = 0.95;

/** Measurements before a neighbouring number is tried; it takes twice as many after each two ... */
const TRIAL_EVERY = 8;

/** ... up to this many, and begins anew with another choice. */
const TRIAL_EVERY_MAX = 64;

/** Measurements before one lane is tried again; each time in vain it takes twice as many ... */
const ONE_EVERY = 8;

/** ... up to this many. */
const ONE_EVERY_MAX = 1024;

/** How much a new measurement counts. */
const WEIGHT = 0.3;

/** Decides the number of lanes of one descriptor. */
export class LanePolicy {
  /** How many lanes it may have now. */
  lanes = 1;
  /** Whether requests have been ending within microseconds, as those do that the page cache answers. */
  quick = false;

  #fixed = false;
  #began = 0;
  #count = 0;
  /** Looks that found requests to have ended, and those of them that found all to have ended. */
  #looks = 0;
  #looksDry = 0;
  /** The most that was in flight meanwhile: a program may wait for all before it goes on. */
  #inFlightMost = 0;
  /** After a change, how many more must end until it shows: threads start, lanes fill or drain. */
  #settling = 0;
  /** Requests each millisecond, by the binary logarithm of the number of lanes; 0 is unknown. */
  readonly #rates: number[] = new Array(Math.log2(LANES_MAX) + 1).fill(0);
  /** The binary logarithm of the number of lanes that is kept between trials. */
  #chosen = 0;
  #sinceTrial = 0;
  #trialEvery = TRIAL_EVERY;
  #trialUp = false;
  #sinceOne = 0;
  #oneEvery = ONE_EVERY;

  /** How many requests libc holds of each lane at most. */
  get laneDepth(): number {
    return this.quick ? LANE_DEPTH_QUICK : LANE_DEPTH;
  }

  /** Sets the number of lanes. */
  fix(lanes: number): void {
    this.#fixed = true;
    this.lanes = lanes;
  }

  /** Lets the number adapt again. */
  release(): void {
    if (!this.#fixed) return;
    this.#fixed = false;
    this.lanes = 1;
  }

  /** Nothing was in flight for so many milliseconds, which do not count. */
  skip(milliseconds: number): void {
    if (this.#began > 0) this.#began += milliseconds;
  }

  /**
   * Looks at how things are going, when a turn of the completion loop begins.
   *
   * @param count Requests of the descriptor that ended since the last look.
   * @param now The time in milliseconds of `performance.now()`.
   * @param inFlight Requests that libc holds.
   * @param dry Whether it had ended all that it held at the last look.
   * @returns Requests that ended each millisecond, when a measurement is complete; else `undefined`.
   */
  observe(count: number, now: number, inFlight: number, dry: boolean): number | undefined {
    // what lanes still have that are too many now says nothing of those that remain
    this.#settling -= count;
    if (this.#began === 0 || this.#settling > 0 || inFlight > this.lanes * this.laneDepth) {
      this.#begin(now);
      return undefined;
    }
    this.#count += count;
    if (count > 0) this.#looks++;
    if (dry) this.#looksDry++;
    this.#inFlightMost = Math.max(this.#inFlightMost, inFlight);
    const elapsed = now - this.#began;
    if (this.#count < WINDOW_REQUESTS || elapsed < WINDOW_QUICK_MS) return undefined;
    const rate = this.#count / elapsed;
    const requestUs = this.lanes / rate * 1000;
    this.quick = requestUs < QUICK_US;
    if (!this.quick && elapsed < WINDOW_MS) return undefined;
    const { lanes } = this;
    const waits = requestUs > WAITS_US && this.#looksDry * 2 <= this.#looks;
    if (!this.#fixed) this.#decide(rate, waits, this.#inFlightMost);
    if (this.lanes !== lanes) this.#settling = Math.min(inFlight, this.lanes * this.laneDepth);
    this.#begin(now);
    return rate;
  }

  #begin(now: number): void {
    this.#began = now;
    this.#count = 0;
    this.#looks = 0;
    this.#looksDry = 0;
    this.#inFlightMost = 0;
  }

  #decide(rate: number, waits: boolean, inFlight: number): void {
    const rates = this.#rates;
    const now = Math.log2(this.lanes);
    const known = rates[now];
    rates[now] = known === 0 ? rate : known + (rate - known) * WEIGHT;
    if (now === this.#chosen && known > 0) {
      // the device's moods are the same for all numbers: what is known of the others moves along
      const change = rates[now] / known;
      for (let other = 0; other < rates.length; other++) if (other !== now) rates[other] *= change;
    }
    if (this.lanes === 1 && !waits) {
      rates.fill(0, 1); // what was known of more lanes was known of other data
      this.#chosen = 0;
      this.#oneEvery = ONE_EVERY;
      return;
    }
    const most = Math.floor(Math.log2(Math.min(LANES_MAX, Math.max(Math.min(inFlight, 2), inFlight / 2))));
    const untried = rates.indexOf(0);
    if (untried > 0 && untried <= most) {
      this.lanes = 2 ** untried;
      return;
    }
    const best = Math.max(...rates.slice(0, most + 1)) * ALIKE;
    const chosen = rates.findIndex((known) => known >= best);
    if (chosen !== this.#chosen) this.#trialEvery = TRIAL_EVERY;
    this.#chosen = chosen;
    this.lanes = 2 ** chosen;
    if (chosen > 0 && this.#sinceOne++ >= this.#oneEvery) {
      this.#sinceOne = 0;
      this.#oneEvery = Math.min(ONE_EVERY_MAX, this.#oneEvery * 2);
      this.lanes = 1;
      return;
    }
    if (this.#sinceTrial++ < this.#trialEvery) return;
    this.#sinceTrial = 0;
    this.#trialUp = !this.#trialUp;
    if (this.#trialUp) this.#trialEvery = Math.min(TRIAL_EVERY_MAX, this.#trialEvery * 2);
    const neighbour = chosen + (this.#trialUp ? 1 : -1);
    if (neighbour >= 0 && neighbour <= most) this.lanes = 2 ** neighbour;
  }
}
