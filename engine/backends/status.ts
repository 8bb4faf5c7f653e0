/**
 * The backend for C libraries that show a request's state in its control block: glibc and musl.
 *
 * A scan reads one word for each request that may have ended. glibc runs the requests of a lane in their order, so only
 * the oldest of each is looked at until it has ended.
 *
 * @module
 */

import { door } from "../../ffi/door.ts";
import { libc } from "../../ffi/libc.ts";
import type { Functions } from "../../ffi/libc.ts";
import { platform } from "../../structs/platform.ts";
import type { Backend, Refused } from "./backend.ts";
import { ControlBlocks, NOT_TAKEN, SLOTS_MAX, WAITER_SLOTS } from "./blocks.ts";
import type { Descriptor } from "../descriptor.ts";
import { inProgressBefore, markOf, takeEnded, watchedSlots } from "./lane_scan.ts";
import { isShared } from "../numbers.ts";
import { Fifo } from "../fifo.ts";
import type { Lane } from "../lanes/lane.ts";
import type { OwnLane } from "../place.ts";
import type { Operation } from "../operation.ts";
import { openWakeChannel } from "../waiting/wake.ts";
import { Waiter } from "../waiting/waiter.ts";

/** Most requests in one `lio_listio` call: libc keeps two arrays of that length on its stack. */
const BATCH_MAX = 256;

/** Milliseconds between looks while the waiter thread is starting. */
const STARTING_MS = 1;

/** A request that libc did not take. */
interface Refusal {
  readonly operation: Operation;
  readonly lane: OwnLane | null;
  readonly errno: number;
}

/** Status words and `aio_suspend`. */
export class StatusBackend implements Backend {
  readonly waiter = "suspend";
  readonly positions = false;
  readonly #call: Functions = libc().call;
  readonly #errno: () => number = libc().errno;
  readonly #blocks: ControlBlocks = new ControlBlocks();
  readonly #wake: () => void;
  readonly #null = door().pointer(0);
  readonly #again: number;
  readonly #codes: { readonly read: number; readonly write: number; readonly sync: number; readonly dataSync: number };
  readonly #noWait: number;
  readonly #canceledAnswer: number;
  /** glibc's requests of one lane end in their order, musl's do not. */
  readonly #serial: boolean;
  readonly #safeCancel: boolean;
  /** What goes to libc in lists. */
  readonly #transfers = new Fifo<Operation>();
  #waiter: Waiter | undefined;
  /** Slots that the waiter's list may still name. */
  #quarantine: number[] = [];

