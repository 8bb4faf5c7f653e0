/**
 * The wake channel for glibc: reads of a timer that fires once a second.
 *
 * To wake the thread, the sentinel of the list it waits for is cancelled (or the timer fired, where libc is already
 * reading it). The timer also bounds what a terminated worker leaves behind: with nobody there to submit sentinels
 * again, libc's thread is free after a few seconds.
 *
 * @module
 */

import { door } from "../../ffi/door.ts";
import { AioError } from "../../ffi/errno.ts";
import { libc } from "../../ffi/libc.ts";
import type { Pointer } from "../../ffi/native.ts";
import { map } from "../../ffi/memory.ts";
import { LISTS } from "../../ffi/waiter_thread.ts";
import { platform } from "../../structs/platform.ts";
import { viewOf } from "../../structs/view.ts";
import { makeUnshared } from "../numbers.ts";
import type { ControlBlocks } from "../backends/blocks.ts";
import type { WakeChannel } from "./wake_channel.ts";

const CLOCK_MONOTONIC = 1;
const ONE_SECOND_NS = 1_000_000_000;

/** A timer and its sentinels. */
export class TimerChannel implements WakeChannel {
  readonly waitMs: number;
  readonly #blocks: ControlBlocks;
  readonly #timer: number;
  readonly #spec: { readonly pointer: Pointer; readonly set: (firstNs: number) => void };
  readonly #sentinels: number[] = [];
  readonly #keeper: number;

  constructor(blocks: ControlBlocks, waitMs: number) {
    this.waitMs = waitMs;
    this.#blocks = blocks;
    const { structs, constants } = platform();
    const memory = map(128);
    const itimerspec = viewOf(structs.itimerspec, door().view(memory.address, memory.bytes));
    this.#spec = {
      pointer: door().pointer(memory.address),
      set: (firstNs) => {
        itimerspec["it_interval.tv_sec"] = 1;
        itimerspec["it_value.tv_sec"] = Math.floor(firstNs / ONE_SECOND_NS);
        itimerspec["it_value.tv_nsec"] = firstNs % ONE_SECOND_NS;
      },
    };
    this.#timer = makeUnshared(() => libc().call.timerfd_create(CLOCK_MONOTONIC, constants.O_CLOEXEC));
    if (this.#timer < 0) throw new AioError("timerfd_create", libc().errno(), "make the wake channel");
    this.#set(ONE_SECOND_NS);
    for (let index = 0; index <= LISTS; index++) {
      const slot = blocks.take();
      // eight bytes each: how often the timer has fired
      const address = memory.address + 64 + index * 8;
      blocks.fill(slot, constants.LIO_READ, this.#timer, {
        address,
        pieceBytes: 8,
        vectorCount: 0,
        position: 0,
        moved: 0,
      });
      this.#sentinels.push(slot);
    }
    this.#keeper = this.#sentinels.pop() as number;
  }

  arm(turn: number): number {
    const sentinel = this.#sentinels[turn % LISTS];
    // the keeper is read first, so that the sentinel is queued behind it, where libc can cancel it at once
    return this.#read(this.#keeper) && this.#read(sentinel) ? this.#blocks.address(sentinel) : 0;
  }

  wake(turn: number): void {
    const slot = this.#sentinels[turn % LISTS];
    if (!this.#blocks.inProgress(slot)) return; // it has ended: the thread is on its way
    const answer = libc().call.aio_cancel(this.#timer, this.#blocks.pointers[slot]);
    if (answer === platform().constants.AIO_NOTCANCELED) this.#set(1);
  }

  /**
   * Submits a sentinel unless libc still reads the timer for it.
   *
   * @returns Whether it is read now. Where libc has no thread for it the list does without: the thread looks for a new
   * list after each bounded wait.
   */
  #read(slot: number): boolean {
    if (this.#blocks.inProgress(slot)) return true;
    const { call } = libc();
    call.aio_error(this.#blocks.pointers[slot]); // takes libc's lock: it has let go of the block
    return call.aio_read(this.#blocks.pointers[slot]) === 0;
  }

  #set(firstNs: number): void {
    this.#spec.set(firstNs);
    libc().call.timerfd_settime(this.#timer, 0, this.#spec.pointer, door().pointer(0));
  }
}
