/**
 * `AioFile`: an opened file, with positional reads and writes that are complete, chunks with read-ahead, and Web
 * Streams. It owns its descriptor, and so keeps the lanes on which libc runs its requests side by side.
 *
 * @module
 */

import type { Stats } from "node:fs";
import type { AioQueue } from "../queue/queue.ts";
import { checkBuffer, checkBuffers, checkContent, checkInteger, checkLength, checkOffset } from "../queue/check.ts";
import { READ_NAMES, WRITE_NAMES } from "../queue/request.ts";
import type { AioResult, AioVectorResult, Bytes, ReadOptions, SyncOptions, WriteOptions } from "../queue/request.ts";
import { chunksOf } from "./chunks.ts";
import type { ChunkOptions, FileChunk } from "./chunks.ts";
import { statOf, truncate } from "./facts.ts";
import { openFile } from "./open.ts";
import type { AioFileOptions } from "./open.ts";
import type { OpenFile } from "./open_file.ts";
import { checkAsked, placeOf, signalled, SYNC_NAMES, TEXT_NAMES, WHOLE_NAMES } from "./options.ts";
import type { TextOptions, WholeOptions } from "./options.ts";
import { readableOf } from "./readable.ts";
import type { ReadableOptions } from "./readable.ts";
import { linesOf, readWhole } from "./whole.ts";
import { writableTo } from "./writable.ts";
import type { WritableOptions } from "./writable.ts";

/**
 * An opened file.
 *
 * Unlike the raw requests of {@linkcode AioQueue}, its reads and writes are complete: a short transfer is continued until
 * all bytes have moved, the file ends, or an error comes, whose `bytes` then counts what has moved.
 *
 * With an offset, requests under way together have no order among themselves, but `sync` waits for the writes before it.
 * Without one they go on at the file's position, as read(2), write(2) and `FileHandle` do: one after the other in the order
 * of the calls. That position is the descriptor's own, in the kernel.
 *
 * @example Write, make durable, read
 * ```ts
 * import { AioFile } from "@posix/aio";
 * import { tmpdir } from "node:os";
 *
 * await using file = await AioFile.open(`${tmpdir()}/posix-aio-example`, { flags: "w+" });
 * await file.write(new TextEncoder().encode("Hello, disk"), { offset: 0 });
 * await file.sync({ dataOnly: true });
 * const { buffer } = await file.read({ offset: 7, length: 100 });
 * console.log(new TextDecoder().decode(buffer)); // disk
 * ```
 */
export class AioFile implements AsyncDisposable {
  readonly #file: OpenFile;

  /** Not for callers: {@linkcode AioFile.open} makes files. */
  constructor(file: OpenFile) {
    this.#file = file;
  }

  /**
   * Opens a file through `node:fs`, so the permissions of the runtime apply.
   *
   * @example
   * ```ts
   * import { AioFile } from "@posix/aio";
   *
   * await using file = await AioFile.open("/etc/passwd");
   * console.log(await file.size());
   * ```
   *
   * @param path The path, as text or as bytes in UTF-8 (a `Buffer`), or a `file:` URL.
   * @param options See {@linkcode AioFileOptions}.
   * @returns The file; close it, best by `await using`.
   * @throws {AioError} What open(2) refused (`syscall` is `"open"`): ENOENT, EACCES, EEXIST, ... EISDIR for a directory
   * whatever the flags, EINVAL for `direct` where there is no O_DIRECT.
   * @throws {TypeError | RangeError} If an argument is wrong.
   */
  static async open(path: string | URL | Uint8Array, options: AioFileOptions = {}): Promise<AioFile> {
    return new AioFile(await openFile(path, options));
  }

  /** The descriptor; -1 when the file is closed. It is the file's own: who closes it or gives it to another owner breaks the file. */
  get fd(): number {
    return this.#file.fd;
  }

  /** The path with which it was opened. */
  get path(): string {
    return this.#file.opened.path;
  }

  /** The queue that carries its requests. */
  get queue(): AioQueue {
    return this.#file.opened.queue;
  }

  /** Whether it goes past the page cache. */
  get direct(): boolean {
    return this.#file.opened.direct !== undefined;
  }

