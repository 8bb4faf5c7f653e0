/**
 * A `WritableStream` that writes to a file, several writes at a time.
 *
 * A chunk is copied into a pool block when it arrives, since its producer may reuse it as soon as the stream has taken
 * it; the block is written from there. Small chunks share a block while earlier writes are under way.
 *
 * @module
 */

import type { PoolBuffer } from "../engine/pool_buffer.ts";
import { checkInteger, checkNames, checkOffset, checkSignal, namesOf } from "../queue/check.ts";
import type { OpenFile } from "./open_file.ts";

/**
 * How a stream writes to a file.
 *
 * @example
 * ```ts
 * import { AioFile } from "@posix/aio";
 * import type { WritableOptions } from "@posix/aio";
 *
 * const options: WritableOptions = { sync: "data" };
 * await using file = await AioFile.open("/tmp/posix-aio-writable", { flags: "w" });
 * await new Blob(["text"]).stream().pipeTo(file.writable(options));
 * ```
 */
export interface WritableOptions {
  /**
   * Where in the file to begin, in bytes; nothing is cut off behind what is written. Pipes and files opened to append ignore it.
   *
   * @default {0}
   */
  readonly start?: number | bigint | undefined;
  /**
   * How many blocks are being written at a time, 1 to 4096; pipes and files opened to append take one.
   *
   * @default {4}
   */
  readonly depth?: number | undefined;
  /**
   * The size of a block in bytes, 1 to 1 GiB.
   *
   * @default {1048576}
   */
  readonly blockBytes?: number | undefined;
  /**
   * Make everything durable at the end; `"data"` only the data (`fdatasync`).
   *
   * @default {false}
   */
  readonly sync?: boolean | "data" | undefined;
  /**
   * Ends the stream with its reason, at once; the signal of `pipeTo` waits for the write under way,
   * which on a pipe that nobody reads is for ever.
   */
  readonly signal?: AbortSignal | null | undefined;
}

const NAMES = namesOf("start", "depth", "blockBytes", "sync", "signal");

/**
 * A stream that writes to a file.
 *
 * @param file The file.
 * @param options Where, and whether to sync at the end.
 * @returns The stream.
 * @throws {TypeError | RangeError} If an option is wrong, or the file is closed.
 */
export function writableTo(file: OpenFile, options: WritableOptions): WritableStream<Uint8Array> {
  file.mustBeOpen("write to");
  checkNames("options", options, NAMES);
  const { depth = 4, blockBytes = 1 << 20, sync = false } = options;
  const start = checkOffset(options.start, "start");
  const given = checkSignal(options.signal);
  checkInteger("depth", depth, 1, 4096);
  checkInteger("blockBytes", blockBytes, 1, 2 ** 30);
  if (typeof sync !== "boolean" && sync !== "data") {
    throw new TypeError(`Cannot use sync ${sync}: expected true or data`);
  }
  let writer: BlockWriter;
  let signal: AbortSignal;
  return new WritableStream<Uint8Array>({
    start(controller) {
      // aborted at once, while abort() below is only called when the write under way has ended
      const { signal: aborted } = controller;
      signal = given === undefined ? aborted : AbortSignal.any([given, aborted]);
      const fail = (error: unknown) => controller.error(error);
      writer = new BlockWriter(file, { start, depth: file.opened.ordered ? 1 : depth, blockBytes, signal, fail });
    },
    write: (chunk) => writer.write(chunk),
    async close() {
      await writer.flush();
      if (sync !== false) await file.sync({ dataOnly: sync === "data", signal });
    },
    abort: () => writer.drop(),
  });
}

interface BlockWriterOptions {
  readonly start: number;
  readonly depth: number;
  readonly blockBytes: number;
  readonly signal: AbortSignal;
  /** Told of the first failure at once. */
  readonly fail: (error: unknown) => void;
}

class BlockWriter {
  readonly #file: OpenFile;
  readonly #options: BlockWriterOptions;
  readonly #inFlight = new Set<Promise<void>>();
  #offset: number;
  /** The block that is being filled. */
  #block: PoolBuffer | undefined;
  #filled = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(file: OpenFile, options: BlockWriterOptions) {
    this.#file = file;
    this.#options = options;
    this.#offset = options.start;
  }

  /** Takes a chunk; kept as soon as there is room for the next one. */
  async write(chunk: Uint8Array): Promise<void> {
    if (!(chunk instanceof Uint8Array)) {
      const error = new TypeError(`Cannot write a chunk of type ${typeof chunk}: expected a Uint8Array`);
      await this.drop();
      throw error;
    }
    for (let taken = 0; taken < chunk.length;) {
      this.#throwFailure();
      const { bytes } = this.#block ??= this.#file.opened.queue.buffers.take(this.#blockLength());
      const part = chunk.subarray(taken, taken + bytes.length - this.#filled);
      bytes.set(part, this.#filled);
      this.#filled += part.length;
      taken += part.length;
      if (this.#filled === bytes.length) this.#submit();
      while (this.#inFlight.size >= this.#options.depth) await Promise.race(this.#inFlight);
    }
    this.#submitWhenIdle();
    this.#throwFailure();
  }

  /** Writes what is left and waits for everything. */
  async flush(): Promise<void> {
    this.#throwFailure();
    this.#submit();
    while (this.#inFlight.size > 0) await Promise.race(this.#inFlight);
    this.#throwFailure();
  }

  /** Waits for what is under way and gives everything back. */
  async drop(): Promise<void> {
    this.#failure ??= { error: new TypeError("Cannot write: the stream was aborted") };
    this.#releaseBlock();
    await Promise.all(this.#inFlight);
  }

  /** Direct writes go on at whole blocks after an odd start. */
  #blockLength(): number {
    const { blockBytes } = this.#options;
    const unit = this.#file.opened.direct?.writeBytes ?? 1;
    return blockBytes < unit ? blockBytes : blockBytes - this.#offset % unit;
  }

  /** Small chunks are not kept waiting for more when there is nothing else to do; direct writes want whole blocks. */
  #submitWhenIdle(): void {
    if (this.#inFlight.size === 0 && this.#file.opened.direct === undefined) this.#submit();
  }

  #submit(): void {
    const block = this.#block;
    if (block === undefined || this.#failure !== undefined) return;
    this.#block = undefined;
    const bytes = this.#filled === block.bytes.length ? block.bytes : block.bytes.subarray(0, this.#filled);
    const offset = this.#offset;
    this.#offset += this.#filled;
    this.#filled = 0;
    const { signal } = this.#options;
    const writing = this.#file.write([bytes], offset, bytes.length, { signal }).then(() => {}, (error) => {
      if (this.#failure !== undefined) return;
      this.#failure = { error };
      this.#releaseBlock();
      this.#options.fail(error);
    }).then(() => {
      block.release();
      this.#inFlight.delete(writing);
      this.#submitWhenIdle();
    });
    this.#inFlight.add(writing);
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #releaseBlock(): void {
    this.#block?.release();
    this.#block = undefined;
  }
}
