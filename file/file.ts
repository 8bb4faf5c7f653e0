/**
 * `AioFile`: an opened file, with positional reads and writes that are complete, chunks with read-ahead, and Web
 * Streams. It owns its descriptor, and so keeps the lanes on which libc runs its requests side by side.
 *
 * @module
 */

import type { AioQueue } from "../queue/queue.ts";
import { checkBuffer, checkBuffers, checkInteger, checkLength, checkOffset } from "../queue/request.ts";
import type { AioResult, ReadOptions, SyncOptions, WriteOptions } from "../queue/request.ts";
import { chunksOf } from "./chunks.ts";
import type { ChunkOptions, FileChunk } from "./chunks.ts";
import { openFile } from "./open.ts";
import type { AioFileOptions } from "./open.ts";
import type { OpenFile } from "./open_file.ts";
import { readableOf } from "./readable.ts";
import type { ReadableOptions } from "./readable.ts";
import { writableTo } from "./writable.ts";
import type { WritableOptions } from "./writable.ts";

/**
 * An opened file.
 *
 * Unlike the raw requests of {@linkcode AioQueue}, its reads and writes are complete: a short transfer is continued until
 * all bytes have moved, the file ends, or an error comes, whose `bytes` then counts what has moved. Everything is
 * positional; there is no current position. Requests under way together have no order among themselves, but `sync` waits
 * for the writes before it.
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
   * @param path The path, or a `file:` URL.
   * @param options See {@linkcode AioFileOptions}.
   * @returns The file; close it, best by `await using`.
   * @throws {AioError} What open(2) refused (`syscall` is `"open"`): ENOENT, EACCES, EEXIST, ... EISDIR for a directory
   * whatever the flags, EINVAL for `direct` where there is no O_DIRECT; ECANCELED, named `AbortError`, after an abort.
   * @throws {TypeError | RangeError} If an argument is wrong.
   */
  static async open(path: string | URL, options: AioFileOptions = {}): Promise<AioFile> {
    return new AioFile(await openFile(path, options));
  }

  /** The descriptor. It is the file's own: who closes it or gives it to another owner breaks the file. */
  get fd(): number {
    return this.#file.opened.fd;
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
   * @param options Where, how much, and into what; default offset 0.
   * @returns How many bytes, and where they are: in `buffer`, or exactly as many fresh ones. Fewer than asked only at the
   * end of the file.
   * @throws {AioError} What the request failed with; `bytes` counts what had arrived.
   * @throws {TypeError | RangeError} If an argument is wrong, or the file is closed.
   */
  async read(options: ReadOptions): Promise<AioResult> {
    const { buffer } = options;
    const offset = checkOffset(options.offset);
    if (buffer === undefined) {
      const fresh = await this.#file.readFresh(offset, checkLength(options.length), this.#signalled(options));
      return { bytes: fresh.length, buffer: fresh };
    }
    const { length: room } = checkBuffer("buffer", buffer);
    const length = options.length === undefined ? room : checkInteger("length", options.length, 0, room);
    const parts = [length === room ? buffer : buffer.subarray(0, length)];
    return { bytes: await this.#file.read(parts, offset, length, this.#signalled(options)), buffer };
  }

  /**
   * Writes all of the bytes. Leave them alone until the promise is kept.
   *
   * @param buffer The bytes.
   * @param options Where; default offset 0. Files opened to append ignore it.
   * @returns How many bytes: all.
   * @throws {AioError} What the request failed with, such as ENOSPC; `bytes` counts what was written.
   * @throws {TypeError | RangeError} If an argument is wrong, or the file is closed.
   */
  async write(buffer: Uint8Array, options: WriteOptions = {}): Promise<AioResult> {
    const { length } = checkBuffer("buffer", buffer);
    const offset = checkOffset(options.offset);
    return { bytes: await this.#file.write([buffer], offset, length, this.#signalled(options)), buffer };
  }

  /**
   * Fills several arrays, one after the other, or as far as the file goes.
   *
   * @param buffers The arrays, at most 1024 (`IOV_MAX`).
   * @param options Where; default offset 0.
   * @returns How many bytes in all.
   * @throws {AioError} What the request failed with; `bytes` counts what had arrived.
   * @throws {TypeError | RangeError} If an argument is wrong, or the file is closed.
   */
  async readv<Part extends Uint8Array>(
    buffers: readonly Part[],
    options: WriteOptions = {},
  ): Promise<AioResult<readonly Part[]>> {
    const { parts, length } = checkBuffers(buffers);
    const offset = checkOffset(options.offset);
    return { bytes: await this.#file.read(parts, offset, length, this.#signalled(options)), buffer: buffers };
  }

  /**
   * Writes all of several arrays, one after the other.
   *
   * @param buffers The arrays, at most 1024 (`IOV_MAX`).
   * @param options Where; default offset 0.
   * @returns How many bytes in all.
   * @throws {AioError} What the request failed with; `bytes` counts what was written.
   * @throws {TypeError | RangeError} If an argument is wrong, or the file is closed.
   */
  async writev<Part extends Uint8Array>(
    buffers: readonly Part[],
    options: WriteOptions = {},
  ): Promise<AioResult<readonly Part[]>> {
    const { parts, length } = checkBuffers(buffers);
    const offset = checkOffset(options.offset);
    return { bytes: await this.#file.write(parts, offset, length, this.#signalled(options)), buffer: buffers };
  }

  /**
   * Makes durable what this file wrote: waits for the writes before it, then calls fsync(2) or fdatasync(2).
   *
   * @param options Whether only the data.
   * @throws {AioError} What it failed with; the data may then be lost, and a second sync would not tell.
   * @throws {TypeError} If the file is closed.
   */
  async sync(options: SyncOptions = {}): Promise<void> {
    const { dataOnly, priority } = options;
    await this.#file.sync({ dataOnly, priority, signal: options.signal ?? this.#file.opened.signal });
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
  async truncate(bytes: number = 0): Promise<void> {
    checkInteger("bytes", bytes, 0, Number.MAX_SAFE_INTEGER);
    this.#file.mustBeOpen("truncate");
    this.#file.truncate(bytes);
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
    return chunksOf(this.#file, this.#signalled(options));
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
    return readableOf(this.#file, this.#signalled(options));
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
    return writableTo(this.#file, this.#signalled(options));
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

  /** The file's own signal, where there is no other. */
  #signalled<Options extends { readonly signal?: AbortSignal }>(options: Options): Options {
    const { signal } = this.#file.opened;
    return signal === undefined || options.signal !== undefined ? options : { ...options, signal };
  }
}
