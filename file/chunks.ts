/**
 * Reading a file in chunks: blocks are read ahead into pool buffers while earlier ones are being consumed.
 *
 * The end is where reads find it, not where the size said it was, so a file that shrinks or grows meanwhile ends where it
 * ends. The size only bounds the read-ahead: beyond it one block at a time is tried.
 *
 * @module
 */

import type { PoolBuffer } from "../engine/pool_buffer.ts";
import { checkInteger, checkNames, checkOffset, checkSignal, namesOf } from "../queue/check.ts";
import type { OpenFile } from "./open_file.ts";

/** How a file is read in chunks. */
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

/** A chunk of a file. */
export interface FileChunk {
  /** Where it begins in the file, in bytes. */
  readonly offset: number;
  /**
   * Its bytes, never none. Unless `copy` was set they are a pool buffer's: valid until the next step of the iteration,
   * which leaves the array empty; a write of them that was begun before is safe.
   */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Options with their defaults. */
interface CheckedOptions {
  readonly chunkBytes: number;
  readonly depth: number;
  readonly start: number;
  readonly end: number;
  readonly order: "file" | "completion";
  readonly copy: boolean;
  readonly signal: AbortSignal;
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
    using buffer = file.opened.queue.buffers.take(Math.min(chunkBytes, end - offset));
    const bytes = await file.readSome(buffer.bytes, { signal });
    if (bytes === 0) return;
    const view = buffer.bytes.subarray(0, bytes);
    yield { offset, bytes: copy ? view.slice() : view };
    offset += bytes;
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
      using buffer = block.buffer;
      const { offset, bytes } = block;
      const view = buffer.bytes.subarray(0, bytes);
      if (!options.copy) {
        yield { offset, bytes: view };
        continue;
      }
      const copied = view.slice();
      buffer.release(); // nothing but the copy waits for the consumer
      yield { offset, bytes: copied };
    }
  } finally {
    if (!reader.idle) leaving.abort();
    reader.release();
  }
}

/** A block that is being read or has been. */
interface Block {
  readonly offset: number;
  readonly length: number;
  readonly buffer: PoolBuffer;
  /** Kept when it has been read or has failed. */
  done: Promise<void>;
  state: "in flight" | "read" | "failed";
  bytes: number;
  error: unknown;
}

class ChunkReader {
  readonly #file: OpenFile;
  readonly #options: CheckedOptions;
  /** Blocks in flight or read, in the order of the file. */
  readonly #blocks: Block[] = [];
  /** Reads of a direct file begin and end at multiples of this. */
  readonly #unit: number;
  #offset: number;
  /** Where the file ends, as far as reads have found it. */
  #end: number;
  /** Where the file ended when its size was last asked. */
  #size = 0;

  constructor(file: OpenFile, options: CheckedOptions) {
    this.#file = file;
    this.#options = options;
    this.#unit = file.opened.direct?.writeBytes ?? 1;
    this.#offset = options.start;
    this.#end = options.end;
  }

  /** Whether nothing is in flight. */
  get idle(): boolean {
    return this.#blocks.every(({ state }) => state !== "in flight");
  }

  /** The next block with bytes, or `undefined` at the end. */
  async next(): Promise<Block | undefined> {
    for (;;) {
      this.#options.signal.throwIfAborted();
      this.#fill(true);
      const block = await this.#take();
      if (block === undefined) return undefined;
      if (block.state === "failed") {
        block.buffer.release();
        throw block.error;
      }
      if (block.bytes > 0 && block.offset < this.#end) return block;
      block.buffer.release();
    }
  }

  /** Gives back what has been read and not consumed, and, as it ends, what is in flight. */
  release(): void {
    for (const { buffer } of this.#blocks.splice(0)) buffer.release();
  }

  async #take(): Promise<Block | undefined> {
    const blocks = this.#blocks;
    if (this.#options.order === "completion" && blocks.length > 0) {
      await Promise.race(blocks.map(({ done }) => done));
      return this.#replace(blocks.findIndex(({ state }) => state !== "in flight"));
    }
    const first = this.#replace(0);
    await first?.done;
    return first;
  }

  /** Takes a block out and starts reads in its stead; where that fails, its buffer is given back once it has ended. */
  #replace(index: number): Block | undefined {
    const [taken] = this.#blocks.splice(index, 1);
    try {
      this.#fill(false);
    } catch (error) {
      void taken?.done.then(() => taken.buffer.release());
      throw error;
    }
    return taken;
  }

  /** Starts reads, beyond the size only if `beyond` allows it and nothing else may still tell where the end is. */
  #fill(beyond: boolean): void {
    // of a closed file, what was read before can still be had
    if (!this.#file.isOpen && (!beyond || this.#blocks.length > 0)) return;
    while (this.#blocks.length < this.#options.depth && this.#offset < this.#end) {
      this.#file.mustBeOpen("read");
      if (this.#offset >= this.#size) this.#size = this.#file.size();
      if (this.#offset >= this.#size && (!beyond || this.#blocks.length > 0)) return;
      this.#start();
    }
  }

  #start(): void {
    const { chunkBytes, signal } = this.#options;
    const unit = this.#unit;
    const offset = this.#offset;
    // after an odd start, direct reads go on at whole blocks
    const room = unit === 1 || chunkBytes < unit ? chunkBytes : chunkBytes - offset % unit;
    const length = Math.min(room, this.#end - offset);
    this.#offset += length;
    const whole = offset % unit === 0 ? Math.ceil(length / unit) * unit : length;
    const buffer = this.#file.opened.queue.buffers.take(whole);
    const block: Block = { offset, length, buffer, done: Promise.resolve(), state: "in flight", bytes: 0, error: null };
    block.done = this.#file.read([buffer.bytes], offset, whole, { signal }).then((bytes) => {
      block.state = "read";
      block.bytes = Math.min(bytes, length);
      if (bytes < length) this.#end = Math.min(this.#end, offset + bytes);
    }, (error) => {
      block.state = "failed";
      block.error = error;
    });
    this.#blocks.push(block);
  }
}
