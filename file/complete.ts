/**
 * Short transfers are completed here: a request of the queue may move less than was asked, and is asked again for the
 * rest until all has moved, the file ends, or an error comes.
 *
 * @module
 */

import { AioError } from "../ffi/errno.ts";
import type { AioQueue } from "../queue/queue.ts";
import { ASKER } from "../queue/request.ts";
import type { RequestOptions } from "../queue/request.ts";

/** What a request moved. */
export interface Moved {
  /** How many bytes. */
  readonly bytes: number;
}

/**
 * Asks until everything has moved.
 *
 * @param length How many bytes.
 * @param step Moves some more, given how many have moved; 0 bytes mean the end.
 * @param told Gets told how many have moved, as they do.
 * @returns How many bytes have moved; fewer than `length` only at the end.
 * @throws What `step` throws; an `AioError` then counts all bytes that have moved.
 */
export async function complete(
  length: number,
  step: (moved: number, part: { bytes: number }) => Promise<Moved>,
  told?: { bytes: number },
): Promise<number> {
  let moved = 0;
  const part = { bytes: 0 };
  while (moved < length) {
    let bytes: number;
    try {
      ({ bytes } = await step(moved, part));
    } catch (error) {
      if (told !== undefined) told.bytes = moved + part.bytes;
      throw withMoved(error, moved);
    }
    if (bytes <= 0) break;
    moved += bytes;
    part.bytes = 0;
    if (told !== undefined) told.bytes = moved;
  }
  return moved;
}

/**
 * The part of several arrays, laid end to end, that begins at a byte.
 *
 * @param parts The arrays.
 * @param from How many bytes to leave out.
 * @param bytes How many bytes at most.
 * @returns Views of the arrays, without empty ones.
 */
export function slice(parts: readonly Uint8Array[], from: number, bytes: number): Uint8Array[] {
  const views: Uint8Array[] = [];
  let begin = 0;
  for (const part of parts) {
    const low = Math.max(from - begin, 0);
    const high = Math.min(from + bytes - begin, part.length);
    if (low < high) views.push(low === 0 && high === part.length ? part : part.subarray(low, high));
    begin += part.length;
  }
  return views;
}

/** What requests of a file say beside their bytes. */
export interface AskOptions extends RequestOptions {
  /** The file, which can so cancel its own requests and no others of its descriptor. */
  readonly [ASKER]?: object;
}

/**
 * Moves some bytes by one request.
 *
 * @param queue The queue.
 * @param op Which way.
 * @param fd The descriptor.
 * @param parts The arrays; at least one.
 * @param offset Where in the file.
 * @param options What else the request says.
 * @param moved Gets told how many bytes have moved when it ends, if they are wanted.
 * @returns What has moved.
 */
export function transfer(
  queue: AioQueue,
  op: "read" | "write",
  fd: number,
  parts: readonly Uint8Array[],
  offset: number,
  { signal, priority, [ASKER]: asker }: AskOptions,
  moved?: { bytes: number },
): Promise<Moved> {
  const [buffer] = parts;
  const options = { offset, signal, priority, moved, [ASKER]: asker };
  if (parts.length === 1) {
    return op === "read" ? queue.read(fd, { ...options, buffer }) : queue.write(fd, buffer, options);
  }
  return op === "read" ? queue.readv(fd, parts, options) : queue.writev(fd, parts, options);
}

/**
 * Throws if a write ended early without an error.
 *
 * @param moved How many bytes were written.
 * @param length How many were to be.
 * @param path The file.
 * @returns `moved`.
 * @throws {AioError} EIO if the system took no more bytes.
 */
export function wholly(moved: number, length: number, path: string): number {
  if (moved === length) return moved;
  throw new AioError("aio_write", "EIO", `${path} took ${moved} of ${length} bytes and then none`, { bytes: moved });
}

/** Adds what earlier requests had moved to the count of an error. */
function withMoved(error: unknown, moved: number): unknown {
  if (moved === 0 || !(error instanceof AioError)) return error;
  const tried = error.message.split(": ").slice(2).join(": ");
  const whole = new AioError(error.syscall, error.code, tried, { bytes: moved + error.bytes, cause: error.cause });
  whole.name = error.name;
  return whole;
}

/** One array of several. */
export function join(pieces: readonly Uint8Array[]): Uint8Array {
  const filled = pieces.filter((piece) => piece.length > 0);
  if (filled.length <= 1) return filled[0] ?? new Uint8Array(0);
  const whole = new Uint8Array(filled.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of filled) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
