/**
 * The native half of a control block: the `struct aiocb` that libc sees, its state, and what must live while libc owns
 * it.
 *
 * The blocks lie in mappings that no script ever sees and are recycled from a free list. A table of this module holds
 * every block in flight with its buffer, so that nothing libc still writes to is collected or recycled.
 *
 * @module
 */

import { door } from "../ffi/door.ts";
import type { Pointer } from "../ffi/door.ts";
import { AioError } from "../ffi/errno.ts";
import { libc } from "../ffi/libc.ts";
import { map } from "../ffi/memory.ts";
import { platform } from "../structs/platform.ts";
import { viewOf } from "../structs/view.ts";
import type { StructView } from "../structs/view.ts";

/** Where a block stands: given to libc or not, and whether libc has ended it. */
export type State = "idle" | "in flight" | "ended";

/** One struct-sized piece of native memory. */
interface Slot {
  readonly address: number;
  readonly pointer: Pointer;
  readonly bytes: Uint8Array;
  readonly view: StructView;
}

/** A control block as this package knows it. It never refers to the script's `Aiocb`, which may be collected. */
export interface Control {
  readonly slot: Slot;
  state: State;
  /** Whether the script gave it up. Its memory comes back when libc is done. */
  disposed: boolean;
  /** The function that submitted it last. */
  syscall: string;
  /** The buffer that libc reads or writes. */
  buffer: Uint8Array | null;
}

/** A power of two that holds every platform's `struct aiocb`; blocks never share a cache line. */
const SLOT_BYTES = 256;
const ARENA_BYTES = 64 * 1024;

const free: Slot[] = [];
const inFlight = new Set<Control>();
const leaving = new Set<Control>();
/** What waits for the end of the requests on one `ArrayBuffer`. */
const afterwards = new Map<ArrayBufferLike, () => void>();

const forgotten = new FinalizationRegistry<Control>(giveControl);

/**
 * Takes zeroed memory for a control block.
 *
 * @param owner The script's object; when it is collected the memory is given back as by {@linkcode dropControl}.
 * @returns The idle block.
 * @throws {AioError} ENOMEM if the system has no memory.
 */
export function takeControl(owner: object): Control {
  sweep();
  const slot = free.pop() ?? cutSlots();
  slot.bytes.fill(0);
  const control: Control = { slot, state: "idle", disposed: false, syscall: "", buffer: null };
  forgotten.register(owner, control, control);
  return control;
}

/**
 * Gives a block's memory back, at once or as soon as libc has ended its request.
 *
 * @param control The block, which the script no longer uses.
 */
export function dropControl(control: Control): void {
  forgotten.unregister(control);
  giveControl(control);
}

function giveControl(control: Control): void {
  if (control.disposed) return;
  control.disposed = true;
  leaving.add(control);
  sweep();
}

/** Recycles what libc has ended meanwhile. */
function sweep(): void {
  for (const control of leaving) {
    if (refresh(control) === "in flight") continue;
    leaving.delete(control);
    free.push(control.slot);
  }
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

/**
 * Marks a block as owned by libc, before the call that submits it.
 *
 * @param control An idle or ended block.
 * @param syscall The function that submits it.
 * @param buffer The buffer that the request uses.
 */
export function begin(control: Control, syscall: string, buffer: Uint8Array | null): void {
  control.state = "in flight";
  control.syscall = syscall;
  control.buffer = buffer;
  inFlight.add(control);
}

/**
 * Takes a block out of flight.
 *
 * @param control The block.
 * @param state `"ended"` when libc ended it, `"idle"` when libc never took it.
 */
export function end(control: Control, state: "idle" | "ended"): void {
  control.state = state;
  inFlight.delete(control);
  const memory = control.buffer?.buffer;
  control.buffer = null;
  if (memory !== undefined && afterwards.has(memory)) whenUnused(memory, afterwards.get(memory)!);
}

/**
 * Runs a function when no request in flight uses some memory.
 *
 * @param memory The memory.
 * @param run What to run, now or at the end of the last request.
 */
export function whenUnused(memory: ArrayBufferLike, run: () => void): void {
  for (const control of inFlight) {
    if (control.buffer?.buffer !== memory || refresh(control) !== "in flight") continue;
    afterwards.set(memory, run);
    return;
  }
  afterwards.delete(memory);
  run();
}

/**
 * Asks libc whether a request has ended. The question takes libc's lock, after which it touches the block no more.
 *
 * @param control The block.
 * @returns Where it stands now.
 */
export function refresh(control: Control): State {
  if (control.state === "in flight" && libc().call.aio_error(control.slot.pointer) !== platform().errno.EINPROGRESS) {
    end(control, "ended");
  }
  return control.state;
}

/**
 * Refuses to touch a block that libc owns or that is gone.
 *
 * @param control The block.
 * @param syscall The C function, or what else is asked.
 * @param wanted What is asked, for the message.
 * @throws {TypeError} If the block is disposed.
 * @throws {AioError} EBUSY if it is in flight.
 */
export function requireUnowned(control: Control, syscall: string, wanted: string): void {
  if (control.disposed) throw new TypeError(`Cannot ${wanted}: the control block is disposed`);
  if (refresh(control) === "in flight") {
    throw new AioError(syscall, "EBUSY", `cannot ${wanted}: the control block is in flight (${describe(control)})`);
  }
}

/**
 * Says in words what was submitted, from what libc was given.
 *
 * @param control A block that was submitted.
 * @returns For example `read 4096 bytes at offset 0 of descriptor 7`.
 */
export function describe({ syscall, slot: { view } }: Control): string {
  if (syscall === "aio_fsync") return `sync descriptor ${view.aio_fildes}`;
  const verb = syscall === "aio_write" ? "write" : syscall === "aio_read" ? "read" : "transfer";
  const offset = view.memory.getBigInt64(platform().structs.aiocb.members.aio_offset.offset, true); // beyond a number's
  return `${verb} ${view.aio_nbytes} bytes at offset ${offset} of descriptor ${view.aio_fildes}`;
}
