/**
 * One io_uring: the two rings in memory that the kernel shares, filled and read through typed arrays, and the one call that
 * hands entries over.
 *
 * @module
 */

import { door } from "../../ffi/door.ts";
import type { Pointer } from "../../ffi/native.ts";
import { closeAtEndAnyway } from "../../ffi/farewell.ts";
import { libc } from "../../ffi/libc.ts";
import type { Functions } from "../../ffi/libc.ts";
import { CQ_FLAGS, CQE, ENTER_GETEVENTS, IO_URING_CALLS, SQ_FLAGS, SQE } from "../../structs/io_uring.ts";
import { platform } from "../../structs/platform.ts";
import { setLong } from "./blocks.ts";
import { setUpRing } from "./ring_setup.ts";
import type { CompletionsAt, SubmissionsAt } from "./ring_setup.ts";

const SQE_WORDS = SQE.size / 4;
const CQE_WORDS = CQE.size / 4;

/** What an entry asks for. Large numbers come in an object, since as arguments they would be garbage. */
export interface Entry {
  /** Address of the memory; for a cancellation the mark of what is to be cancelled. */
  readonly address: number;
  /** Where in the file; -1 for its own position. */
  readonly offset: number;
  /** How many bytes. */
  readonly bytes: number;
}

/** A ring of this JavaScript thread; no other may use it. */
export class Ring {
  /** Its descriptor. */
  readonly descriptor: number;
  /**
   * An eventfd that counts up when there is something in the ring, as long as somebody listens. The ring's own descriptor does
   * not do: with DEFER_TASKRUN poll(2) on it finds what is there already, but is not woken by what comes.
   */
  readonly eventDescriptor: number;
  /** How many entries can be put in between two calls. */
  readonly entries: number;
  /** The flags with which it was set up. */
  readonly flags: number;

  readonly #call: Functions = libc().call;
  readonly #errno: () => number = libc().errno;
  readonly #null: Pointer = door().pointer(0);
  readonly #interrupted: number = platform().errno.EINTR;
  /** Both rings: they are one piece of memory. */
  readonly #rings: Int32Array;
  readonly #sqes: Int32Array;
  readonly #sqAt: SubmissionsAt;
  readonly #cqAt: CompletionsAt;
  /** Entries put in so far, and those of which the kernel has been told. */
  #tail: number;
  #told: number;
  #head: number;

  /**
   * Sets a ring up.
   *
   * @param entries How many entries it shall take between two calls, a power of two; it holds twice as many completions.
   * @throws {AioError} What the kernel refused it with; the message says what would mend that.
   */
  constructor(entries: number) {
    const setup = setUpRing(entries);
    this.descriptor = setup.descriptor;
    this.eventDescriptor = setup.eventDescriptor;
    this.flags = setup.flags;
    this.entries = setup.entries;
    this.#rings = setup.rings;
    this.#sqes = setup.sqes;
    this.#sqAt = setup.submissions;
    this.#cqAt = setup.completions;
    this.#tail = this.#told = this.#rings[this.#sqAt.tail];
    this.#head = this.#rings[this.#cqAt.head];
    this.deafen();
    closeAtEndAnyway(this.descriptor);
    closeAtEndAnyway(this.eventDescriptor);
  }

  /** Entries that the kernel has not taken. */
  get waiting(): number {
    return (this.#tail - Atomics.load(this.#rings, this.#sqAt.head)) | 0;
  }

  /** Whether there is room for another entry; if need be, the kernel is given those that are there. */
  hasRoom(): boolean {
    if (this.waiting < this.entries) return true;
    this.enter();
    return this.waiting < this.entries;
  }

  /**
   * Puts an entry in; there must be room.
   *
   * @param opcode What to do.
   * @param flags The entry's.
   * @param fd The descriptor.
   * @param entry Where and how much.
   * @param opFlags The operation's.
   * @param low The mark by which its completion is known, and ...
   * @param high ... its upper half.
   */
  put(opcode: number, flags: number, fd: number, entry: Entry, opFlags: number, low: number, high: number): void {
    const words = this.#sqes;
    const at = (this.#tail & this.#sqAt.mask) * SQE_WORDS;
    words[at] = opcode | flags << 8;
    words[at + 1] = fd;
    if (entry.offset < 0) words[at + 2] = words[at + 3] = -1;
    else setLong(words, at + 2, entry.offset);
    setLong(words, at + 4, entry.address);
    words[at + 6] = entry.bytes;
    words[at + 7] = opFlags;
    words[at + 8] = low;
    words[at + 9] = high;
    for (let index = 10; index < SQE_WORDS; index++) words[at + index] = 0;
    this.#tail = (this.#tail + 1) | 0;
  }

  /**
   * From now on the eventfd tells what comes.
   *
   * @returns Whether there is something already, which it may not tell.
   */
  listen(): boolean {
    Atomics.store(this.#rings, this.#cqAt.flags, 0);
    return this.ready > 0 || this.hasWork;
  }

  /** From now on the eventfd costs nothing. */
  deafen(): void {
    if (this.#rings[this.#cqAt.flags] === 0) Atomics.store(this.#rings, this.#cqAt.flags, CQ_FLAGS.EVENTFD_DISABLED);
  }

  /** Gives the kernel the entries that were put in, and lets it post what has ended. */
  enter(): void {
    if (this.#told !== this.#tail) Atomics.store(this.#rings, this.#sqAt.tail, this.#told = this.#tail);
    for (;;) {
      const waiting = this.waiting;
      const { enter } = IO_URING_CALLS;
      const taken = this.#call.syscall(enter, this.descriptor, waiting, this.#null, ENTER_GETEVENTS, this.#null, 0);
      if (taken >= waiting) return;
      if (taken > 0) continue; // the first ones; an entry that the kernel does not like has a completion that says so
      if (taken === 0 || this.#errno() !== this.#interrupted) return; // EAGAIN, EBUSY: they are given again later
    }
  }

  /** Whether a call would bring completions: some wait to be posted, or for room. */
  get hasWork(): boolean {
    return (Atomics.load(this.#rings, this.#sqAt.flags) & (SQ_FLAGS.TASKRUN | SQ_FLAGS.CQ_OVERFLOW)) !== 0;
  }

  /** How many completions there are. */
  get ready(): number {
    return (Atomics.load(this.#rings, this.#cqAt.tail) - this.#head) | 0;
  }

  /** The lower half of the first completion's mark. */
  get low(): number {
    return this.#rings[this.#cqAt.cqes + (this.#head & this.#cqAt.mask) * CQE_WORDS];
  }

  /** The upper half. */
  get high(): number {
    return this.#rings[this.#cqAt.cqes + (this.#head & this.#cqAt.mask) * CQE_WORDS + 1];
  }

  /** How it ended: bytes, or an error number below 0. */
  get result(): number {
    return this.#rings[this.#cqAt.cqes + (this.#head & this.#cqAt.mask) * CQE_WORDS + 2];
  }

  /** Goes on to the next completion. */
  next(): void {
    this.#head = (this.#head + 1) | 0;
  }

  /** Gives the kernel back the room of the completions that were looked at. */
  release(): void {
    Atomics.store(this.#rings, this.#cqAt.head, this.#head);
  }
}
