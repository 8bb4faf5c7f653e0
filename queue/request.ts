/**
 * What programs ask of a queue and what they get back: the public request and completion types, and the checks that
 * turn bad input into an error that names it.
 *
 * @module
 */

import type { RequestOp } from "../engine/request_op.ts";
import type { AioError } from "../ffi/errno.ts";
import { platform } from "../structs/platform.ts";

export type { RequestOp } from "../engine/request_op.ts";

/** What every kind of request can say. */
export interface RequestOptions {
  /** Ends the request early: it is rejected at once, and libc is asked to cancel it. */
  readonly signal?: AbortSignal;
  /**
   * Place in the queue's own waiting list: higher goes first; an integer.
   *
   * @default {0}
   */
  readonly priority?: number;
}

/** What to read. */
export interface ReadOptions extends RequestOptions {
  /**
   * Where in the file, in bytes. Pipes, sockets and terminals ignore it.
   *
   * `null` reads on where the file's own position is, and moves it by what was read: one such request of a descriptor
   * after another, in their order. FreeBSD 14.1 and later do that in the kernel (`AIO_OP2_FOFFSET`). Elsewhere the
   * position is moved ahead when the request gets its turn, and put back by what was not read when it has ended; whoever
   * else reads at that position meanwhile, in this process or another, takes up behind it.
   *
   * @default {0}
   */
  readonly offset?: number | null;
  /** How many bytes. Default: the length of `buffer`; required without one. */
  readonly length?: number;
  /** Where to put them; without one the completion brings fresh bytes. */
  readonly buffer?: Uint8Array;
}

/** What to write. */
export interface WriteOptions extends RequestOptions {
  /**
   * Where in the file, in bytes. Pipes, sockets, terminals and files opened with O_APPEND ignore it. `null` goes on where
   * the file's own position is, and moves it: see {@linkcode ReadOptions.offset}.
   *
   * @default {0}
   */
  readonly offset?: number | null;
}

/** What to make durable. */
export interface SyncOptions extends RequestOptions {
  /**
   * Only the data and what is needed to read it back (`fdatasync`), not times and the like (`fsync`).
   *
   * @default {false}
   */
  readonly dataOnly?: boolean;
}

/** A request as an object, for {@linkcode AioQueue.submit}. */
export interface AioRequest extends RequestOptions {
  /** What to do. */
  readonly op: RequestOp;
  /** The descriptor. */
  readonly fd: number;
  /** Where in the file, in bytes; `null` for the file's own position. Default 0. */
  readonly offset?: number | null;
  /** For `read` without a buffer: how many bytes. */
  readonly length?: number;
  /** For `read` and `write`: the bytes. */
  readonly buffer?: Uint8Array;
  /** For `readv` and `writev`: the parts, at most `IOV_MAX` (1024). */
  readonly buffers?: readonly Uint8Array[];
  /** For `sync`: see {@linkcode SyncOptions.dataOnly}. */
  readonly dataOnly?: boolean;
  /** Whatever tells the caller which request a completion belongs to. */
  readonly tag?: unknown;
}

/** What a read or write moved. */
export interface AioResult<Buffer = Uint8Array> {
  /** Bytes moved; fewer than asked at the end of a file, on pipes, and when a disk is full. */
  readonly bytes: number;
  /** The buffer of the request, or for a read without one the fresh bytes, exactly as many as were read. */
  readonly buffer: Buffer;
}

/** How a request ended. */
export interface Completion<Tag = unknown> {
  /** The request's tag. */
  readonly tag: Tag;
  /** What it did. */
  readonly op: RequestOp;
  /** Its descriptor. */
  readonly fd: number;
  /** Its offset in bytes, as it was asked for; -1 if that was `null`, for the file's own position. */
  readonly offset: number;
  /** Bytes moved; with an error those that had moved before it. */
  readonly bytes: number;
  /** The request's buffer, or the fresh bytes of a read without one; `null` for a sync or after an error without one. */
  readonly buffer: Uint8Array | null;
  /** The parts of a `readv` or `writev`, else `null`. */
  readonly buffers: readonly Uint8Array[] | null;
  /** Why it failed, or `undefined`. */
  readonly error: AioError | Error | undefined;
}

/** Most bytes of a request without a pool buffer: JavaScript engines hold no larger arrays everywhere. */
const LENGTH_MAX = 2 ** 32;

/**
 * Checks a descriptor.
 *
 * @param fd What the caller gave.
 * @returns The descriptor.
 * @throws {TypeError} If it is no number.
 * @throws {RangeError} If it is no descriptor number.
 */
