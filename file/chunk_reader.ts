/**
 * The blocks of a file that are read ahead: which are in flight, which have been read, and where the file ends.
 *
 * @module
 */

import type { PoolBuffer } from "../engine/pool_buffer.ts";
import type { OpenFile } from "./open_file.ts";

/** How a file is read in chunks, with the defaults. */
export interface CheckedOptions {
  readonly chunkBytes: number;
  readonly depth: number;
  readonly start: number;
  readonly end: number;
  readonly order: "file" | "completion";
  readonly copy: boolean;
  readonly signal: AbortSignal;
}

/** A block that is being read or has been. */
export interface Block {
  readonly offset: number;
  readonly length: number;
  readonly buffer: PoolBuffer;
  /** Kept when it has been read or has failed. */
  done: Promise<void>;
  state: "in flight" | "read" | "failed";
  bytes: number;
  error: unknown;
}

/** Reads blocks ahead. */
export class ChunkReader {
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
