/**
 * Random numbers that a seed repeats.
 *
 * @module
 */

/** Arrays are filled by pieces of some noise. */
const PIECE_BYTES = 32_768;

/** A source of random numbers: xorshift32. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0 || 1;
  }

  /** An integer from 0 to below `limit`. */
  below(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % limit;
  }

  /** True once in so many. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  /** One of a list. */
  of<Item>(list: readonly Item[]): Item {
    return list[this.below(list.length)];
  }

  /** Fills an array. */
  fill(array: Uint8Array): void {
    for (let at = 0; at < array.length; at += PIECE_BYTES) {
      const from = this.below(PIECE_BYTES);
      array.set(noise.subarray(from, from + Math.min(PIECE_BYTES, array.length - at)), at);
    }
  }
}

const noise = new Uint8Array(2 * PIECE_BYTES);
const source = new Random(1);
for (let index = 0; index < noise.length; index++) noise[index] = source.below(256);
