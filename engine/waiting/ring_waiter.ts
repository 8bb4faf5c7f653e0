/**
 * The waiter of one JavaScript thread's io_uring: starts the thread that waits for the ring's eventfd, and arms it.
 *
 * @module
 */

import process from "node:process";
import { door } from "../../ffi/door.ts";
import { closeAddress } from "../../ffi/farewell.ts";
import { libc } from "../../ffi/libc.ts";
import { map } from "../../ffi/memory.ts";
import { RING_CONTROL, RING_SYMBOLS, RING_SYMBOLS_OWN, RING_TEXT } from "../../ffi/ring_thread.ts";
import type { RingThreadData } from "../../ffi/ring_thread.ts";
import type { NativeThread } from "../../ffi/thread.ts";
import { platform } from "../../structs/platform.ts";
import { Report } from "./report.ts";

/** The longest that the thread blocks at a time; a longer wait makes the process hang at its end. */
const WAIT_MS_MAX = 100;

const POLLIN = 1;

/** Waits for completions of a ring. */
export class RingWaiter {
  readonly #control = new Int32Array(new SharedArrayBuffer(RING_CONTROL.LENGTH * 4));
  readonly #report: Report;
  readonly #thread: NativeThread | undefined;
  #armed = 0;
  #referenced = false;

  /**
   * Starts the thread.
   *
   * @param descriptor The ring's eventfd.
   * @param wake Called from the event loop when the ring has something.
   * @param waitMs The longest that the thread blocks at a time, in milliseconds.
   */
  constructor(descriptor: number, wake: () => void, waitMs: number = WAIT_MS_MAX) {
    this.#report = new Report(this.#control, RING_CONTROL.DONE, wake);
    const close = closeAddress();
    // the thread may be there for a moment longer than a terminated owner, whose descriptors are closed
    const heard = close === 0 ? descriptor : libc().call.fcntl(descriptor, platform().constants.F_DUPFD_CLOEXEC, 3);
    if (heard < 0) return; // out of descriptors: its owner looks each millisecond
    const { address } = map(24); // struct pollfd { int fd; short events; short revents; }, what is read, what is written
    const words = new Int32Array(door().view(address, 24));
    words[0] = heard;
    words[1] = POLLIN;
    words[4] = 1;
    const data: RingThreadData = {
      control: this.#control.buffer as SharedArrayBuffer,
      library: libc().library,
      symbols: close === 0 ? RING_SYMBOLS : RING_SYMBOLS_OWN,
      descriptor: heard,
      close,
      memory: address,
      waitMs,
    };
    this.#thread = door().startThread(RING_TEXT, data, {
      error(cause) {
        throw new Error("Cannot wait for requests: the waiter thread failed", { cause });
      },
    });
    process.on("exit", () => {
      Atomics.store(this.#control, RING_CONTROL.STOP, 1);
      Atomics.notify(this.#control, RING_CONTROL.ARMED);
      libc().call.write(descriptor, door().pointer(address + 16), 8);
    });
  }

  /** Whether the thread can be relied on. */
  get ready(): boolean {
    return Atomics.load(this.#control, RING_CONTROL.READY) === 1;
  }

  /** Keeps the process alive (or no longer) for as long as the thread waits. */
  set referenced(wanted: boolean) {
    if (wanted === this.#referenced) return;
    this.#referenced = wanted;
    if (wanted) this.#thread?.ref();
    else this.#thread?.unref();
  }

  /** Leaves the waiting to the thread, which wakes the owner when the ring has something. */
  watch(): void {
    const done = Atomics.load(this.#control, RING_CONTROL.DONE);
    if (this.#armed === done) {
      Atomics.store(this.#control, RING_CONTROL.ARMED, ++this.#armed);
      Atomics.notify(this.#control, RING_CONTROL.ARMED);
    }
    this.#report.ask(done);
  }
}
