/**
 * How many inputs a property is checked with.
 *
 * @module
 */

import { BIG, scaled } from "../support/scale.ts";

/** So many, and forty times as many with `AIO_TEST_BIG=1`, without a limit of time then. */
export function runs(count: number, millisecondsMax?: number): { numRuns: number; interruptAfterTimeLimit?: number } {
  const numRuns = scaled(count, count * 40);
  return BIG || millisecondsMax === undefined ? { numRuns } : { numRuns, interruptAfterTimeLimit: millisecondsMax };
}
