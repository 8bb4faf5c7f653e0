/**
 * One request on its way: what was asked, how far it is, and where its bytes are.
 *
 * A request goes `waiting -> in libc -> done`; a large one that is copied through the pool goes to libc piece by piece.
 * This is the only file that knows how callers' bytes and libc's memory meet.
 *
 * @module
 */

import type { AioError } from "../ffi/errno.ts";
import { giveBlock, takeBlock } from "../ffi/memory.ts";
import type { Block } from "../ffi/memory.ts";
import { lend, poolBufferOf, returnLent } from "./buffers.ts";
import type { PoolBuffer } from "./buffers.ts";
import type { Barrier, Descriptor } from "./descriptor.ts";
import type { Lane } from "./lane.ts";
import type { RequestOp } from "./request.ts";
import { Vector } from "./vector.ts";
import type { WaitingLine } from "./waiting.ts";

/** Most bytes that are copied through the pool at once. */
const STAGING_BYTES_MAX = 1 << 20;

/** Where a request is. */
export type OperationState = "waiting" | "in libc" | "done";

/** Takes requests that have ended; a queue. */
export interface OperationOwner {
  /** Called once for each operation, when its memory is its caller's again. */
  ended(operation: Operation): void;
}

/** One request on its way. */
export class Operation {
  /** Who is told when it has ended. */
  readonly owner: OperationOwner;
  /** What it does. */
  readonly op: RequestOp;
  /** The descriptor. */
  readonly fd: number;
  /** Where in the file, in bytes, as it was asked for; -1 for the file's own position. */
  readonly offset: number;
  /** How many bytes. */
  readonly length: number;
  /** The caller's bytes, or `null`. */
  readonly buffer: Uint8Array | null;
  /** The caller's parts of a vectored request, or `null`. */
  readonly parts: readonly Uint8Array[] | null;
  /** For a sync: fdatasync. */
  readonly dataOnly: boolean;
  /** Higher goes first. */
  readonly priority: number;
  /** The caller's mark. */
  readonly tag: unknown;

  state: OperationState = "waiting";
  /** Bytes moved so far. */
  moved = 0;
  /** Why it failed. */
  error: AioError | Error | undefined = undefined;
  /** A caller's abort, or a queue that gave up, has already answered for it. */
  settled = false;
  /** libc was asked to cancel it, or it shall not be started any more. */
  cancelled = false;
  /** Counted as one that its owner no longer waits for. */
  abandoned = false;

  /** It goes on where the file's own position is, and moves it. */
  sequential: boolean;
  /** Where in the file it begins, as far as this is known. */
  position: number;
  /** Where the file's position was put when this request got its turn, or -1. */
  claimedTo = -1;
  /** For a read without a buffer: the fresh bytes. */
  fresh: Uint8Array | null = null;
  /** Where it belongs while it is not done. */
  descriptor: Descriptor | null = null;
  /** Where it waits. */
  line: WaitingLine | null = null;
  /** The lane that runs its piece. */
  lane: Lane | null = null;
  /** The writes that a sync waits for, or that a write belongs to. */
  barrier: Barrier | null = null;
  /** Its place in its owner's list. */
  index = -1;
  /** The control block of its piece. */
  slot = -1;
  /** How its piece ended: 0 or an error number. */
  status = 0;
  /** What its piece moved, in bytes. */
  result = 0;
  /** Length of the piece that libc has. */
  pieceBytes = 0;
  /** In how many parts libc has it, 0 for one that is no vector. */
  vectorCount = 0;
  /** When it was submitted, in milliseconds of `performance.now()`. */
  submittedAt = 0;

  resolve: ((value: unknown) => void) | null = null;
  reject: ((error: unknown) => void) | null = null;
  signal: AbortSignal | null = null;
  onAbort: (() => void) | null = null;

  /** The pool buffer that libc uses directly. */
  #lender: PoolBuffer | null = null;
  #address = 0;
  /** The pool block through which the bytes are copied. */
  #staging: Block | null = null;
  /** The parts of a vectored request, where libc takes several at once. */
  #vector: Vector | null = null;

