/**
 * The waiter of one JavaScript thread: starts the waiter thread, gives it lists to wait for, and wakes it.
 *
 * Shared by all queues of the thread and started on first need. A list ends with the sentinel of a wake channel, by which
 * the thread can be woken early.
 *
 * @module
 */

import process from "node:process";
import { door } from "../../ffi/door.ts";
import { libc } from "../../ffi/libc.ts";
import { map } from "../../ffi/memory.ts";
import type { NativeThread } from "../../ffi/thread.ts";
import { CONTROL, LISTS, WAITER_SYMBOLS, WAITER_TEXT } from "../../ffi/waiter_thread.ts";
import type { WaiterData } from "../../ffi/waiter_thread.ts";
import { platform } from "../../structs/platform.ts";
import { viewOf } from "../../structs/view.ts";
import { setLong, SLOTS_MAX } from "../backends/blocks.ts";
import type { ControlBlocks } from "../backends/blocks.ts";
import { Report } from "./report.ts";
import type { WakeChannel } from "./wake_channel.ts";

/**
 * Most entries of a list, the sentinel included, where each lane is named once. Two lists may be waited for, and what they
 * name cannot be used again until then: that must be less than all control blocks.
 */
const ENTRIES_MAX = SLOTS_MAX / 4;

/** A thread's waiter. */
export class Waiter {
  readonly #blocks: ControlBlocks;
  readonly #channel: WakeChannel;
  readonly #report: Report;
  readonly #control = new Int32Array(new SharedArrayBuffer(CONTROL.LENGTH * 4));
  readonly #lists: Int32Array;
  readonly #entriesMax: number;
  readonly #thread: NativeThread;
  /** The list in which a slot was last named. */
  readonly #listed = new Int32Array(SLOTS_MAX);
  #published = 0;
  #referenced = false;

  /**
   * Starts the thread.
   *
   * @param blocks The control blocks it waits for.
   * @param channel What wakes it early.
   * @param wake Called from the event loop when the thread has reported.
   */
  constructor(blocks: ControlBlocks, channel: WakeChannel, wake: () => void) {
    this.#blocks = blocks;
    this.#channel = channel;
    this.#report = new Report(this.#control, CONTROL.DONE, wake);
    const { structs, behaviour } = platform();
    this.#entriesMax = behaviour.serialPerDescriptor ? ENTRIES_MAX : Math.min(SLOTS_MAX, behaviour.listMax);

    const listBytes = this.#entriesMax * 8;
    const memory = map(LISTS * listBytes + structs.timespec.size);
    const buffer = door().view(memory.address, memory.bytes);
    this.#lists = new Int32Array(buffer, 0, LISTS * listBytes / 4);
    viewOf(structs.timespec, buffer, LISTS * listBytes).tv_nsec = channel.waitMs * 1_000_000;

    const data: WaiterData = {
      control: this.#control.buffer as SharedArrayBuffer,
      library: libc().aioLibrary,
      symbols: WAITER_SYMBOLS,
      lists: [0, 1, 2].map((index) => memory.address + index * listBytes),
      timeout: memory.address + LISTS * listBytes,
    };
    this.#thread = door().startThread(WAITER_TEXT, data, {
      error: (cause) => this.#failed(cause),
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
    this.#report.ask(done);
    const named = slots.slice(0, this.#entriesMax - 1);
    if (done < this.#published && named.every((slot) => this.#listed[slot] > done)) return; // waited for already
    // the thread is one list behind already: it will report that one first, and then this is asked again
    if (this.#published - done >= 2) return this.#channel.wake(this.#published - 1);

    const turn = this.#published + 1;
    const at = (turn % LISTS) * this.#entriesMax * 2;
    for (const [index, slot] of named.entries()) {
      setLong(this.#lists, at + index * 2, this.#blocks.address(slot));
      this.#listed[slot] = turn;
    }
    const count = named.length;
    const sentinel = this.#channel.arm(turn);
    if (sentinel !== 0) setLong(this.#lists, at + count * 2, sentinel);
    Atomics.store(this.#control, CONTROL.COUNTS + turn % LISTS, sentinel !== 0 ? count + 1 : count);
    this.#published = turn;
    Atomics.store(this.#control, CONTROL.PUBLISHED, turn);
    Atomics.notify(this.#control, CONTROL.PUBLISHED);
    if (done < turn - 1) this.#channel.wake(turn - 1);
  }

  /** Without a thread its owner looks after each millisecond; for want of descriptors or memory none may start. */
  #failed(cause: unknown): void {
    if (this.ready) throw new Error("Cannot wait for requests: the waiter thread failed", { cause });
    process.emitWarning(`Cannot start the thread that waits for requests, which costs processor time now: ${cause}`);
  }

  #stop(): void {
    Atomics.store(this.#control, CONTROL.STOP, 1);
    Atomics.notify(this.#control, CONTROL.PUBLISHED);
    for (const turn of [this.#published, this.#published - 1]) {
      if (turn > 0) this.#channel.wake(turn);
    }
  }
}
