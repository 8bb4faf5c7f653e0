/**
 * O_DIRECT: what it demands of offsets, lengths and memory, and how ranges that do not meet it are read and written.
 *
 * A read is widened to whole blocks, lands in a pool buffer and is cut. A write goes directly as far as whole blocks
 * reach; the bytes before and after go through the page cache by a second descriptor. The other way, to read the block,
 * change it and write it back, would undo what somebody else writes into the same block meanwhile; the kernel changes a
 * block in the page cache under its own lock, touches no other byte, and leaves the file's size exact. It writes that
 * block back before a direct read of it, so what was written is also what is read.
 *
 * @module
 */

import { door } from "../ffi/door.ts";
import { AioError } from "../ffi/errno.ts";
import { libc } from "../ffi/libc.ts";
import { giveBlock, PAGE_BYTES, takeBlock } from "../ffi/memory.ts";
import { poolBufferOf } from "../engine/pool_buffer.ts";
import type { AioQueue } from "../queue/queue.ts";
import { platform } from "../structs/platform.ts";
import { viewOf } from "../structs/view.ts";
import { complete, slice, transfer } from "./complete.ts";
import type { AskOptions } from "./complete.ts";

/** Most bytes that are widened or realigned through a pool buffer at once. */
const BOUNCE_BYTES_MAX = 1 << 20;

const AT_EMPTY_PATH = 0x1000;
const STATX_DIOALIGN = 0x2000;

/** What direct I/O on one file needs. */
export interface Direct {
  /** Reads begin and end at multiples of this many bytes. */
  readonly readBytes: number;
  /** Writes do at multiples of this: no less than a page, so that no page is written both ways at once. */
  readonly writeBytes: number;
  /** Memory begins at a multiple of this. */
  readonly memoryBytes: number;
  /** A descriptor of the same file without O_DIRECT, if the file may be written. */
  readonly bufferedFd: number | undefined;
}

/**
 * Finds out what direct I/O on a file needs: Linux 6.1 and later tell by statx(2), elsewhere 4096 fits every usual device.
 *
 * @param fd The descriptor.
 * @param path Its path, for the error.
 * @param bufferedFd A descriptor of the same file without O_DIRECT.
 * @returns The alignments.
 * @throws {AioError} EINVAL if the file system says that it has no direct I/O for this file.
 */
export function directOf(fd: number, path: string, bufferedFd: number | undefined): Direct {
  const { structs } = platform();
  const usual = { readBytes: PAGE_BYTES, writeBytes: PAGE_BYTES, memoryBytes: PAGE_BYTES, bufferedFd };
  if (structs.statx === undefined || !libc().has("statx")) return usual;
  const block = takeBlock(PAGE_BYTES);
  try {
    block.array.fill(0);
    const empty = door().pointer(block.address + PAGE_BYTES - 1); // the path ""
    const found = viewOf(structs.statx, block.array.buffer);
    if (libc().call.statx(fd, empty, AT_EMPTY_PATH, STATX_DIOALIGN, door().pointer(block.address)) !== 0) return usual;
    if ((found.stx_mask & STATX_DIOALIGN) === 0) return usual;
    const { stx_dio_offset_align: offset, stx_dio_mem_align: memory } = found;
    if (offset === 0 || memory > PAGE_BYTES) throw noDirect(path);
    return {
      readBytes: offset,
      writeBytes: Math.max(offset, PAGE_BYTES),
      memoryBytes: Math.max(memory, 1),
      bufferedFd,
    };
  } finally {
    giveBlock(block);
  }
}

/**
 * The error for a file that has no direct I/O.
 *
 * @param path The file.
 * @param cause What the system said.
 * @returns What to throw.
 */
export function noDirect(path: string, cause?: unknown): AioError {
  return new AioError("open", "EINVAL", `${path} with direct: true: its file system has no O_DIRECT`, { cause });
}