  /**
   * Reads until `length` bytes are there or the file ends. On pipes, sockets and terminals that waits for all of them;
   * {@linkcode chunks} brings what comes.
   *
   * @param options Where, how much, and into what. Without an offset it reads on at the file's position.
   * @returns How many bytes, and where they are: in `buffer`, or exactly as many fresh ones. Fewer than asked only at the
   * end of the file.
   * @throws {AioError} What the request failed with; `bytes` counts what had arrived.
   * @throws {TypeError | RangeError} If an argument is wrong, or the file is closed.
   */
  async read(options: ReadOptions): Promise<AioResult> {
    const asking = checkAsked(this.#file, options, READ_NAMES);
    const offset = placeOf(options);
    if (options.buffer === undefined) {
      const fresh = await this.#file.readFresh(offset, checkLength(options.length), asking);
      return { bytes: fresh.length, buffer: fresh };
    }
    const buffer = checkBuffer("buffer", options.buffer);
    const room = buffer.length;
    const length = options.length === undefined ? room : checkInteger("length", options.length, 0, room);
    const parts = [length === room ? buffer : buffer.subarray(0, length)];
    return { bytes: await this.#file.read(parts, offset, length, asking), buffer };
  }

  /**
   * Writes all of the bytes. Leave them alone until the promise is kept.
   *
   * @param buffer The bytes; or a text, which is written as UTF-8.
   * @param options Where. Without an offset it writes on at the file's position. Files opened to append ignore it.
   * @returns How many bytes: all.
   * @throws {AioError} What the request failed with, such as ENOSPC; `bytes` counts what was written.
   * @throws {TypeError | RangeError} If an argument is wrong, or the file is closed.
   */
  async write(buffer: Bytes | string, options: WriteOptions = {}): Promise<AioResult> {
    const asking = checkAsked(this.#file, options, WRITE_NAMES);
    const bytes = checkContent("buffer", buffer);
    return { bytes: await this.#file.write([bytes], placeOf(options), bytes.length, asking), buffer: bytes };
  }

  /**
   * Fills several arrays, one after the other, or as far as the file goes.
   *
   * @param buffers The arrays, at most 1024 (`IOV_MAX`).
   * @param options Where. Without an offset it reads on at the file's position.
   * @returns How many bytes in all.
   * @throws {AioError} What the request failed with; `bytes` counts what had arrived.
   * @throws {TypeError | RangeError} If an argument is wrong, or the file is closed.
   */
  async readv(buffers: readonly Bytes[], options: WriteOptions = {}): Promise<AioVectorResult> {
    const asking = checkAsked(this.#file, options, WRITE_NAMES);
    const { parts, length } = checkBuffers(buffers, checkBuffer);
    return { bytes: await this.#file.read(parts, placeOf(options), length, asking), buffer: parts };
  }

  /**
   * Writes all of several arrays, one after the other.
   *
   * @param buffers The arrays or texts, at most 1024 (`IOV_MAX`).
   * @param options Where. Without an offset it writes on at the file's position.
   * @returns How many bytes in all.
   * @throws {AioError} What the request failed with; `bytes` counts what was written.
   * @throws {TypeError | RangeError} If an argument is wrong, or the file is closed.
   */
  async writev(
    buffers: readonly (Bytes | string)[],
    options: WriteOptions = {},
  ): Promise<AioVectorResult> {
    const asking = checkAsked(this.#file, options, WRITE_NAMES);
    const { parts, length } = checkBuffers(buffers, checkContent);
    return { bytes: await this.#file.write(parts, placeOf(options), length, asking), buffer: parts };
  }

  /**
   * Makes durable what this file wrote: waits for the writes before it, then calls fsync(2) or fdatasync(2).
   *
   * @param options Whether only the data.
   * @throws {AioError} What it failed with; the data may then be lost, and a second sync would not tell.
   * @throws {TypeError} If the file is closed.
   */
  async sync(options: SyncOptions = {}): Promise<void> {
    const { signal, priority } = checkAsked(this.#file, options, SYNC_NAMES);
    await this.#file.sync({ dataOnly: options.dataOnly, priority, signal });
  }

  /**
   * Makes durable the data that this file wrote, and what is needed to read it back: `sync({ dataOnly: true })`.
   *
   * @throws {AioError} What it failed with; the data may then be lost, and a second sync would not tell.
   * @throws {TypeError} If the file is closed.
   */
  datasync(): Promise<void> {
    return this.sync({ dataOnly: true });
  }

  /**
   * Reads the whole file, whatever its position is, which stays there; of pipes, sockets and terminals what comes until
   * their end.
   *
   * @example
   * ```ts
   * import { AioFile } from "@posix/aio";
   *
   * await using file = await AioFile.open("/etc/passwd");
   * console.log((await file.readAll()).length);
   * ```
   *
   * @param options A signal that ends it early.
   * @returns Its bytes.
   * @throws {AioError} What a request failed with.
   * @throws {TypeError} If an option is wrong, or the file is closed.
   * @throws {RangeError} If there is no memory for so many bytes.
   */
  async readAll(options: WholeOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    return await readWhole(this.#file, checkAsked(this.#file, options, WHOLE_NAMES).signal);
  }

  /**
   * Reads the whole file as text: see {@linkcode readAll}. A byte order mark is left out.
   *
   * @param options The encoding, and a signal that ends it early.
   * @returns The text. What is not valid in the encoding comes as U+FFFD.
   * @throws {AioError} What a request failed with.
   * @throws {TypeError | RangeError} If an option is wrong, or the file is closed.
   */
  async text(options: TextOptions = {}): Promise<string> {
    const { signal } = checkAsked(this.#file, options, TEXT_NAMES);
    const decoder = new TextDecoder(options.encoding);
    return decoder.decode(await readWhole(this.#file, signal));
  }

  /**
   * Brings the lines of the file one by one, read ahead, without their ends (a line feed, or a carriage return and one).
   *
   * @example
   * ```ts
   * import { AioFile } from "@posix/aio";
   *
   * await using file = await AioFile.open("/etc/passwd");
   * for await (const line of file.lines()) console.log(line.split(":")[0]);
   * ```
   *
   * @param options The encoding, and a signal that ends it early.
   * @returns The lines; what follows the last line feed is one too, if it is not empty.
   * @throws {TypeError | RangeError} If an option is wrong, or the file is closed.
   */
  lines(options: TextOptions = {}): AsyncGenerator<string, void, void> {
    const { signal } = checkAsked(this.#file, options, TEXT_NAMES);
    this.#file.mustBeOpen("read");
    return linesOf(this.#file, new TextDecoder(options.encoding), signal);
  }

  /**
   * What fstat(2) tells of the file.
   *
   * @returns As `fs.promises.stat` brings it.
   * @throws {AioError} What fstat(2) failed with.
   * @throws {TypeError} If the file is closed.
   */
  // deno-lint-ignore require-await -- so that errors come as rejections
  async stat(): Promise<Stats> {
    this.#file.mustBeOpen("ask about");
    return statOf(this.#file.opened);
  }

  /**
   * The size now.
   *
   * @returns Bytes; of a block device, those it holds; 0 for pipes and the like.
   * @throws {AioError} What fstat(2) failed with.
   * @throws {TypeError} If the file is closed.
   */
  // deno-lint-ignore require-await -- so that errors come as rejections
  async size(): Promise<number> {
    this.#file.mustBeOpen("ask the size of");
    return this.#file.size();
  }

  /**
   * Sets the size: what is beyond is lost, what is missing reads as zeros. It does not wait for writes under way.
   *
   * @param bytes The new size. Default 0.
   * @throws {AioError} What ftruncate(2) failed with.
   * @throws {TypeError | RangeError} If `bytes` is wrong, or the file is closed.
   */
  // deno-lint-ignore require-await -- so that errors come as rejections
  async truncate(bytes: number | bigint = 0): Promise<void> {
    const size = checkOffset(bytes, "bytes");
    this.#file.mustBeOpen("truncate");
    truncate(this.#file.opened, size);
  }

  /**
   * Reads the file in chunks, several ahead of what is being consumed. See {@linkcode ChunkOptions}.
   *
   * @example
   * ```ts
   * import { AioFile } from "@posix/aio";
   *
   * await using file = await AioFile.open("/etc/passwd");
   * let lines = 0;
   * for await (const { bytes } of file.chunks()) {
   *   for (const byte of bytes) if (byte === 10) lines++;
   * }
   * console.log(lines);
   * ```
   *
   * @param options Which part, in what pieces and order.
   * @returns The chunks. Their bytes are only valid until the next step, unless `copy` is set.
   * @throws {TypeError | RangeError} If an option is wrong, or the file is closed.
   */
  chunks(options: ChunkOptions = {}): AsyncGenerator<FileChunk, void, void> {
    return chunksOf(this.#file, signalled(this.#file, options));
  }

  /**
   * The file, or a part of it, as a byte stream, read ahead of its reader. The file stays open at its end.
   *
   * @example
   * ```ts
   * import { AioFile } from "@posix/aio";
   *
   * await using file = await AioFile.open("/etc/passwd");
   * const text = file.readable().pipeThrough(new TextDecoderStream());
   * for await (const part of text) console.log(part.length);
   * ```
   *
   * @param options Which part, and in what pieces.
   * @returns The stream; `getReader({ mode: "byob" })` works too.
   * @throws {TypeError | RangeError} If an option is wrong, or the file is closed.
   */
  readable(options: ReadableOptions = {}): ReadableStream<Uint8Array<ArrayBuffer>> {
    return readableOf(this.#file, signalled(this.#file, options));
  }

  /**
   * A stream that writes to the file from `start` on, several writes at a time. The file stays open at its end.
   *
   * @example
   * ```ts
   * import { AioFile } from "@posix/aio";
   * import { tmpdir } from "node:os";
   *
   * await using source = await AioFile.open("/etc/passwd");
   * await using target = await AioFile.open(`${tmpdir()}/posix-aio-copy`, { flags: "w" });
   * await source.readable().pipeTo(target.writable({ sync: true }));
   * ```
   *
   * @param options Where, and whether to sync at the end.
   * @returns The stream.
   * @throws {TypeError | RangeError} If an option is wrong, or the file is closed.
   */
  writable(options: WritableOptions = {}): WritableStream<Uint8Array> {
    return writableTo(this.#file, signalled(this.#file, options));
  }

  /**
   * Takes nothing more, waits for what is under way, and closes the file (and its queue, if it is its own). A second call
   * gives the same promise.
   *
   * @throws {AioError} What close(2) reports.
   */
  close(): Promise<void> {
    return this.#file.close();
  }

  /**
   * Closes the file at the end of an `await using` block: cancels what has not started, waits for what has, and does not
   * wait for a silent pipe, socket or terminal.
   */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#file.dispose();
  }
}
