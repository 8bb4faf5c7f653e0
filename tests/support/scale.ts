/**
 * How much of the long tests is run: `AIO_TEST_BIG=1` asks for the long counts, and `AIO_TEST_SCALE=0.1` for a tenth of
 * whatever that leaves, for machines on which the usual ones take too long (an emulator's).
 *
 * @module
 */

import process from "node:process";

/** Whether the long counts are asked for. */
export const BIG: boolean = process.env.AIO_TEST_BIG === "1";

const SCALE = readScale(process.env.AIO_TEST_SCALE);

/**
 * A count by what was asked for.
 *
 * @param usual What `npm test` runs.
 * @param big What `AIO_TEST_BIG=1` runs.
 * @returns A whole number, at least 1.
 */
export function scaled(usual: number, big: number = usual): number {
  return Math.max(1, Math.round((BIG ? big : usual) * SCALE));
}

function readScale(text: string | undefined): number {
  const factor = Number(text || 1);
  if (factor > 0 && factor <= 1) return factor;
  throw new RangeError(`Cannot use AIO_TEST_SCALE "${text}": expected a number above 0, at most 1`);
}