/**
 * Reads any range directly.
 *
 * @param queue The queue.
 * @param fd The descriptor with O_DIRECT.
 * @param direct What it needs.
 * @param target Arrays to fill, or `null` to get fresh ones.
 * @param offset Where in the file.
 * @param length How many bytes.
 * @param options What else the requests say.
 * @returns How many bytes; fewer than asked at the end of the file; and with `target` null, the bytes.
 */
export async function readDirect(
  queue: AioQueue,
  fd: number,
  direct: Direct,
  target: readonly Uint8Array[] | null,
  offset: number,
  length: number,
  options: AskOptions,
): Promise<{ bytes: number; pieces: Uint8Array<ArrayBuffer>[] }> {
  const unit = direct.readBytes;
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  if (length === 0) return { bytes: 0, pieces };
  if (target !== null && offset % unit === 0 && length % unit === 0 && isReady(target, direct)) {
    const bytes = await complete(length, async (moved) => {
      const from = moved - moved % unit; // the end of the file may have stopped it within a block
      const got = await transfer(queue, "read", fd, slice(target, from, length - from), offset + from, options);
      return { bytes: from + got.bytes - moved };
    }, options.moved);
    return { bytes, pieces };
  }
  const span = Math.ceil((offset % unit + length) / unit) * unit;
  const bounce = queue.buffers.take(Math.min(span, BOUNCE_BYTES_MAX));
  try {
    const bytes = await complete(length, async (moved) => {
      const skip = (offset + moved) % unit;
      const wide = Math.min(Math.ceil((skip + length - moved) / unit) * unit, bounce.bytes.length);
      const place = [bounce.bytes.subarray(0, wide)];
      const { bytes: got } = await transfer(queue, "read", fd, place, offset + moved - skip, options);
      const found = bounce.bytes.subarray(skip, Math.max(skip, Math.min(got, skip + length - moved)));
      if (target === null) pieces.push(found.slice());
      else scatter(found, slice(target, moved, found.length));
      return { bytes: found.length };
    }, options.moved);
    return { bytes, pieces };
  } finally {
    bounce.release();
  }
}

/**
 * Writes any range: whole blocks directly, the rest through the page cache.
 *
 * @param queue The queue.
 * @param fd The descriptor with O_DIRECT.
 * @param direct What it needs.
 * @param source The arrays.
 * @param offset Where in the file.
 * @param length Their whole length.
 * @param options What else the requests say.
 * @returns How many bytes.
 */
export function writeDirect(
  queue: AioQueue,
  fd: number,
  direct: Direct,
  source: readonly Uint8Array[],
  offset: number,
  length: number,
  options: AskOptions,
): Promise<number> {
  const unit = direct.writeBytes;
  const bufferedFd = direct.bufferedFd ?? fd;
  return complete(length, (moved) => {
    const at = offset + moved;
    const left = length - moved;
    const past = at % unit;
    if (past !== 0 || left < unit) {
      const piece = slice(source, moved, Math.min(left, unit - past));
      return transfer(queue, "write", bufferedFd, piece, at, options);
    }
    const piece = slice(source, moved, left - left % unit);
    if (isReady(piece, direct)) return transfer(queue, "write", fd, piece, at, options);
    // a pool buffer from an odd address on: an array of its own is copied to an aligned place
    const part = slice(source, moved, Math.min(left - left % unit, Math.max(unit, BOUNCE_BYTES_MAX)));
    return transfer(queue, "write", fd, part.map((view) => new Uint8Array(view)), at, options);
  }, options.moved);
}

/**
 * Whether libc would get aligned memory: the queue copies a caller's own arrays to aligned places, and several parts as
 * one, but for parts in pool buffers where the system takes several at once.
 */
function isReady(parts: readonly Uint8Array[], { memoryBytes }: Direct): boolean {
  if (parts.length !== 1) return !platform().behaviour.vectored || parts.every((part) => !poolBufferOf(part));
  const [single] = parts;
  return poolBufferOf(single) === undefined || single.byteOffset % memoryBytes === 0;
}

function scatter(bytes: Uint8Array, targets: readonly Uint8Array[]): void {
  let at = 0;
  for (const target of targets) {
    target.set(bytes.subarray(at, at + target.length));
    at += target.length;
  }
}
