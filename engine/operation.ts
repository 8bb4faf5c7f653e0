/**
 * One request on its way: what was asked, how far it is, and where it is.
 *
 * A request goes `waiting -> in libc -> done`; a large one that is copied through the pool goes to libc piece by piece,
 * and is waiting again in between.
 *
 * @module
 */

import type { Block } from "../ffi/memory.ts";
import type { Orphan, PoolBuffer } from "./pool_buffer.ts";
import type { Barrier, OwnDescriptor, OwnLane, OwnLine } from "./place.ts";
import type { RequestOp } from "./request_op.ts";
import type { Vector } from "./vector.ts";

/** Where a request is. */
export type OperationState = "waiting" | "in libc" | "done";

/** Takes requests that have ended; a queue. */
export interface OperationOwner {
  /** Called once for each operation, when its memory is its caller's again. */
  ended(operation: Operation): void;
}

/** Where completions go. */
export interface CompletionSink {
  /** Takes one. */
  push(completion: object): void;
}

/** Who is told of an operation without a request. */
const NOBODY: OperationOwner = { ended() {} };

/** One request on its way; when it has ended, the operation may serve another one. */
export class Operation {
  /** Who is told when it has ended. */
  owner: OperationOwner = NOBODY;
  /** What it does. */
  op: RequestOp = "read";
  /** The descriptor. */
  fd = -1;
  /** Where in the file, in bytes, as it was asked for; -1 for the file's own position. */
  offset = -1;
  /** How many bytes. */
  length = 0;
  /** The caller's bytes, or `null`. */
  buffer: Uint8Array | null = null;
  /** The caller's parts of a vectored request, or `null`. */
  parts: readonly Uint8Array[] | null = null;
  /** For a sync: fdatasync. */
  dataOnly = false;
  /** Higher goes first. */
  priority = 0;
  /** The caller's mark. */
  tag: unknown = undefined;

  state: OperationState = "waiting";
  /** Bytes moved so far. */
  moved = 0;
  /** Why it failed. */
  error: unknown = undefined;
  /** A caller's abort, or a queue that gave up, has already answered for it. */
  settled = false;
  /** libc was asked to cancel it, or it shall not be started any more. */
  cancelled = false;
  /** Counted as one that its owner no longer waits for. */
  abandoned = false;

  /** It goes on where the file's own position is, and moves it. */
  sequential = false;
  /** Where in the file it begins, as far as this is known. */
  position = 0;
  /** Where the file's position was put when this request got its turn, or -1. */
  claimedTo = -1;
  /** For a read without a buffer: the fresh bytes. */
  fresh: Uint8Array | null = null;
  /** Where it belongs while it is not done. */
  descriptor: OwnDescriptor | null = null;
  /** Where it waits. */
  line: OwnLine<Operation> | null = null;
  /** The lane that runs its piece. */
  lane: OwnLane | null = null;
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
  /** Address of the piece's memory, or of its parts; 0 for a sync. */
  address = 0;
  /** Length of the piece that libc has. */
  pieceBytes = 0;
  /** In how many parts libc has it, 0 for one that is no vector. */
  vectorCount = 0;
  /** When it was submitted, in milliseconds of `performance.now()`. */
  submittedAt = 0;

  /** Where its completion goes, unless its caller has a promise. */
  sink: CompletionSink | null = null;
  /** Who gets told how many bytes moved. */
  told: { bytes: number } | null = null;
  /** The object whose descriptor it is: kept, for it might close that when it is collected. */
  holder: unknown = null;
  resolve: ((value: unknown) => void) | null = null;
  reject: ((error: unknown) => void) | null = null;
  signal: AbortSignal | null = null;
  /** What subscribers of diagnostics know of it, where there are any. */
  trace: object | null = null;
  /** Without a request: the next spare one. */
  spare: Operation | null = null;

  /** The pool buffer that libc uses directly. */
  lender: PoolBuffer | null = null;
  /** What libc has of it although the caller was told that the request is over. */
  orphan: Orphan | null = null;
  /** Address of the caller's bytes in it. */
  lent = 0;
  /** The pool block through which the bytes are copied. */
  staging: Block | null = null;
  /** How much of what files may have that is, in bytes. */
  staged = 0;
  /** The parts of a vectored request, where libc takes several at once. */
  vector: Vector | null = null;

  /**
   * Takes a request.
   *
   * @param owner Who is told when it has ended.
   * @param op What to do.
   * @param fd The descriptor.
   * @param offset Where in the file, in bytes; `null` for the file's own position.
   * @param length How many bytes.
   * @param buffer The caller's bytes, if it has one array.
   * @param parts The caller's arrays, if it is vectored.
   * @param dataOnly For a sync: fdatasync.
   * @param priority Higher goes first.
   * @param tag The caller's mark.
   * @returns Itself.
   */
  begin(
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
  ): this {
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
    return this;
  }

  /** Is again as it was made, once its request has ended and its memory was given back. */
  clear(): void {
    this.owner = NOBODY;
    this.buffer = null;
    this.parts = null;
    this.tag = undefined;
    this.state = "waiting";
    this.moved = 0;
    this.error = undefined;
    this.settled = false;
    this.cancelled = false;
    this.abandoned = false;
    this.claimedTo = -1;
    this.fresh = null;
    this.descriptor = null;
    this.line = null;
    this.lane = null;
    this.barrier = null;
    this.index = -1;
    this.slot = -1;
    this.status = 0;
    this.result = 0;
    this.address = 0;
    this.pieceBytes = 0;
    this.vectorCount = 0;
    this.submittedAt = 0;
    this.sink = null;
    this.told = null;
    this.holder = null;
    this.resolve = null;
    this.reject = null;
    this.signal = null;
    this.trace = null;
    this.lender = null;
    this.orphan = null;
    this.staged = 0;
    this.lent = 0;
    this.staging = null;
    this.vector = null;
  }

  /** Whether it puts bytes into the file. */
  get writes(): boolean {
    return this.op === "write" || this.op === "writev";
  }

  /** Whether it takes bytes from the file. */
  get reads(): boolean {
    return this.op === "read" || this.op === "readv";
  }
}
