/**
 * Reading a file in chunks: blocks are read ahead into pool buffers while earlier ones are being consumed.
 *
 * The end is where reads find it, not where the size said it was, so a file that shrinks or grows meanwhile ends where it
 * ends. The size only bounds the read-ahead: beyond it one block at a time is tried.
 *
 * @module
 */

import { checkInteger, checkNames, checkOffset, checkSignal, namesOf } from "../queue/check.ts";
import { ChunkReader } from "./chunk_reader.ts";
import type { CheckedOptions } from "./chunk_reader.ts";
import type { OpenFile } from "./open_file.ts";

/**
 * How a file is read in chunks.
 *
 * @example
 * ```ts
 * import { AioFile } from "@posix/aio";
 * import type { ChunkOptions } from "@posix/aio";
 *
 * await using file = await AioFile.open("README.md");
 * const options: ChunkOptions = { chunkBytes: 4096, depth: 2, start: 100, end: 5000 };
 * for await (const { offset, bytes } of file.chunks(options)) console.log(offset, bytes.length);
 * ```
 */
export interface ChunkOptions {
  /**
   * The size of a chunk in bytes, 1 to 1 GiB; the last one is shorter, and on pipes each is what was there.
   *
   * @default {1048576}
   */
  readonly chunkBytes?: number | undefined;
  /**
   * How many chunks are read ahead, 1 to 4096; one more is in the hands of the consumer. Pipes, sockets and terminals are
   * read one at a time, when a chunk is asked for.
   *
   * @default {4}
   */
  readonly depth?: number | undefined;
  /**
   * Where to begin, in bytes; 0 for pipes.
   *
   * @default {0}
   */
  readonly start?: number | bigint | undefined;
  /** Where to end, in bytes, exclusive. Default: the end of the file. */
  readonly end?: number | bigint | undefined;
  /**
   * `"file"` brings the chunks in their order; `"completion"` as they arrive, which keeps more under way.
   *
   * @default {"file"}
   */
  readonly order?: "file" | "completion" | undefined;
  /**
   * Brings bytes of their own that can be kept, instead of bytes that are only valid until the next step.
   *
   * @default {false}
   */
  readonly copy?: boolean | undefined;
  /** Ends the iteration with its reason; `null` is none. */
  readonly signal?: AbortSignal | null | undefined;
}

/**
 * A chunk of a file.
 *
 * @example
 * ```ts
 * import { AioFile } from "@posix/aio";
 * import type { FileChunk } from "@posix/aio";
 *
 * await using file = await AioFile.open("README.md");
 * const kept: FileChunk[] = [];
 * for await (const chunk of file.chunks({ chunkBytes: 4096, copy: true })) kept.push(chunk);
 * console.log(kept[0].offset, kept[0].bytes.length); // 0 4096
 * ```
 */
export interface FileChunk {
  /** Where it begins in the file, in bytes. */
  readonly offset: number;
  /**
   * Its bytes, never none. Unless `copy` was set they are a pool buffer's: valid until the next step of the iteration,
   * which leaves the array empty; a write of them that was begun before is safe.
   */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const NAMES = namesOf("chunkBytes", "depth", "start", "end", "order", "copy", "signal");

/**
 * Reads a file in chunks.
 *
 * @param file The file.
 * @param options Which part, in what pieces and order.
 * @returns The chunks; leaving the iteration early gives everything back.
 * @throws {TypeError | RangeError} If an option is wrong, or the file is closed.
 */
export function chunksOf(file: OpenFile, options: ChunkOptions): AsyncGenerator<FileChunk, void, void> {
  file.mustBeOpen("read");
  checkNames("options", options, NAMES);
  const { chunkBytes = 1 << 20, depth = 4, order = "file", copy = false } = options;
  const start = checkOffset(options.start, "start");
  const end = options.end === undefined || options.end === Infinity ? Infinity : checkOffset(options.end, "end");
  checkInteger("chunkBytes", chunkBytes, 1, 2 ** 30);
  checkInteger("depth", depth, 1, 4096);
  if (end !== Infinity) checkInteger("end", end, start, Number.MAX_SAFE_INTEGER);
  if (order !== "file" && order !== "completion") {
    throw new TypeError(`Cannot use order ${order}: expected file or completion`);
  }
  const { positional } = file.opened;
  if (!positional && start > 0) throw new RangeError(`Cannot start at ${start}: ${file.opened.path} has no positions`);
  const leaving = new AbortController();
  const given = checkSignal(options.signal);
  const signal = given === undefined ? leaving.signal : AbortSignal.any([given, leaving.signal]);
  const checked = { chunkBytes, depth, start, end, order, copy, signal };
  return positional ? readAhead(file, checked, leaving) : readAlong(file, checked);
}

/** One read at a time, each when it is asked for, so that nothing of a stream is lost with an iteration that is left. */
async function* readAlong(file: OpenFile, options: CheckedOptions): AsyncGenerator<FileChunk, void, void> {
  const { chunkBytes, end, copy, signal } = options;
  for (let offset = 0; offset < end;) {
    const buffer = file.opened.queue.buffers.take(Math.min(chunkBytes, end - offset));
    try {
      const bytes = await file.readSome(buffer.bytes, { signal });
      if (bytes === 0) return;
      const view = buffer.bytes.subarray(0, bytes);
      yield { offset, bytes: copy ? view.slice() : view };
      offset += bytes;
    } finally {
      buffer.release();
    }
  }
}

/** Several reads ahead. */
async function* readAhead(
  file: OpenFile,
  options: CheckedOptions,
  leaving: AbortController,
): AsyncGenerator<FileChunk, void, void> {
  const reader = new ChunkReader(file, options);
  try {
    for (let block = await reader.next(); block !== undefined; block = await reader.next()) {
      const { buffer, offset, bytes } = block;
      try {
        const view = buffer.bytes.subarray(0, bytes);
        if (!options.copy) {
          yield { offset, bytes: view };
          continue;
        }
        const copied = view.slice();
        buffer.release(); // nothing but the copy waits for the consumer
        yield { offset, bytes: copied };
      } finally {
        buffer.release();
      }
    }
  } finally {
    if (!reader.idle) leaving.abort();
    reader.release();
  }
}
