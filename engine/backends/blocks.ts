/**
 * The control blocks that libc holds for this thread, in one mapping that no script ever sees.
 *
 * A slot is the number of a block. On Linux libc writes a block's state into it, so a scan is one `Atomics.load` for
 * each block; the caller asks `aio_error` once after it saw words change, which takes libc's lock and so makes sure
 * that libc has let go of all of them (glibc stores the word and sends its notifications under that lock,
 * `rt/aio_misc.c:handle_fildes_io`). On FreeBSD the same word tells what became of the submission and nothing more, on
 * macOS there is no such word.
 *
 * @module
 */

import { door } from "../../ffi/door.ts";
import type { Pointer } from "../../ffi/native.ts";
import { map } from "../../ffi/memory.ts";
import { platform } from "../../structs/platform.ts";

/** Most control blocks of one thread; what is beyond waits in the queue. */
export const SLOTS_MAX = 1024;

/** Control blocks that are kept for the waiter until it starts: it may start when all others are taken. */
export const WAITER_SLOTS = 8;

/** What the state word holds while libc has not taken the block: no error number, nor what musl's mask makes of one. */
export const NOT_TAKEN = 0x7fffffff;

/** Bytes from block to block: whole cache lines, so that two of libc's threads never write to the same one. */
const STRIDE_BYTES = 192;
const STRIDE = STRIDE_BYTES / 4;

/** How the kernel tells of the end of a block's request: by the kqueue, once, with the slot as `udata`. */
export interface BlockEvents {
  /** The kqueue's descriptor. */
  readonly kqueue: number;
}

/** What a block moves: a request, or the rest of it, or a part of that. */
export interface Piece {
  /** Address of its memory, or of its parts. */
  readonly address: number;
  /** How many bytes. */
  readonly pieceBytes: number;
  /** How many parts, or 0 if it has none. */
  readonly vectorCount: number;
  /** Where in the file its request begins, in bytes ... */
  readonly position: number;
  /** ... and how many bytes of that were moved before. */
  readonly moved: number;
}

/** A thread's control blocks. */
export class ControlBlocks {
  /** The addresses of the blocks, as the calls take them. */
  readonly pointers: readonly Pointer[];
  /** The address of the list with which a batch is submitted: room for {@linkcode SLOTS_MAX} pointers. */
  readonly listPointer: Pointer;

  readonly #words: Int32Array;
  readonly #base: number;
  readonly #free: number[] = [];
  readonly #inProgress: number;
  /** The bits of the state word that count. */
  readonly #mask: number;
  readonly #errorAt: number;
  readonly #at: Readonly<Record<"fildes" | "opcode" | "buf" | "nbytes" | "offset" | "error" | "result", number>>;

