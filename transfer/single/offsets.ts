/**
 * Two offsets in native memory, which the kernel's copy calls read and write; recycled.
 *
 * @module
 */

import { door } from "../../ffi/door.ts";
import { map } from "../../ffi/memory.ts";
import type { NativeMemory } from "../../ffi/memory.ts";

/** Where a call goes on. */
export interface Offsets extends NativeMemory {
  /** Where in the source, where in the target. */
  readonly words: BigInt64Array;
}

const free: Offsets[] = [];

/** Takes some. */
export function takeOffsets(): Offsets {
  return free.pop() ?? makeOffsets();
}

/** Gives some back that no call uses any more. */
export function giveOffsets(offsets: Offsets): void {
  free.push(offsets);
}

function makeOffsets(): Offsets {
  const memory = map(16);
  return { ...memory, words: new BigInt64Array(door().view(memory.address, 16)) };
}
