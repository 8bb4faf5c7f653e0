/**
 * The waiter of one JavaScript thread: starts the waiter thread, gives it lists to wait for, and wakes it.
 *
 * Shared by all queues of the thread and started on first need. A list always ends with a sentinel: a read of a timer
 * that fires once a second. To wake the thread early, the sentinel of the list it waits for is cancelled (or the timer
 * fired, where libc is already reading it). The timer also bounds what a terminated worker leaves behind: with nobody
 * there to submit sentinels again, libc's thread is free after a few seconds.
 *
 * @module
 */

import process from "node:process";
import { door } from "../ffi/door.ts";
import { AioError } from "../ffi/errno.ts";
import { libc } from "../ffi/libc.ts";
import type { Pointer } from "../ffi/door.ts";
import { map } from "../ffi/memory.ts";
import type { NativeThread } from "../ffi/thread.ts";
import { CONTROL, LISTS, WAITER_SYMBOLS, WAITER_TEXT } from "../ffi/waiter_thread.ts";
import type { WaiterData } from "../ffi/waiter_thread.ts";
import { platform } from "../structs/platform.ts";
import { viewOf } from "../structs/view.ts";
import { setLong } from "./blocks.ts";
import type { ControlBlocks } from "./blocks.ts";

/** The longest that the thread blocks at a time; a longer wait makes the process hang at its end. */
const WAIT_MS_MAX = 100;

/** Most entries of a list, the sentinel included. */
const ENTRIES_MAX = 128;

const CLOCK_MONOTONIC = 1;
const ONE_SECOND_NS = 1_000_000_000;

/** `Atomics.waitAsync`, which TypeScript's ES2022 library does not declare. */
const { waitAsync } = Atomics as unknown as {
  waitAsync(
    words: Int32Array,
    index: number,
    value: number,
  ): { async: false; value: string } | { async: true; value: Promise<string> };
};

/** A thread's waiter. */
export class Waiter {
  readonly #blocks: ControlBlocks;
  readonly #wake: () => void;
  readonly #control = new Int32Array(new SharedArrayBuffer(CONTROL.LENGTH * 4));
  readonly #lists: Int32Array;
  readonly #sentinels: number[] = [];
  readonly #keeper: number;
  readonly #timer: number;
  readonly #timerSpec: { readonly pointer: Pointer; readonly set: (firstNs: number) => void };
  readonly #thread: NativeThread;
  /** The list in which a slot was last named. */
  readonly #listed: Int32Array;
  #published = 0;
  #watching = false;
  #referenced = false;

  /**
   * Starts the thread.
   *
   * @param blocks The control blocks it waits for.
   * @param slots How many there are.
   * @param wake Called from the event loop when the thread has reported.
   */
  constructor(blocks: ControlBlocks, slots: number, wake: () => void) {
    this.#blocks = blocks;
    this.#wake = wake;
    this.#listed = new Int32Array(slots);
    const { structs, constants } = platform();

    const memory = map(LISTS * ENTRIES_MAX * 8 + 256);
    const buffer = door().view(memory.address, memory.bytes);
    this.#lists = new Int32Array(buffer, 0, LISTS * ENTRIES_MAX * 2);
    const extras = LISTS * ENTRIES_MAX * 8;
    const timeout = viewOf(structs.timespec, buffer, extras);
    timeout.tv_nsec = WAIT_MS_MAX * 1_000_000;
    const itimerspec = viewOf(structs.itimerspec, buffer, extras + 64);
    this.#timerSpec = {
      pointer: door().pointer(memory.address + extras + 64),
      set: (firstNs) => {
        itimerspec["it_interval.tv_sec"] = 1;
        itimerspec["it_value.tv_sec"] = Math.floor(firstNs / ONE_SECOND_NS);
        itimerspec["it_value.tv_nsec"] = firstNs % ONE_SECOND_NS;
      },
    };
    this.#timer = libc().call.timerfd_create(CLOCK_MONOTONIC, constants.O_CLOEXEC);
    if (this.#timer < 0) throw new AioError("timerfd_create", libc().errno(), "make the wake channel");
    this.#setTimer(ONE_SECOND_NS);
    for (let index = 0; index <= LISTS; index++) {
      const slot = blocks.take();
      // eight bytes each: how often the timer has fired
      blocks.fill(slot, constants.LIO_READ, this.#timer, memory.address + extras + 128 + index * 8, 8, 0);
      this.#sentinels.push(slot);
    }
    this.#keeper = this.#sentinels.pop() as number;

    const data: WaiterData = {
      control: this.#control.buffer as SharedArrayBuffer,
      library: libc().aioLibrary,
      symbols: WAITER_SYMBOLS,
      lists: [0, 1, 2].map((index) => memory.address + index * ENTRIES_MAX * 8),
      timeout: memory.address + extras,
    };
    this.#thread = door().startThread(WAITER_TEXT, data, {
      error(cause) {
        throw new Error("Cannot wait for requests: the waiter thread failed", { cause });
      },
    });
    process.on("exit", () => this.#stop());
  }