  constructor(wake: () => void) {
    const { constants, errno, behaviour } = platform();
    this.#serial = behaviour.serialPerDescriptor;
    this.#safeCancel = behaviour.safeCancel;
    this.#wake = wake;
    this.#again = errno.EAGAIN;
    this.#codes = {
      read: constants.LIO_READ,
      write: constants.LIO_WRITE,
      sync: constants.O_SYNC,
      dataSync: constants.O_DSYNC,
    };
    this.#noWait = constants.LIO_NOWAIT;
    this.#canceledAnswer = constants.AIO_CANCELED;
  }

  get capacity(): number {
    return SLOTS_MAX - WAITER_SLOTS;
  }

  streamsMax(threads: number): number {
    return this.#serial ? threads : this.capacity; // musl has a thread for each request
  }

  get room(): number {
    const kept = this.#waiter === undefined ? WAITER_SLOTS : 0;
    if (this.#blocks.free <= kept) this.#leaveQuarantine();
    return Math.max(0, this.#blocks.free - kept);
  }

  get threadStarted(): boolean {
    return this.#waiter !== undefined;
  }

  place(operation: Operation): void {
    const slot = this.#blocks.take();
    const code = operation.writes ? this.#codes.write : this.#codes.read;
    this.#blocks.fill(slot, code, (operation.lane as Lane).fd, operation);
    operation.slot = slot;
  }

  submit(operations: Fifo<Operation>, refused: Refused): void {
    const transfers = this.#transfers;
    const alone = operations.length === 1;
    let refusals: Refusal[] | undefined;
    for (let operation = operations.shift(); operation !== undefined; operation = operations.shift()) {
      const { stream, policy, submission } = operation.descriptor as Descriptor;
      const single = stream || operation.op === "sync" || alone || (policy.quick && submission.single);
      if (!single) {
        transfers.push(operation);
        continue;
      }
      // nothing of a lane goes before what was refused of it: the order of a stream's bytes depends on it
      const { lane } = operation;
      const held = refusals?.some((refusal) => refusal.lane === lane) === true;
      if (held || !this.#submitOne(operation)) {
        (refusals ??= []).push({ operation, lane, errno: held ? this.#again : this.#errno() });
      }
    }
    if (refusals !== undefined) { for (const { operation, errno } of refusals.reverse()) refused(operation, errno); }
    while (transfers.length > 0) {
      const count = Math.min(BATCH_MAX, transfers.length);
      for (let index = 0; index < count; index++) this.#blocks.list(index, (transfers.at(index) as Operation).slot);
      const answer = this.#call.lio_listio(this.#noWait, this.#blocks.listPointer, count, this.#null);
      if (answer !== 0) this.#sortOut(transfers.take(count), refused);
      else for (let left = count; left > 0; left--) transfers.shift();
    }
  }

  collect(active: readonly Descriptor[], ended: Fifo<Operation>, patient: boolean): void {
    const before = ended.length;
    for (let index = 0; index < active.length; index++) {
      const { lanes, policy } = active[index];
      for (let at = 0; at < lanes.length; at++) {
        const lane = lanes[at];
        const mark = patient && policy.quick ? markOf(lane) : lane.held.head;
        if (mark !== undefined && !(this.#blocks.inProgress(mark.slot) && !lane.disordered)) {
          takeEnded(this.#blocks, lane, this.#serial, ended);
        }
      }
    }
    if (ended.length === before) return;
    // takes libc's lock once, after all those words were seen: libc has let go of these blocks
    this.#call.aio_error(this.#blocks.pointers[(ended.at(before) as Operation).slot]);
    for (let index = before; index < ended.length; index++) {
      const operation = ended.at(index) as Operation;
      operation.status = this.#blocks.state(operation.slot);
      operation.result = operation.status === 0 ? this.#blocks.result(operation.slot) : 0;
    }
  }

  release({ slot }: Operation): void {
    if (this.#waiter?.holds(slot)) this.#quarantine.push(slot);
    else this.#blocks.give(slot);
  }

  cancel(operation: Operation): void {
    const lane = operation.lane as Lane;
    // its number may be another file's when libc comes to it
    if (operation.settled) this.#blocks.empty(operation.slot);
    // musl would never return from cancelling what waits for its turn: a sync, an append, a write to a stream
    if (!this.#safeCancel && !operation.reads) return;
    const before = () => inProgressBefore(this.#blocks, lane, operation);
    const more = lane.held.some((other) => other !== operation && this.#blocks.inProgress(other.slot));
    if (more && !before()) return; // it is libc's next or runs already
    if (isShared(lane.fd)) return; // it may be libc's next before one of somebody else's
    const answer = this.#call.aio_cancel(lane.fd, this.#blocks.pointers[operation.slot]);
    lane.disordered = true;
    if (more && answer === this.#canceledAnswer && !before()) this.#call.aio_cancel(lane.fd, this.#null);
  }

  park(active: readonly Descriptor[]): void {
    this.#waiter ??= new Waiter(this.#blocks, openWakeChannel(this.#blocks), this.#wake);
    this.#waiter.referenced = true;
    this.#leaveQuarantine();
    if (!this.#waiter.ready) {
      setTimeout(this.#wake, STARTING_MS);
      return;
    }
    this.#waiter.watch(watchedSlots(active, this.#serial));
  }

  rest(): void {
    if (this.#waiter !== undefined) this.#waiter.referenced = false;
  }

  #submitOne(operation: Operation): boolean {
    const pointer = this.#blocks.pointers[operation.slot];
    if (operation.op === "sync") {
      return this.#call.aio_fsync(operation.dataOnly ? this.#codes.dataSync : this.#codes.sync, pointer) === 0;
    }
    return (operation.writes ? this.#call.aio_write(pointer) : this.#call.aio_read(pointer)) === 0;
  }

  /** After a batch that libc did not take whole: each block's state tells whether libc has it. */
  #sortOut(batch: Operation[], refused: Refused): void {
    // from the last to the first, so that those that go back to wait keep their order
    for (const operation of batch.reverse()) {
      const state = this.#call.aio_error(this.#blocks.pointers[operation.slot]);
      if (state === NOT_TAKEN || state === this.#again) refused(operation, this.#again);
    }
  }

  #leaveQuarantine(): void {
    if (this.#quarantine.length === 0) return;
    this.#quarantine = this.#quarantine.filter((slot) => {
      if (this.#waiter!.holds(slot)) return true;
      this.#blocks.give(slot);
      return false;
    });
  }
}
