/**
 * The backend for kernels that run requests themselves, without a kqueue: each request that is held is asked for by
 * `aio_error`, and a thread waits in `aio_suspend`.
 *
 * It is what macOS has. On FreeBSD it is there for programs that want no kqueue, and for comparison: asking costs a
 * system call for each request that is held, where the kqueue names the ones that have ended.
 *
 * @module
 */

import { platform } from "../../structs/platform.ts";
import type { Backend } from "./backend.ts";
import { ReapingBackend } from "./reaping.ts";
import { SLOTS_MAX } from "./blocks.ts";
import type { Descriptor } from "../descriptor.ts";
import type { Fifo } from "../fifo.ts";
import type { Operation } from "../operation.ts";
import { openWakeChannel } from "../waiting/wake.ts";
import { Waiter } from "../waiting/waiter.ts";

/** Milliseconds between looks while the waiter thread is starting. */
const STARTING_MS = 1;

/** `aio_error`, `aio_return` and `aio_suspend`. */
export class SuspendBackend extends ReapingBackend implements Backend {
  readonly waiter = "suspend";
  readonly #inProgress: number = platform().errno.EINPROGRESS;
  readonly #wake: () => void;
  #waiter: Waiter | undefined;
  /** Slots that the waiter's list may still name. */
  #quarantine: number[] = [];

  constructor(wake: () => void) {
    super();
    this.#wake = wake;
  }

  override get room(): number {
    if (this.blocks.free < SLOTS_MAX / 2) this.#leaveQuarantine();
    return super.room;
  }

  get threadStarted(): boolean {
    return this.#waiter !== undefined;
  }

  collect(active: readonly Descriptor[], ended: Fifo<Operation>): void {
    const before = ended.length;
    for (const { lanes } of active) {
      for (const { held } of lanes) {
        for (let index = 0; index < held.length; index++) {
          const operation = held.at(index) as Operation;
          const state = this.call.aio_error(this.blocks.pointers[operation.slot]);
          if (state !== this.#inProgress) this.reap(operation, ended, state);
        }
      }
    }
    this.leaveLanes(ended, before);
  }

  park(active: readonly Descriptor[]): void {
    this.#waiter ??= new Waiter(this.blocks, openWakeChannel(this.blocks), this.#wake);
    this.#waiter.referenced = true;
    this.#leaveQuarantine();
    if (!this.#waiter.ready) {
      setTimeout(this.#wake, STARTING_MS);
      return;
    }
    const slots: number[] = [];
    for (const { lanes } of active) {
      for (const { held } of lanes) {
        for (let index = 0; index < held.length; index++) slots.push((held.at(index) as Operation).slot);
      }
    }
    this.#waiter.watch(slots);
  }

  rest(): void {
    if (this.#waiter !== undefined) this.#waiter.referenced = false;
  }

  protected override free(slot: number): void {
    if (this.#waiter?.holds(slot)) this.#quarantine.push(slot);
    else super.free(slot);
  }

  #leaveQuarantine(): void {
    if (this.#quarantine.length === 0) return;
    const slots = this.#quarantine;
    this.#quarantine = [];
    for (const slot of slots) this.free(slot);
  }
}