  /** Whether the thread has started and can be relied on. */
  get ready(): boolean {
    return Atomics.load(this.#control, CONTROL.READY) === 1;
  }

  /** Whether libc may still read the block as an entry of a list that is being waited for. */
  holds(slot: number): boolean {
    return this.#listed[slot] > Atomics.load(this.#control, CONTROL.DONE);
  }

  /** Keeps the process alive (or no longer) for as long as the thread waits. */
  set referenced(wanted: boolean) {
    if (wanted === this.#referenced) return;
    this.#referenced = wanted;
    if (wanted) this.#thread.ref();
    else this.#thread.unref();
  }

  /**
   * Asks for a wake-up as soon as one of the blocks has ended, or within a second.
   *
   * @param slots Blocks that libc holds; those beyond the list's room are covered by the others' wake-ups.
   */
  watch(slots: readonly number[]): void {
    const done = Atomics.load(this.#control, CONTROL.DONE);
    this.#report(done);
    if (done < this.#published && slots.every((slot) => this.#listed[slot] > done)) return; // waited for already
    // the thread is one list behind already: it will report that one first, and then this is asked again
    if (this.#published - done >= 2) return this.#cancelSentinel(this.#published - 1);

    const turn = this.#published + 1;
    const at = (turn % LISTS) * ENTRIES_MAX * 2;
    const count = Math.min(slots.length, ENTRIES_MAX - 1);
    for (let index = 0; index < count; index++) {
      setLong(this.#lists, at + index * 2, this.#blocks.address(slots[index]));
      this.#listed[slots[index]] = turn;
    }
    const sentinel = this.#sentinels[turn % LISTS];
    // the keeper is read first, so that the sentinel is queued behind it, where libc can cancel it at once
    const armed = this.#arm(this.#keeper) && this.#arm(sentinel);
    if (armed) setLong(this.#lists, at + count * 2, this.#blocks.address(sentinel));
    Atomics.store(this.#control, CONTROL.COUNTS + turn % LISTS, armed ? count + 1 : count);
    this.#published = turn;
    Atomics.store(this.#control, CONTROL.PUBLISHED, turn);
    Atomics.notify(this.#control, CONTROL.PUBLISHED);
    if (done < turn - 1) this.#cancelSentinel(turn - 1);
  }

  /** Calls back once the thread reports beyond `done`; asked for once at a time. */
  #report(done: number): void {
    if (this.#watching) return;
    this.#watching = true;
    const answer = waitAsync(this.#control, CONTROL.DONE, done);
    Promise.resolve(answer.value).then(() => {
      this.#watching = false;
      this.#wake();
    });
  }

  /**
   * Submits a sentinel unless libc still reads the timer for it.
   *
   * @returns Whether it is read now. Where libc has no thread for it the list does without: the thread looks for a new
   * list after each bounded wait.
   */
  #arm(slot: number): boolean {
    if (this.#blocks.inProgress(slot)) return true;
    const { call } = libc();
    call.aio_error(this.#blocks.pointers[slot]); // takes libc's lock: it has let go of the block
    return call.aio_read(this.#blocks.pointers[slot]) === 0;
  }

  /** Makes the thread return from the list it waits for. */
  #cancelSentinel(turn: number): void {
    const slot = this.#sentinels[turn % LISTS];
    if (!this.#blocks.inProgress(slot)) return; // it has ended: the thread is on its way
    const answer = libc().call.aio_cancel(this.#timer, this.#blocks.pointers[slot]);
    if (answer === platform().constants.AIO_NOTCANCELED) this.#setTimer(1);
  }

  #setTimer(firstNs: number): void {
    this.#timerSpec.set(firstNs);
    libc().call.timerfd_settime(this.#timer, 0, this.#timerSpec.pointer, door().pointer(0));
  }

  #stop(): void {
    Atomics.store(this.#control, CONTROL.STOP, 1);
    Atomics.notify(this.#control, CONTROL.PUBLISHED);
    this.#cancelSentinel(this.#published);
    this.#cancelSentinel(this.#published - 1);
  }
}