export function checkDescriptor(fd: unknown): number {
  if (typeof fd !== "number") throw new TypeError(`Cannot use fd ${text(fd)}: expected a number`);
  if (!Number.isInteger(fd) || fd < 0 || fd > 0x7fffffff) {
    throw new RangeError(`Cannot use fd ${fd}: expected an integer from 0 to 2147483647`);
  }
  return fd;
}

/**
 * Checks an integer.
 *
 * @param name What to call it in the error.
 * @param value What the caller gave.
 * @param low The least value.
 * @param high The greatest value.
 * @returns The integer.
 * @throws {TypeError} If it is no number.
 * @throws {RangeError} If it is no integer in that range.
 */
export function checkInteger(name: string, value: unknown, low: number, high: number): number {
  if (typeof value !== "number") throw new TypeError(`Cannot use ${name} ${text(value)}: expected a number`);
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new RangeError(`Cannot use ${name} ${value}: expected an integer from ${low} to ${high}`);
  }
  return value;
}

/**
 * Checks an offset: the whole transfer must stay below what a number holds exactly.
 *
 * @param offset What the caller gave; `undefined` means 0.
 * @returns The offset in bytes.
 * @throws {TypeError} If it is no number.
 * @throws {RangeError} If it is negative, fractional or too large.
 */
export function checkOffset(offset: unknown): number {
  return offset === undefined ? 0 : checkInteger("offset", offset, 0, Number.MAX_SAFE_INTEGER);
}

/**
 * Checks where a request of a queue begins.
 *
 * @param offset What the caller gave; `undefined` means 0.
 * @returns The offset in bytes, or `null` for the file's own position.
 * @throws {TypeError} If it is no number and not `null`.
 * @throws {RangeError} If it is negative, fractional or too large.
 */
export function checkPosition(offset: unknown): number | null {
  return offset === null ? null : checkOffset(offset);
}

/**
 * Checks a length in bytes.
 *
 * @param length What the caller gave.
 * @returns The length.
 * @throws {TypeError} If it is no number.
 * @throws {RangeError} If it is negative, fractional or above 4 GiB.
 */
export function checkLength(length: unknown): number {
  return checkInteger("length", length, 0, LENGTH_MAX);
}

/**
 * Checks a buffer.
 *
 * @param name What to call it in the error.
 * @param buffer What the caller gave.
 * @returns The buffer.
 * @throws {TypeError} If it is no `Uint8Array`, or detached.
 */
export function checkBuffer(name: string, buffer: unknown): Uint8Array {
  if (!(buffer instanceof Uint8Array)) throw new TypeError(`Cannot use ${name} ${text(buffer)}: expected a Uint8Array`);
  if (buffer.length === 0 && (buffer.buffer as { detached?: boolean }).detached === true) {
    throw new TypeError(
      `Cannot use ${name}: its ArrayBuffer is detached (transferred, or a pool buffer that was given back)`,
    );
  }
  return buffer;
}

/**
 * Checks the parts of a vectored request.
 *
 * @param buffers What the caller gave.
 * @returns The parts and their whole length in bytes.
 * @throws {TypeError} If it is no array of `Uint8Array`.
 * @throws {RangeError} If there are none or more than `IOV_MAX`.
 */
export function checkBuffers(buffers: unknown): { parts: readonly Uint8Array[]; length: number } {
  if (!Array.isArray(buffers)) {
    throw new TypeError(`Cannot use buffers ${text(buffers)}: expected an array of Uint8Array`);
  }
  const most = platform().constants.IOV_MAX;
  if (buffers.length === 0 || buffers.length > most) {
    throw new RangeError(`Cannot use ${buffers.length} buffers: expected 1 to ${most} (IOV_MAX)`);
  }
  let length = 0;
  const parts = buffers.map((part, index) => {
    checkBuffer(`buffers[${index}]`, part);
    length += part.length;
    return part as Uint8Array;
  });
  checkLength(length);
  return { parts, length };
}

/**
 * Checks a signal.
 *
 * @param signal What the caller gave.
 * @throws {TypeError} If it is neither `undefined` nor an `AbortSignal`.
 */
export function checkSignal(signal: unknown): void {
  if (signal !== undefined && typeof (signal as AbortSignal)?.addEventListener !== "function") {
    throw new TypeError(`Cannot use signal ${text(signal)}: expected an AbortSignal`);
  }
}

function text(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === "object" || typeof value === "function" ? `of type ${typeof value}` : String(value);
}
