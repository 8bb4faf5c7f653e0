/**
 * The backend for io_uring: requests are entries of a ring, and one call hands over all of a turn and brings what has ended.
 *
 * Nothing of libc's AIO is used: no threads, no lanes. What the page cache serves has ended when the call returns. What waits
 * for a pipe, socket or terminal holds no thread, and is really cancelled.
 *
 * @module
 */

import { platform } from "../../structs/platform.ts";
import { FSYNC_DATASYNC, IOSQE_ASYNC, OPERATIONS } from "../../structs/io_uring.ts";
import type { Backend, Refused } from "./backend.ts";
import type { Descriptor } from "../descriptor.ts";
import { Fifo } from "../fifo.ts";
import { isFile } from "../lanes/lane.ts";
import type { Lane } from "../lanes/lane.ts";
import type { Operation } from "../operation.ts";
import { Ring } from "./ring.ts";
import { RingWaiter } from "../waiting/ring_waiter.ts";

/** Requests that the kernel has at most at a time; the ring has room for the cancellation of each besides. */
const SLOTS = 4096;

/**
 * Bytes of files that one call may move before it returns: those that the page cache has, it moves itself. The rest is given
 * to threads of the kernel.
 */
const INLINE_BYTES = 1 << 21;

/** Milliseconds between looks while the waiter thread is starting. */
const STARTING_MS = 1;

/** A mark is a slot and how often that was used: together no more bits than a number holds exactly. */
const USES_MASK = 0xfffff;

/** The mark of a cancellation's own completion, which nobody looks at. */
const NOBODY = -1;

/** `io_uring_enter`. */
export class UringBackend implements Backend {
  readonly waiter = "io_uring";
  readonly positions = true;
  readonly capacity: number = SLOTS;
  readonly #ring = new Ring(2 * SLOTS);
  readonly #wake: () => void;
  readonly #free: number[] = Array.from({ length: SLOTS }, (_, index) => SLOTS - 1 - index);
  /** What the kernel has, by slot. */
  readonly #held: (Operation | undefined)[] = new Array(SLOTS).fill(undefined);
  /** How often each slot was used: a late cancellation must not meet its next request. */
  readonly #uses = new Int32Array(SLOTS);
  /** What a request has moved of its piece, where that was a part: the rest goes on by itself. */
  readonly #moved = new Float64Array(SLOTS);
  /** Whether what was refused for want of memory was tried again already. */
  readonly #repeated = new Uint8Array(SLOTS);
  /** Cancellations for which the ring had no room. */
  readonly #late = new Fifo<{ readonly slot: number; readonly use: number }>();
  readonly #disordered = new Set<Lane>();
  readonly #again: number = platform().errno.EAGAIN;
  readonly #interrupted: number = platform().errno.EINTR;
  readonly #canceled: number = platform().errno.ECANCELED;
  #waiter: RingWaiter | undefined;
  #inline = 0;

  constructor(wake: () => void) {
    this.#wake = wake;
  }

  streamsMax(): number {
    return this.capacity;
  }

  get room(): number {
    return this.#free.length;
  }

  get threadStarted(): boolean {
    return this.#waiter !== undefined;
  }

  place(operation: Operation): void {
    const slot = this.#free.pop() as number;
    operation.slot = slot;
    this.#held[slot] = operation;
    this.#uses[slot] = (this.#uses[slot] + 1) & USES_MASK;
    this.#moved[slot] = 0;
    this.#repeated[slot] = 0;
  }

