/**
 * Which of the words that there are somebody may have meant.
 *
 * @module
 */

/** How many letters may be wrong. */
const WRONG_MAX = 2;

/**
 * Finds the nearest word.
 *
 * @param given What was given.
 * @param words What there is.
 * @returns The word; `undefined` if none is near.
 */
export function nearest(given: string, words: readonly string[]): string | undefined {
  const [best] = words
    .map((word) => ({ word, wrong: distance(given, word) }))
    .filter(({ word, wrong }) => wrong <= Math.min(WRONG_MAX, Math.floor(word.length / 2)))
    .sort((one, other) => one.wrong - other.wrong);
  return best?.word;
}

/** Letters to put in, to take out, or to change. */
function distance(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > WRONG_MAX) return Infinity;
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let at = 1; at <= one.length; at++) {
    const next = [at];
    for (let to = 1; to <= other.length; to++) {
      const changed = row[to - 1] + (one[at - 1] === other[to - 1] ? 0 : 1);
      next.push(Math.min(changed, row[to] + 1, next[to - 1] + 1));
    }
    row = next;
  }
  return row[other.length];
}
