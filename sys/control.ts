/**
 * The native half of a control block: the `struct aiocb` that libc sees, its state, and what must live while libc owns
 * it.
 *
 * The blocks lie in mappings that no script ever sees and are recycled from a free list. A table of this module holds
 * every block in flight with its buffers, so that nothing libc still writes to is collected or recycled. Where finished
 * requests have to be reaped, a second one holds those that are not.
 *
 * @module
 */

import { AioError } from "../ffi/errno.ts";
import { tellForgotten } from "../ffi/forgotten.ts";
import { registerHolder } from "../ffi/holders.ts";
import type { Holder } from "../ffi/holders.ts";
import { libc } from "../ffi/libc.ts";
import { platform } from "../structs/platform.ts";
import { describe } from "./describe.ts";
import { giveSlot, takeSlot } from "./slots.ts";
import type { Slot } from "./slots.ts";

/**
 * Where a block stands: given to libc or not, and whether libc has ended it. Where finished requests must be reaped, an
 * ended one is idle again as soon as its result was taken.
 */
export type State = "idle" | "in flight" | "ended";

/** A control block as this package knows it. It never holds the script's `Aiocb`, which may be collected. */
export interface Control {
  readonly slot: Slot;
  /** The script's `Aiocb`. */
  readonly owner: WeakRef<object>;
  state: State;
  /** Whether the script gave it up. Its memory comes back when libc is done. */
  disposed: boolean;
  /** The function that submitted it last. */
  syscall: string;
  /** The buffers that libc reads or writes. */
  buffers: readonly Uint8Array[];
  /** What waits for libc to forget the request altogether. */
  whenForgotten: (() => void) | null;
}

/** Tells others under which numbers the C interface has requests. */
export const holder: Holder = { holds: (fd) => inFlight.size > 0 && inFlightOn(fd).length > 0 };
let known = false;

const inFlight = new Set<Control>();
const leaving = new Set<Control>();
/** Where requests must be reaped: those that are not, by the addresses of their blocks. */
const unreaped = new Map<number, Control>();
/** What waits for the end of the requests on one `ArrayBuffer`. */
const afterwards = new Map<ArrayBufferLike, () => void>();

const forgotten = new FinalizationRegistry<Control>((control) => {
  if (refresh(control) === "in flight") {
    tellForgotten(
      "An Aiocb was collected while its request was in flight: nobody can learn how it ended. " +
        "Keep it until aio_error() says that it has ended, and call aio_return()",
    );
  }
  giveControl(control);
});

/**
 * Takes zeroed memory for a control block.
 *
 * @param owner The script's object; when it is collected the memory is given back as by {@linkcode dropControl}.
 * @returns The idle block.
 * @throws {AioError} ENOMEM if the system has no memory.
 */
export function takeControl(owner: object): Control {
  reclaim();
  const slot = takeSlot();
  const control: Control = {
    ...{ slot, owner: new WeakRef(owner), state: "idle", disposed: false, syscall: "" },
    ...{ buffers: [], whenForgotten: null },
  };
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
  reclaim();
}

/**
 * Recycles what was given up and libc has ended meanwhile.
 *
 * @returns Whether libc has room again for requests.
 */
export function reclaim(): boolean {
  let reaped = false;
  for (const control of leaving) {
    if (refresh(control) === "in flight") continue;
    reaped = reap(control) || reaped;
    leaving.delete(control);
    giveSlot(control.slot);
  }
  return reaped;
}

/**
 * Marks a block as owned by libc, before the call that submits it.
 *
 * @param control An idle or ended block. The result of an ended one that nobody asked for is dropped.
 * @param syscall The function that submits it.
 * @param buffers The buffers that the request uses.
 */
export function begin(control: Control, syscall: string, buffers: readonly Uint8Array[]): void {
  if (!known) registerHolder(holder);
  known = true;
  reap(control);
  control.state = "in flight";
  control.syscall = syscall;
  control.buffers = buffers;
  inFlight.add(control);
  if (platform().behaviour.mustReap) unreaped.set(control.slot.address, control);
}

/**
 * Takes a block out of flight.
 *
 * @param control The block.
 * @param state `"ended"` when libc ended it, `"idle"` when libc never took it or has forgotten it.
 */
export function end(control: Control, state: "idle" | "ended"): void {
  control.state = state;
  inFlight.delete(control);
  if (state === "idle") {
    unreaped.delete(control.slot.address);
    control.whenForgotten?.();
    control.whenForgotten = null;
  }
  const { buffers } = control;
  control.buffers = [];
  for (const { buffer } of buffers) if (afterwards.has(buffer)) whenUnused(buffer, afterwards.get(buffer)!);
}

/** Takes and drops the result of a request that holds one of libc's places, so that it can be used again. */
function reap(control: Control): boolean {
  if (control.state !== "ended" || !platform().behaviour.mustReap) return false;
  libc().call.aio_return(control.slot.pointer);
  end(control, "idle");
  return true;
}

/**
 * The block of a request that libc still holds.
 *
 * @param address The address of its native half.
 * @returns The block, or `undefined` if this thread submitted none there.
 */
export function controlAt(address: number): Control | undefined {
  return unreaped.get(address);
}

/**
 * Runs a function when no request in flight uses some memory.
 *
 * @param memory The memory.
 * @param run What to run, now or at the end of the last request.
 */
export function whenUnused(memory: ArrayBufferLike, run: () => void): void {
  for (const control of inFlight) {
    if (!control.buffers.some(({ buffer }) => buffer === memory) || refresh(control) !== "in flight") continue;
    afterwards.set(memory, run);
    return;
  }
  afterwards.delete(memory);
  run();
}

/**
 * The requests in flight of one descriptor number, as far as libc was asked.
 *
 * @param fd The descriptor.
 * @returns Their blocks.
 */
export function inFlightOn(fd: number): Control[] {
  return [...inFlight].filter((control) => control.slot.view.aio_fildes === fd && refresh(control) === "in flight");
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
