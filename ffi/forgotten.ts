/**
 * Tells of what a program forgot: an object that nobody has given back and that was collected.
 *
 * @module
 */

import process from "node:process";

const told = new Set<string>();

/**
 * Warns, once for each text, on standard error and to who listens to the process's warnings.
 *
 * @param what What was forgotten, what became of it, and what mends it.
 */
export function tellForgotten(what: string): void {
  if (told.has(what)) return;
  told.add(what);
  process.emitWarning(what);
}
