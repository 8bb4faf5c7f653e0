/**
 * Native memory for the arguments of one call: the list of control blocks, a timespec, a sigevent.
 *
 * A call blocks its JavaScript thread, and every thread has its own copy of this module, so one piece of memory serves
 * all calls and nobody edits a list that libc still reads. Only what libc remembers after the call has its own.
 *
 * @module
 */

import { door } from "../ffi/door.ts";
import type { Pointer } from "../ffi/native.ts";
import { AioError } from "../ffi/errno.ts";
import { map } from "../ffi/memory.ts";
import type { Layout } from "../structs/layout.ts";
import { viewOf } from "../structs/view.ts";
import type { StructView } from "../structs/view.ts";
import { platform } from "../structs/platform.ts";
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
  layAddresses(listPiece.memory, controls);
  return listPiece.pointer;
}

/**
 * Writes the addresses of control blocks one after another.
 *
 * @param memory Where to.
 * @param controls The blocks.
 */
export function layAddresses(memory: ArrayBuffer, controls: readonly Control[]): void {
  const list = new BigUint64Array(memory);
  for (const [index, { slot }] of controls.entries()) list[index] = BigInt(slot.address);
}

/** Memory that is an argument of one call and stays in use after it. */
export interface KeptArgument {
  readonly pointer: Pointer;
  readonly memory: ArrayBuffer;
  /** Gives it back. */
  release(): void;
}

/** Kept pieces that are free, by the binary logarithm of their size. */
const released: Piece[][] = [];

/**
 * Memory for an argument that libc remembers: FreeBSD tells lists apart by their addresses, musl reads a list's
 * `struct sigevent` when the list has ended.
 *
 * @param bytes How many.
 * @returns The memory, with undefined content.
 */
export function keptArgument(bytes: number): KeptArgument {
  const sizeLog = Math.max(12, 32 - Math.clz32(bytes - 1));
  const list = released[sizeLog] ??= [];
  const taken = list.pop() ?? piece(2 ** sizeLog);
  return { pointer: taken.pointer, memory: taken.memory, release: () => void list.push(taken) };
}

let iovecPiece: { readonly address: number; readonly memory: ArrayBuffer } | undefined;

/**
 * Lays arrays out as C's `struct iovec` arrays, which libc copies during the call [FreeBSD vfs_aio.c:aiocb_copyin].
 *
 * @param lists The buffers of each request.
 * @returns The address of each request's array.
 */
export function layIovecs(lists: readonly (readonly Uint8Array[])[]): number[] {
  const layout = platform().structs.iovec;
  const bytes = layout.size * lists.reduce((sum, { length }) => sum + length, 0);
  if (iovecPiece === undefined || iovecPiece.memory.byteLength < bytes) iovecPiece = piece(Math.max(bytes, 1 << 16));
  const { address, memory } = iovecPiece;
  const words = new BigUint64Array(memory);
  let next = 0;
  return lists.map((buffers) => {
    const first = address + next * 8;
    for (const buffer of buffers) {
      words[next++] = BigInt(buffer.byteLength === 0 ? 0 : door().addressOf(buffer)); // void *iov_base;
      words[next++] = BigInt(buffer.byteLength); // size_t iov_len;
    }
    return first;
  });
}

/**
 * A word into which a call writes an address.
 *
 * @returns What to hand to C, and how to read the address after the call.
 */
export function addressArgument(): { pointer: Pointer; read(): number } {
  listPiece ??= piece(LIST_BYTES);
  const words = new BigUint64Array(listPiece.memory, 0, 1);
  words[0] = 0n;
  return { pointer: listPiece.pointer, read: () => Number(words[0]) };
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
