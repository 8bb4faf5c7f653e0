/**
 * How long requests took: counted in classes 2 % wide, so that a million of them need no more memory than one.
 *
 * @module
 */

/** The percentiles that are told: so many of a hundred requests took at most as long. The greatest stands behind them. */
export const PERCENTILES = [50, 90, 99, 99.9, 99.99] as const;

/** Times in microseconds; the last is the greatest that was seen. */
export type Percentiles = Readonly<Record<`p${(typeof PERCENTILES)[number]}` | "max", number>>;

/** Classes for each doubling. */
const STEPS = 32;
/** The first class ends here, in milliseconds: a tenth of a microsecond. */
const LEAST_MS = 0.0001;
/** The last one begins after 2^30 such tenths: nearly two minutes. */
const CLASSES = 30 * STEPS + 1;

/** The latencies of one measurement. */
export class Latencies {
  readonly #counts = new Uint32Array(CLASSES);
  #count = 0;
  #max = 0;

  /** Counts one, in milliseconds. */
  add(milliseconds: number): void {
    const index = milliseconds <= LEAST_MS ? 0 : Math.ceil(STEPS * Math.log2(milliseconds / LEAST_MS));
    this.#counts[Math.min(index, CLASSES - 1)]++;
    this.#count++;
    if (milliseconds > this.#max) this.#max = milliseconds;
  }

  /** Forgets what was counted. */
  clear(): void {
    this.#counts.fill(0);
    this.#count = 0;
    this.#max = 0;
  }

  /**
   * What was counted.
   *
   * @returns The percentiles in microseconds, each the upper end of its class; `undefined` if nothing was counted.
   */
  percentiles(): Percentiles | undefined {
    if (this.#count === 0) return undefined;
    const told: Record<string, number> = {};
    let index = -1;
    let below = 0;
    for (const percentile of PERCENTILES) {
      // rounded first: 99.99 / 100 of 10000 shall be 9999, whatever floating point makes of it
      const rank = Math.ceil(Math.round(this.#count * percentile * 1e6) / 1e8);
      while (below < rank) below += this.#counts[++index];
      told[`p${percentile}`] = microseconds(Math.min(this.#max, LEAST_MS * 2 ** (index / STEPS)));
    }
    return { ...told, max: microseconds(this.#max) } as Percentiles;
  }
}

function microseconds(milliseconds: number): number {
  return Number((milliseconds * 1000).toPrecision(4));
}