  submit(operations: Fifo<Operation>, refused: Refused): void {
    this.#inline = 0;
    this.#ring.deafen();
    let left: Operation[] | undefined;
    for (let operation = operations.shift(); operation !== undefined; operation = operations.shift()) {
      if (left === undefined && this.#ring.hasRoom()) this.#put(operation, 0);
      else (left ??= []).push(operation);
    }
    // from the last to the first, so that those that go back to wait keep their order
    for (const operation of left?.reverse() ?? []) refused(operation, this.#again);
    this.#ring.enter();
  }

  collect(_active: readonly Descriptor[], ended: Fifo<Operation>): void {
    const ring = this.#ring;
    ring.deafen();
    if (this.#late.length > 0) this.#cancelLate();
    if (ring.waiting > 0 || (ring.ready === 0 && ring.hasWork)) ring.enter();
    let put = false;
    for (let left = ring.ready; left > 0; left--) {
      const { low: slot, high: use, result } = ring;
      ring.next();
      if (slot === NOBODY) continue;
      const operation = this.#held[slot];
      if (operation === undefined || this.#uses[slot] !== use) continue;
      const rest = this.#hasRest(operation, result);
      if (rest) this.#moved[slot] += result;
      if ((rest || this.#isToBeRepeated(operation, result)) && ring.hasRoom()) {
        this.#repeated[slot] = rest ? 0 : 1;
        this.#put(operation, rest || operation.writes ? 0 : IOSQE_ASYNC);
        put = true;
        continue;
      }
      // what has moved has moved, whatever came after it
      const moved = this.#moved[slot];
      this.#end(operation, moved === 0 ? result : rest ? moved : moved + Math.max(0, result), ended);
    }
    ring.release();
    if (put) ring.enter();
    for (const lane of this.#disordered) lane.held.filter((operation) => this.#held[operation.slot] === operation);
    this.#disordered.clear();
  }

  release({ slot }: Operation): void {
    this.#held[slot] = undefined;
    this.#free.push(slot);
  }

  cancel({ slot }: Operation): void {
    this.#late.push({ slot, use: this.#uses[slot] });
    this.#cancelLate();
  }

  park(): void {
    const ring = this.#ring;
    this.#waiter ??= new RingWaiter(ring.eventDescriptor, this.#wake);
    this.#waiter.referenced = true;
    // a thread that has just been started may take longer than the requests, and entries may not have been taken
    if (!this.#waiter.ready || ring.waiting > 0 || this.#late.length > 0) setTimeout(this.#wake, STARTING_MS);
    else if (ring.listen()) setImmediate(this.#wake);
    else this.#waiter.watch();
  }

  rest(): void {
    if (this.#waiter !== undefined) this.#waiter.referenced = false;
  }

  #put(operation: Operation, flags: number): void {
    const { op, slot, writes, lane, dataOnly, sequential, position, moved, address, pieceBytes } = operation;
    const { fd } = lane as Lane;
    const use = this.#uses[slot];
    if (op === "sync") {
      const none = { address: 0, offset: 0, bytes: 0 };
      return this.#ring.put(OPERATIONS.FSYNC, flags, fd, none, dataOnly ? FSYNC_DATASYNC : 0, slot, use);
    }
    this.#inline += pieceBytes;
    const { stream } = operation.descriptor as Descriptor;
    // a thread of the kernel looks the number up itself: a write that was aborted could meet another file under it, while of
    // a read nobody sees that; what writes copy in is bounded by the engine's turn
    const aside = !writes && !stream && this.#inline > INLINE_BYTES && this.#inline > pieceBytes ? IOSQE_ASYNC : 0;
    const done = this.#moved[slot];
    const at = sequential || stream ? -1 : position + moved + done;
    const entry = { address: address + done, offset: at, bytes: pieceBytes - done };
    this.#ring.put(writes ? OPERATIONS.WRITE : OPERATIONS.READ, flags | aside, fd, entry, 0, slot, use);
  }

  /**
   * Whether a part has moved where read(2) or write(2) would have gone on: a pipe or socket had room for so much, or the kernel
   * had something else to do while it filled a device's read. A regular file's read is short at its end only.
   */
  #hasRest({ writes, cancelled, descriptor, slot, pieceBytes, lane }: Operation, result: number): boolean {
    if (result <= 0 || cancelled || this.#moved[slot] + result >= pieceBytes) return false;
    const { stream } = descriptor as Descriptor;
    return writes ? stream : !stream && !isFile((lane as Lane).fd);
  }

  /** What a signal has interrupted, or the kernel had no memory for, was not done at all. */
  #isToBeRepeated({ cancelled, descriptor, slot }: Operation, result: number): boolean {
    if (cancelled) return false;
    if (result === -this.#interrupted) return true;
    return result === -this.#again && !(descriptor as Descriptor).stream && this.#repeated[slot] === 0;
  }

  #end(operation: Operation, result: number, ended: Fifo<Operation>): void {
    const failed = result < 0;
    // a thread of the kernel is interrupted by the cancellation
    operation.status = !failed ? 0 : operation.cancelled && result === -this.#interrupted ? this.#canceled : -result;
    operation.result = failed ? 0 : result;
    this.#held[operation.slot] = undefined;
    const lane = operation.lane as Lane;
    if (lane.held.head === operation) lane.held.shift();
    else this.#disordered.add(lane);
    ended.push(operation);
  }

  #cancelLate(): void {
    const ring = this.#ring;
    let any = false;
    while (this.#late.length > 0 && ring.hasRoom()) {
      const { slot, use } = this.#late.shift() as { slot: number; use: number };
      if (this.#held[slot] === undefined || this.#uses[slot] !== use) continue;
      // the mark of the request is what the address means here
      ring.put(OPERATIONS.ASYNC_CANCEL, 0, -1, { address: slot + use * 2 ** 32, offset: 0, bytes: 0 }, 0, NOBODY, 0);
      any = true;
    }
    if (any) ring.enter();
  }
}
