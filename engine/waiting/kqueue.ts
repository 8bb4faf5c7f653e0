/**
 * The kqueue of one JavaScript thread, which tells of the end of all its requests, and the thread that waits there.
 *
 * Who asks is given each event once: the owner, which asks without waiting, or the thread, which hands over what it was
 * given. So the owner takes what was handed over first, and nothing is lost whoever got it. To wake the thread early
 * there is an event of the owner's own.
 *
 * @module
 */

import process from "node:process";
import { door } from "../../ffi/door.ts";
import type { Pointer } from "../../ffi/native.ts";
import { AioError } from "../../ffi/errno.ts";
import { EVENTS_MAX, KQUEUE_CONTROL, KQUEUE_SYMBOLS, KQUEUE_TEXT } from "../../ffi/kqueue_thread.ts";
import type { KqueueThreadData } from "../../ffi/kqueue_thread.ts";
import { libc } from "../../ffi/libc.ts";
import type { Functions } from "../../ffi/libc.ts";
import { map } from "../../ffi/memory.ts";
import type { NativeThread } from "../../ffi/thread.ts";
import { platform } from "../../structs/platform.ts";
import { viewOf } from "../../structs/view.ts";
import type { Fifo } from "../fifo.ts";
import { Report } from "./report.ts";

/** The longest that the thread blocks at a time; a longer wait makes the process hang at its end. */
const WAIT_MS_MAX = 100;

/** The number of the event that wakes the thread. */
const WAKE_IDENT = 1;

/** A thread's kqueue. */
export class Kqueue {
  /** Its descriptor. */
  readonly descriptor: number;

  readonly #call: Functions = libc().call;
  readonly #errno: () => number = libc().errno;
  readonly #interrupted: number = platform().errno.EINTR;
  readonly #aioFilter: number = platform().constants.EVFILT_AIO;
  readonly #control = new Int32Array(new SharedArrayBuffer(KQUEUE_CONTROL.LENGTH * 4));
  readonly #report: Report;
  /** The events that were asked for here, then those that the thread hands over. */
  readonly #words: Int32Array;
  readonly #address: number;
  readonly #eventBytes: number = platform().structs.kevent.size;
  readonly #filterAt: number = platform().structs.kevent.members.filter.offset >> 2;
  readonly #udataAt: number = platform().structs.kevent.members.udata.offset >> 2;
  readonly #none: Pointer = door().pointer(0);
  readonly #events: Pointer;
  /** A time of 0. */
  readonly #now: Pointer;
  /** The change that wakes the thread. */
  readonly #trigger: Pointer;
  #thread: NativeThread | undefined;
  #armed = 0;
  /** How many of the thread's answers have been taken. */
  #taken = 0;
  #referenced = false;

  /**
   * Makes the kqueue.
   *
   * @param wake Called from the event loop when the thread hands events over.
   */
  constructor(wake: () => void) {
    const { constants, structs } = platform();
    this.descriptor = this.#call.kqueue();
    if (this.descriptor < 0) throw new AioError("kqueue", this.#errno(), "make the queue of completions");
    this.#call.fcntl(this.descriptor, constants.F_SETFD, constants.FD_CLOEXEC);
    this.#report = new Report(this.#control, KQUEUE_CONTROL.DONE, wake);

    const extras = EVENTS_MAX * this.#eventBytes * 2;
    const memory = map(extras + 256);
    const buffer = door().view(memory.address, memory.bytes);
    this.#address = memory.address;
    this.#words = new Int32Array(buffer);
    this.#events = door().pointer(memory.address);
    this.#now = door().pointer(memory.address + extras);
    viewOf(structs.timespec, buffer, extras + 16).tv_nsec = WAIT_MS_MAX * 1_000_000;
    const change = viewOf(structs.kevent, buffer, extras + 64);
    change.ident = WAKE_IDENT;
    change.filter = constants.EVFILT_USER;
    change.flags = constants.EV_ADD | constants.EV_CLEAR;
    this.#trigger = door().pointer(memory.address + extras + 64);
    if (this.#call.kevent(this.descriptor, this.#trigger, 1, this.#none, 0, this.#now) < 0) {
      throw new AioError("kevent", this.#errno(), "make the event that wakes the waiter thread");
    }
    change.flags = 0;
    change.fflags = constants.NOTE_TRIGGER;
  }

  /** Whether the thread has been started. */
  get threadStarted(): boolean {
    return this.#thread !== undefined;
  }

  /** Whether the thread can be relied on. */
  get ready(): boolean {
    return Atomics.load(this.#control, KQUEUE_CONTROL.READY) === 1;
  }

  /** Keeps the process alive (or no longer) for as long as the thread waits. */
  set referenced(wanted: boolean) {
    if (wanted === this.#referenced || this.#thread === undefined) return;
    this.#referenced = wanted;
    if (wanted) this.#thread.ref();
    else this.#thread.unref();
  }

  /**
   * Takes the events of all requests that have ended.
   *
   * @param slots The numbers of their blocks are added here.
   * @throws {AioError} If somebody has closed the kqueue.
   */
  take(slots: Fifo<number>): void {
    const done = Atomics.load(this.#control, KQUEUE_CONTROL.DONE);
    if (done !== this.#taken) {
      this.#taken = done;
      this.#read(EVENTS_MAX, Atomics.load(this.#control, KQUEUE_CONTROL.COUNT), slots);
    }
    let count: number;
    do {
      count = this.#call.kevent(this.descriptor, this.#none, 0, this.#events, EVENTS_MAX, this.#now);
      if (count >= 0) {
        this.#read(0, count, slots);
        continue;
      }
      const errno = this.#errno();
      if (errno !== this.#interrupted) {
        throw new AioError("kevent", errno, `descriptor ${this.descriptor}, the queue of completions, was closed`);
      }
    } while (count === EVENTS_MAX);
  }

  /** Leaves the waiting to the thread: it is started on first need, and wakes when it hands events over. */
  park(): void {
    if (this.#thread === undefined) this.#start();
    if (this.#armed === this.#taken) {
      Atomics.store(this.#control, KQUEUE_CONTROL.ARMED, ++this.#armed);
      Atomics.notify(this.#control, KQUEUE_CONTROL.ARMED);
    }
    this.#report.ask(this.#taken);
  }

  #read(from: number, count: number, slots: Fifo<number>): void {
    const words = this.#words;
    const stride = this.#eventBytes >> 2;
    for (let at = from * stride; count > 0; count--, at += stride) {
      const filter = words[at + this.#filterAt] << 16 >> 16;
      if (filter === this.#aioFilter) slots.push(words[at + this.#udataAt]);
    }
  }

  #start(): void {
    const data: KqueueThreadData = {
      control: this.#control.buffer as SharedArrayBuffer,
      library: libc().library,
      symbols: KQUEUE_SYMBOLS,
      kqueue: this.descriptor,
      events: this.#address + EVENTS_MAX * this.#eventBytes,
      timeout: this.#address + EVENTS_MAX * this.#eventBytes * 2 + 16,
    };
    this.#thread = door().startThread(KQUEUE_TEXT, data, {
      error(cause) {
        throw new Error("Cannot wait for requests: the waiter thread failed", { cause });
      },
    });
    process.on("exit", () => this.#stop());
  }

  #stop(): void {
    Atomics.store(this.#control, KQUEUE_CONTROL.STOP, 1);
    Atomics.notify(this.#control, KQUEUE_CONTROL.ARMED);
    this.#call.kevent(this.descriptor, this.#trigger, 1, this.#none, 0, this.#now);
  }
}
