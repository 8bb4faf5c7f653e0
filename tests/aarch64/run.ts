/**
 * Registers the tests of several files, and leaves out what an emulator cannot show: each under its name, with the reason.
 *
 * @module
 */

import { leaveOut } from "../stand_in/bdd.ts";

/** By the full name of a test. */
const LEFT_OUT: Readonly<Record<string, string>> = {};

/**
 * Registers the tests of files.
 *
 * @param files Their paths in `tests/`.
 */
export async function run(files: readonly string[]): Promise<void> {
  leaveOut(LEFT_OUT);
  for (const file of files) await import(new URL(`../${file}`, import.meta.url).href);
}
