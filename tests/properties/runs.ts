/**
 * How many inputs a property is checked with.
 *
 * @module
 */

import process from "node:process";

/** So many, and forty times as many with `AIO_TEST_BIG=1`, without a limit of time then. */
export function runs(count: number, millisecondsMax?: number): { numRuns: number; interruptAfterTimeLimit?: number } {
  if (process.env.AIO_TEST_BIG === "1") return { numRuns: count * 40 };
  return millisecondsMax === undefined
    ? { numRuns: count }
    : { numRuns: count, interruptAfterTimeLimit: millisecondsMax };
}
