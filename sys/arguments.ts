/**
 * Native memory for the arguments of one call: the list of control blocks, a timespec, a sigevent.
 *
 * A call blocks its JavaScript thread, and every thread has its own copy of this module, so one piece of memory serves
 * all calls and nobody edits a list that libc still reads.
 *
 * @module
 */

import { door } from "../ffi/door.ts";
import type { Pointer } from "../ffi/door.ts";
import { AioError } from "../ffi/errno.ts";
import { map } from "../ffi/memory.ts";
import type { Layout } from "../structs/layout.ts";
import { viewOf } from "../structs/view.ts";
import type { StructView } from "../structs/view.ts";
import type { Control } from "./control.ts";

/**
 * The most entries of a list. glibc keeps 40 bytes for each on the stack of the calling thread, which ends the process
 * when a thread's stack is too small for them [glibc rt/aio_suspend.c].
 */
export const LIST_ENTRIES_MAX = 16_384;

const STRUCT_BYTES = 4096;
const LIST_BYTES = LIST_ENTRIES_MAX * 8;

interface Piece {
  readonly pointer: Pointer;
  readonly address: number;
  readonly memory: ArrayBuffer;
}

let structPiece: Piece | undefined;
let listPiece: Piece | undefined;

function piece(bytes: number): Piece {
  const { address } = map(bytes);
  return { address, pointer: door().pointer(address), memory: door().view(address, bytes) };
}

/**
 * Zeroed memory for a struct that is an argument of one call.
 *
 * @param layout The struct.
 * @returns The members, and what to hand to C.
 */
export function structArgument(layout: Layout): { view: StructView; pointer: Pointer } {
  structPiece ??= piece(STRUCT_BYTES);
  new Uint8Array(structPiece.memory).fill(0, 0, layout.size);
  return { view: viewOf(layout, structPiece.memory), pointer: structPiece.pointer };
}

/**
 * The addresses of control blocks as the C array `struct aiocb *list[]`.
 *
 * @param controls The blocks.
 * @returns What to hand to C.
 */
export function listArgument(controls: readonly Control[]): Pointer {
  listPiece ??= piece(LIST_BYTES);
  const list = new BigUint64Array(listPiece.memory);
  for (const [index, { slot }] of controls.entries()) list[index] = BigInt(slot.address);
  return listPiece.pointer;
}

/**
 * Refuses a list that is no array or too long for libc.
 *
 * @param list What the script handed in.
 * @param syscall The C function.
 * @throws {TypeError} If it is no array.
 * @throws {AioError} EINVAL if it is too long.
 */
export function checkList(list: readonly unknown[], syscall: string): void {
  if (!Array.isArray(list)) throw new TypeError(`Cannot call ${syscall}(): the list is not an array`);
  if (list.length > LIST_ENTRIES_MAX) {
    throw new AioError(syscall, "EINVAL", `a list of ${list.length} entries, more than ${LIST_ENTRIES_MAX}`);
  }
}

/**
 * Refuses what is no C `int`.
 *
 * @param value What the script handed in.
 * @param name The parameter's name.
 * @param syscall The C function.
 * @throws {TypeError} If it is no number.
 * @throws {RangeError} If it is no integer of 32 bits.
 */
export function checkInt(value: number, name: string, syscall: string): void {
  if (typeof value !== "number") {
    throw new TypeError(
      `Cannot call ${syscall}(): ${name} is not a number but ${value === null ? "null" : typeof value}`,
    );
  }
  if ((value | 0) !== value) throw new RangeError(`Cannot call ${syscall}(): ${name} ${value} does not fit a C int`);
}
