/**
 * How a request's bytes get to libc and back, piece by piece: in the caller's own pool buffer, in the parts of a vector, or
 * copied through a block of the pool.
 *
 * This is the only file that knows how callers' bytes and libc's memory meet.
 *
 * @module
 */

import { giveBlock, takeBlock } from "../ffi/memory.ts";
import type { Block } from "../ffi/memory.ts";
import { addOrphan, forgetOrphan, lend, poolBufferOf, returnLent } from "./pool_buffer.ts";
import type { PoolBuffer } from "./pool_buffer.ts";
import type { Operation } from "./operation.ts";
import { Vector } from "./vector.ts";

/** Most bytes that are copied through the pool at once. */
const STAGING_BYTES_MAX = 1 << 20;

/** Bytes of blocks through which requests of files are copied, all together: what is beyond waits. */
const STAGED_BYTES_MAX = 1 << 26;
let stagedBytes = 0;

/**
 * Whether another request may be copied through the pool. Pipes and the like always may: they may be silent for ever, and
 * nobody else is to wait for their memory.
 *
 * @param stream Whether it is one of a pipe.
 * @returns Whether it may.
 */
export function hasStagingRoom(stream: boolean): boolean {
  return stream || stagedBytes < STAGED_BYTES_MAX;
}

function stage(operation: Operation, bytes: number): Block {
  const block = takeBlock(bytes);
  if (operation.descriptor?.stream !== true) stagedBytes += operation.staged = block.bytes;
  return block;
}

/**
 * Takes for a request what its caller lends; {@linkcode free} returns it.
 *
 * @param operation The request, which has begun.
 * @returns The same.
 */
export function borrow(operation: Operation): Operation {
  const { buffer, parts, length } = operation;
  if (parts !== null) operation.vector = Vector.of(parts, length, STAGING_BYTES_MAX);
  const lender = buffer === null ? undefined : poolBufferOf(buffer);
  if (lender === undefined) return operation;
  operation.lender = lender;
  operation.lent = lend(lender, buffer as Uint8Array);
  return operation;
}

/**
 * Makes the next piece ready for libc: its place goes to `address`, its length to `pieceBytes`, its number of parts to
 * `vectorCount`.
 *
 * @param operation The request.
 * @param bytesMax The most that the system moves at once, or may move now.
 * @throws {TypeError} If the caller's array was detached or shrunk meanwhile.
 */
export function prepare(operation: Operation, bytesMax: number): void {
  const { length, moved, lender, vector, writes } = operation;
  const left = length - moved;
  if (lender !== null) {
    operation.pieceBytes = Math.min(left, bytesMax);
    operation.address = operation.lent + moved;
  } else if (vector !== null) {
    const piece = vector.prepare(moved, bytesMax, writes);
    if (piece === undefined) throw shrunk();
    operation.pieceBytes = piece.bytes;
    operation.vectorCount = piece.count;
    operation.address = piece.address;
  } else {
    operation.pieceBytes = Math.min(left, STAGING_BYTES_MAX, bytesMax);
    const staging = operation.staging ??= stage(operation, Math.min(left, STAGING_BYTES_MAX));
    if (writes) exchange(operation, staging.array, operation.pieceBytes);
    operation.address = staging.address;
  }
}

/**
 * Takes what libc moved.
 *
 * @param operation The request.
 * @param bytes How many bytes of the piece.
 * @returns Whether the request is complete: everything moved, or a short transfer.
 * @throws {TypeError} If the caller's array was detached or shrunk meanwhile.
 */
export function accept(operation: Operation, bytes: number): boolean {
  const { buffer, parts, staging, vector } = operation;
  if (operation.reads) {
    if (staging !== null && buffer === null && parts === null) keepFresh(operation, staging.array, bytes);
    else if (staging !== null) exchange(operation, staging.array, bytes);
    if (vector?.accept(bytes) === false) throw shrunk();
  }
  operation.moved += bytes;
  return bytes < operation.pieceBytes || operation.moved >= operation.length;
}

/** A request is over for its caller while libc still has the caller's pool buffer. */
export function orphan(operation: Operation): void {
  const { lender, buffer, vector } = operation;
  if (lender !== null) operation.orphan = addOrphan(lender, buffer as Uint8Array);
  vector?.orphan();
}

/** Gives the memory back that a request held; libc must be done with it. */
export function free(operation: Operation): void {
  const { staging, vector, lender } = operation;
  if (operation.orphan !== null) forgetOrphan(lender as PoolBuffer, operation.orphan);
  operation.staging = null;
  operation.vector = null;
  operation.lender = null;
  if (staging !== null) giveBlock(staging);
  stagedBytes -= operation.staged;
  operation.staged = 0;
  if (vector !== null) vector.free();
  if (lender !== null) returnLent(lender);
}

/** What a read without a buffer brought: an array that is no longer than that. */
function keepFresh(operation: Operation, staged: Uint8Array, bytes: number): void {
  const { length, moved, pieceBytes } = operation;
  if (operation.fresh === null && (bytes < pieceBytes || bytes === length)) {
    operation.fresh = staged.slice(0, bytes);
    return;
  }
  operation.fresh ??= new Uint8Array(length);
  operation.fresh.set(staged.subarray(0, bytes), moved);
  if (bytes < pieceBytes) operation.fresh = operation.fresh.subarray(0, moved + bytes);
}

/** Copies between the caller's arrays, from `moved` on, and the staging block: in for writes, out for reads. */
function exchange({ buffer, parts, length, moved, writes }: Operation, staged: Uint8Array, bytes: number): void {
  if (buffer !== null) {
    if (buffer.length < length) throw shrunk();
    copy(writes, buffer, moved, staged, 0, bytes);
    return;
  }
  let begin = 0;
  let total = 0;
  for (const part of parts as readonly Uint8Array[]) {
    const from = Math.max(moved, begin);
    const to = Math.min(moved + bytes, begin + part.length);
    if (from < to) copy(writes, part, from - begin, staged, from - moved, to - from);
    begin += part.length;
    total += part.length;
  }
  if (total !== length) throw shrunk();
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