  /**
   * Maps the memory for the blocks.
   *
   * @param events How the end of a request is told; by default libc tells nobody.
   */
  constructor(events?: BlockEvents) {
    const { structs, constants, errno, status, submission } = platform();
    if (structs.aiocb.size > STRIDE_BYTES - 16) {
      throw new TypeError(`Cannot lay out control blocks for ${platform().name}`);
    }
    const { members } = structs.aiocb;
    // where libc has no such words, two behind the block serve, which nobody but this file writes
    const spare = STRIDE_BYTES - 16;
    const word = (name: string) => members[name].offset >> 2;
    this.#at = {
      fildes: word("aio_fildes"),
      opcode: word("aio_lio_opcode"),
      buf: word("aio_buf"),
      nbytes: word("aio_nbytes"),
      offset: word("aio_offset"),
      error: ((status ?? submission)?.error.offset ?? spare) >> 2,
      result: (status?.result.offset ?? spare + 8) >> 2,
    };
    this.#mask = status?.mask ?? -1;
    this.#inProgress = errno.EINPROGRESS;
    this.#errorAt = this.#at.error;
    const memory = map(SLOTS_MAX * (STRIDE_BYTES + 8));
    const buffer = door().view(memory.address, memory.bytes);
    this.#base = memory.address;
    this.#words = new Int32Array(buffer, 0, SLOTS_MAX * (STRIDE + 2));
    this.listPointer = door().pointer(memory.address + SLOTS_MAX * STRIDE_BYTES);
    const notify = word("aio_sigevent.sigev_notify");
    const pointers: Pointer[] = [];
    for (let slot = 0; slot < SLOTS_MAX; slot++) {
      pointers.push(door().pointer(this.address(slot)));
      const base = slot * STRIDE;
      this.#words[base + notify] = events === undefined ? constants.SIGEV_NONE : constants.SIGEV_KEVENT;
      if (events !== undefined) {
        this.#words[base + word("aio_sigevent.sigev_notify_kqueue")] = events.kqueue;
        this.#words[base + word("aio_sigevent.sigev_value")] = slot;
        this.#words[base + word("aio_sigevent.sigev_notify_kevent_flags")] = constants.EV_ONESHOT;
      }
      this.#free.push(SLOTS_MAX - 1 - slot);
    }
    this.pointers = pointers;
  }

  /** How many slots are free. */
  get free(): number {
    return this.#free.length;
  }

  /** The address of a block. */
  address(slot: number): number {
    return this.#base + slot * STRIDE_BYTES;
  }

  /** Takes a free slot; there must be one. */
  take(): number {
    const slot = this.#free.pop();
    if (slot === undefined) throw new Error("Cannot take a control block: none is free");
    return slot;
  }

  /** Gives a slot back. */
  give(slot: number): void {
    this.#free.push(slot);
  }

  /** Fills in a block. Large numbers come in an object, since as arguments they would be garbage. */
  fill(slot: number, opcode: number, fd: number, piece: Piece): void {
    const words = this.#words;
    const at = this.#at;
    const base = slot * STRIDE;
    words[base + at.fildes] = fd;
    words[base + at.opcode] = opcode;
    setLong(words, base + at.buf, piece.address);
    setLong(words, base + at.nbytes, piece.vectorCount > 0 ? piece.vectorCount : piece.pieceBytes);
    setLong(words, base + at.offset, piece.position + piece.moved);
    words[base + at.error] = NOT_TAKEN;
  }

  /** Lets a request move nothing whose caller was told that it is over, if libc has not yet read its block. */
  empty(slot: number): void {
    setLong(this.#words, slot * STRIDE + this.#at.nbytes, 0);
  }

  /** Writes one entry of the submission list. */
  list(index: number, slot: number): void {
    setLong(this.#words, SLOTS_MAX * STRIDE + index * 2, this.address(slot));
  }

  /** The block's state word now: a hint until libc's lock has been taken. */
  state(slot: number): number {
    return Atomics.load(this.#words, slot * STRIDE + this.#at.error) & this.#mask;
  }

  /**
   * Whether libc still works on the block, as far as the state word tells. This is the one read that a scan consists
   * of, so it is a plain one; whoever acts upon it takes libc's lock first, which orders everything else.
   */
  inProgress(slot: number): boolean {
    return (this.#words[slot * STRIDE + this.#errorAt] & this.#mask) === this.#inProgress;
  }

  /** The bytes that an ended block moved. */
  result(slot: number): number {
    const at = slot * STRIDE + this.#at.result;
    const low = this.#words[at];
    const high = this.#words[at + 1];
    return high === 0 && low >= 0 ? low : high * 2 ** 32 + (low >>> 0); // nearly always a small integer
  }
}

/**
 * Stores a 64-bit integer as two words, without a bigint.
 *
 * @param words Where to store it.
 * @param at The index of the lower word.
 * @param value An integer that a number holds exactly.
 */
export function setLong(words: Int32Array, at: number, value: number): void {
  words[at] = value | 0;
  words[at + 1] = Math.floor(value / 2 ** 32);
}
