/**
 * Compares large contents quickly, and says where they part.
 *
 * @module
 */

import { fail } from "@std/assert";
import { Buffer } from "node:buffer";

/** Fails unless both hold the same bytes. */
export function assertSameBytes(actual: Uint8Array, expected: Uint8Array, what: string = "bytes"): void {
  if (Buffer.compare(actual, expected) === 0) return;
  const shorter = Math.min(actual.length, expected.length);
  let index = 0;
  while (index < shorter && actual[index] === expected[index]) index++;
  fail(`${what} differ at ${index}; ${actual.length} bytes long, expected ${expected.length}`);
}

/** Lays arrays end to end. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}

/** Waits until `test` says yes; gives up after five seconds. */
export async function until(test: () => boolean, what: string): Promise<void> {
  const end = performance.now() + 5000;
  while (!test()) {
    if (performance.now() > end) fail(`${what} did not happen`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