  constructor(
    owner: OperationOwner,
    op: RequestOp,
    fd: number,
    offset: number | null,
    length: number,
    buffer: Uint8Array | null,
    parts: readonly Uint8Array[] | null,
    dataOnly: boolean,
    priority: number,
    tag: unknown,
  ) {
    this.owner = owner;
    this.op = op;
    this.fd = fd;
    this.offset = offset ?? -1;
    this.position = offset ?? 0;
    this.sequential = offset === null;
    this.length = length;
    this.buffer = buffer;
    this.parts = parts;
    this.dataOnly = dataOnly;
    this.priority = priority;
    this.tag = tag;
    if (buffer !== null) this.#lender = poolBufferOf(buffer) ?? null;
    if (this.#lender !== null) this.#address = lend(this.#lender, buffer as Uint8Array);
    if (parts !== null) this.#vector = Vector.of(parts, length, STAGING_BYTES_MAX);
  }

  /** Whether it puts bytes into the file. */
  get writes(): boolean {
    return this.op === "write" || this.op === "writev";
  }

  /** Whether it takes bytes from the file. */
  get reads(): boolean {
    return this.op === "read" || this.op === "readv";
  }

  /**
   * Makes the next piece ready for libc: its length goes to `pieceBytes`, its number of parts to `vectorCount`.
   *
   * @param bytesMax The most that the system moves at once.
   * @returns The address of the piece's memory, or of its parts.
   * @throws {TypeError} If the caller's array was detached or shrunk meanwhile.
   */
  prepare(bytesMax: number): number {
    const left = this.length - this.moved;
    if (this.#lender !== null) {
      this.pieceBytes = Math.min(left, bytesMax);
      return this.#address + this.moved;
    }
    if (this.#vector !== null) {
      const piece = this.#vector.prepare(this.moved, bytesMax, this.writes);
      if (piece === undefined) throw shrunk();
      this.pieceBytes = piece.bytes;
      this.vectorCount = piece.count;
      return piece.address;
    }
    this.pieceBytes = Math.min(left, STAGING_BYTES_MAX);
    this.#staging ??= takeBlock(this.pieceBytes);
    if (this.writes) this.#exchange(this.#staging.array, this.pieceBytes);
    return this.#staging.address;
  }

  /**
   * Takes what libc moved.
   *
   * @param bytes How many bytes of the piece.
   * @returns Whether the request is complete: everything moved, or a short transfer.
   * @throws {TypeError} If the caller's array was detached or shrunk meanwhile.
   */
  accept(bytes: number): boolean {
    if (this.reads && this.#staging !== null) {
      if (this.buffer === null && this.parts === null) this.#keepFresh(this.#staging.array, bytes);
      else this.#exchange(this.#staging.array, bytes);
    }
    if (this.reads && this.#vector?.accept(bytes) === false) throw shrunk();
    this.moved += bytes;
    return bytes < this.pieceBytes || this.moved >= this.length;
  }

  /** Gives the memory back that the request held; libc must be done with it. */
  free(): void {
    if (this.#staging !== null) {
      giveBlock(this.#staging);
      this.#staging = null;
    }
    if (this.#vector !== null) {
      this.#vector.free();
      this.#vector = null;
    }
    if (this.#lender !== null) {
      returnLent(this.#lender);
      this.#lender = null;
    }
  }

  #keepFresh(staged: Uint8Array, bytes: number): void {
    if (this.fresh === null && (bytes < this.pieceBytes || bytes === this.length)) {
      this.fresh = staged.slice(0, bytes);
      return;
    }
    this.fresh ??= new Uint8Array(this.length);
    this.fresh.set(staged.subarray(0, bytes), this.moved);
    if (bytes < this.pieceBytes) this.fresh = this.fresh.subarray(0, this.moved + bytes);
  }

  /** Copies between the caller's arrays, from `moved` on, and the staging block: in for writes, out for reads. */
  #exchange(staged: Uint8Array, bytes: number): void {
    if (this.buffer !== null) {
      if (this.buffer.length < this.length) throw shrunk();
      copy(this.writes, this.buffer, this.moved, staged, 0, bytes);
      return;
    }
    let begin = 0;
    let total = 0;
    for (const part of this.parts as readonly Uint8Array[]) {
      const from = Math.max(this.moved, begin);
      const to = Math.min(this.moved + bytes, begin + part.length);
      if (from < to) copy(this.writes, part, from - begin, staged, from - this.moved, to - from);
      begin += part.length;
      total += part.length;
    }
    if (total !== this.length) throw shrunk();
  }
}

function shrunk(): TypeError {
  return new TypeError(
    "Cannot use the buffer: its ArrayBuffer was detached or resized while the request was under way",
  );
}

function copy(
  into: boolean,
  own: Uint8Array,
  ownAt: number,
  staged: Uint8Array,
  stagedAt: number,
  bytes: number,
): void {
  const [source, sourceAt, target, targetAt] = into ? [own, ownAt, staged, stagedAt] : [staged, stagedAt, own, ownAt];
  // a whole array needs no view of its own
  const whole = sourceAt === 0 && bytes === source.length;
  target.set(whole ? source : source.subarray(sourceAt, sourceAt + bytes), targetAt);
}
