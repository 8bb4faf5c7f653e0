/**
 * How a thread's answer reaches the event loop of its owner: `Atomics.waitAsync` on a word of shared memory, one wait at
 * a time.
 *
 * @module
 */

/** `Atomics.waitAsync`, which TypeScript's ES2022 library does not declare. */
const { waitAsync } = Atomics as unknown as {
  waitAsync(
    words: Int32Array,
    index: number,
    value: number,
  ): { async: false; value: string } | { async: true; value: Promise<string> };
};

/** Calls back when a word has changed. It keeps no process alive. */
export class Report {
  readonly #words: Int32Array;
  readonly #index: number;
  readonly #wake: () => void;
  #watching = false;

  /**
   * Nothing is watched yet.
   *
   * @param words Shared memory.
   * @param index The word.
   * @param wake Called from the event loop.
   */
  constructor(words: Int32Array, index: number, wake: () => void) {
    this.#words = words;
    this.#index = index;
    this.#wake = wake;
  }

  /**
   * Asks for one call back as soon as the word differs from a value; asked for once at a time.
   *
   * @param value The value that the caller has seen.
   */
  ask(value: number): void {
    if (this.#watching) return;
    this.#watching = true;
    const answer = waitAsync(this.#words, this.#index, value);
    Promise.resolve(answer.value).then(() => {
      this.#watching = false;
      this.#wake();
    });
  }
}
