/**
 * The native memory of control blocks: pieces of mappings that no script ever sees, recycled from a free list.
 *
 * @module
 */

import { door } from "../ffi/door.ts";
import { map } from "../ffi/memory.ts";
import type { Pointer } from "../ffi/native.ts";
import { platform } from "../structs/platform.ts";
import { viewOf } from "../structs/view.ts";
import type { StructView } from "../structs/view.ts";

/** One struct-sized piece of native memory. */
export interface Slot {
  readonly address: number;
  readonly pointer: Pointer;
  readonly bytes: Uint8Array;
  readonly view: StructView;
}

/** A power of two that holds every platform's `struct aiocb`; blocks never share a cache line. */
const SLOT_BYTES = 256;
const ARENA_BYTES = 64 * 1024;

const free: Slot[] = [];

/**
 * Takes a piece.
 *
 * @returns It, zeroed.
 * @throws {AioError} ENOMEM if the system has no memory.
 */
export function takeSlot(): Slot {
  const slot = free.pop() ?? cutSlots();
  slot.bytes.fill(0);
  return slot;
}

/**
 * Gives a piece back.
 *
 * @param slot The piece, which libc does not use any more.
 */
export function giveSlot(slot: Slot): void {
  free.push(slot);
}

function cutSlots(): Slot {
  const { address, bytes } = map(ARENA_BYTES);
  const layout = platform().structs.aiocb;
  const memory = door().view(address, bytes);
  for (let offset = bytes - SLOT_BYTES; offset >= 0; offset -= SLOT_BYTES) {
    free.push({
      address: address + offset,
      pointer: door().pointer(address + offset),
      bytes: new Uint8Array(memory, offset, layout.size),
      view: viewOf(layout, memory, offset),
    });
  }
  return free.pop()!;
}
