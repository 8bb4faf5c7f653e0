/**
 * The state behind an `AioFile`: its descriptors, which it owns, what is under way on them, and the order in which they
 * are closed. Chunks and streams work on this, so that the public class shows only what is for programs.
 *
 * @module
 */

import fs from "node:fs";
import { AioError } from "../ffi/errno.ts";
import { libc } from "../ffi/libc.ts";
import { engine } from "../engine/engine.ts";
import type { AioQueue } from "../queue/queue.ts";
import type { RequestOptions, SyncOptions } from "../queue/request.ts";
import { complete, slice, transfer, wholly } from "./complete.ts";
import { readDirect, writeDirect } from "./direct.ts";
import type { Direct } from "./direct.ts";
import { fileError } from "./descriptor.ts";
import { closeOpened, forgotten } from "./closing.ts";

const SEEK_END = 2;

/** What an opened file is. */
export interface Opened {
  /** The descriptor. */
  readonly fd: number;
  /** Its path. */
  readonly path: string;
  /** Whether offsets mean something: regular files and block devices. */
  readonly positional: boolean;
  /** Whether the order of writes means something: streams, and files opened with O_APPEND. */
  readonly ordered: boolean;
  /** What direct I/O needs, if it was asked for. */
  readonly direct: Direct | undefined;
  /** The queue of its requests. */
  readonly queue: AioQueue;
  /** Whether the queue is the file's own and closed with it. */
  readonly ownsQueue: boolean;
  /** For requests without a signal of their own. */
  readonly signal: AbortSignal | undefined;
}

/** An opened file. */
export class OpenFile {
  /** What it is. */
  readonly opened: Opened;
  #inFlight = 0;
  /** The writes that a sync waits for: one that is completed by a second request is still the first one's. */
  readonly #writes = new Set<Promise<unknown>>();
  #drained: (() => void) | undefined;
  #closing: Promise<void> | undefined;
  #discarded = false;

  constructor(opened: Opened) {
    this.opened = opened;
    engine().own(opened.fd);
    if (opened.direct?.bufferedFd !== undefined) engine().own(opened.direct.bufferedFd);
    forgotten.register(this, opened, this);
  }

  /**
   * Throws unless the file is open.
   *
   * @param doing What cannot be done otherwise.
   * @throws {TypeError} If it is closed or closing.
   */
  mustBeOpen(doing: string): void {
    if (this.#closing !== undefined) throw new TypeError(`Cannot ${doing} ${this.opened.path}: the file is closed`);
  }

  /** Fills arrays; the count is short only at the end of the file. */
  async read(parts: readonly Uint8Array[], offset: number, length: number, options: RequestOptions): Promise<number> {
    const { fd, queue, direct } = this.opened;
    this.#begin("read");
    try {
      if (direct !== undefined) return (await readDirect(queue, fd, direct, parts, offset, length, options)).bytes;
      return await complete(length, (moved) => {
        this.#mustGoOn();
        const rest = moved === 0 ? parts : slice(parts, moved, length - moved);
        return transfer(queue, "read", fd, rest, offset + moved, options);
      });
    } finally {
      this.#end();
    }
  }

  /** Brings fresh bytes; fewer than asked only at the end of the file. */
  async readFresh(offset: number, length: number, { signal, priority }: RequestOptions): Promise<Uint8Array> {
    const { fd, queue, direct } = this.opened;
    this.#begin("read");
    try {
      if (direct !== undefined) {
        return join((await readDirect(queue, fd, direct, null, offset, length, { signal, priority })).pieces);
      }
      const pieces: Uint8Array[] = [];
      await complete(length, async (moved) => {
        this.#mustGoOn();
        const rest = { offset: offset + moved, length: length - moved, signal, priority };
        const result = await queue.read(fd, rest);
        pieces.push(result.buffer);
        return result;
      });
      return join(pieces);
    } finally {
      this.#end();
    }
  }

  /** Reads what there is now, for streams; 0 at their end. */
  async readSome(bytes: Uint8Array, options: RequestOptions): Promise<number> {
    const { fd, queue } = this.opened;
    this.#begin("read");
    try {
      return (await transfer(queue, "read", fd, [bytes], 0, options)).bytes;
    } finally {
      this.#end();
    }
  }

  /** Writes all of the arrays. */
  write(parts: readonly Uint8Array[], offset: number, length: number, options: RequestOptions): Promise<number> {
    const writing = this.#write(parts, offset, length, options);
    this.#writes.add(writing);
    const forget = () => void this.#writes.delete(writing);
    writing.then(forget, forget);
    return writing;
  }

  async #write(parts: readonly Uint8Array[], offset: number, length: number, options: RequestOptions): Promise<number> {
    const { fd, queue, direct, path } = this.opened;
    this.#begin("write to");
    try {
      if (direct !== undefined) {
        return wholly(await writeDirect(queue, fd, direct, parts, offset, length, options), length, path);
      }
      const moved = await complete(length, (moved) => {
        this.#mustGoOn();
        const rest = moved === 0 ? parts : slice(parts, moved, length - moved);
        return transfer(queue, "write", fd, rest, offset + moved, options);
      });
      return wholly(moved, length, path);
    } finally {
      this.#end();
    }
  }

  /** Makes durable what was written before. */
  async sync(options: SyncOptions): Promise<void> {
    const { fd, queue } = this.opened;
    this.#begin("sync");
    try {
      if (this.#writes.size > 0) await Promise.allSettled([...this.#writes]);
      this.#mustGoOn();
      await queue.sync(fd, options);
    } finally {
      this.#end();
    }
  }

  /** The size now, in bytes; 0 for what has none. */
  size(): number {
    const { fd, path } = this.opened;
    try {
      const found = fs.fstatSync(fd);
      return found.isBlockDevice() ? Math.max(0, libc().call.lseek(fd, 0, SEEK_END)) : found.size;
    } catch (error) {
      throw fileError("fstat", error, path);
    }
  }

  /** Makes the file shorter or, with a hole, longer. */
  truncate(bytes: number): void {
    const { fd, path } = this.opened;
    try {
      fs.ftruncateSync(fd, bytes);
    } catch (error) {
      throw fileError("ftruncate", error, `${path} to ${bytes} bytes`);
    }
  }

  #begin(doing: string): void {
    this.mustBeOpen(doing);
    this.#inFlight++;
  }

  #end(): void {
    if (--this.#inFlight === 0) this.#drained?.();
  }

  /** Throws if a transfer may not ask for its rest, because the file is being given up. */
  #mustGoOn(): void {
    if (this.#discarded) throw new AioError("aio_cancel", "ECANCELED", `${this.opened.path} is being closed`);
  }

  /** Takes nothing more, waits for what is under way, and closes. */
  close(): Promise<void> {
    return this.#closing ??= this.#close(async () => {});
  }

  /** Closes; what has not started is cancelled, and a silent stream is given up. */
  dispose(): Promise<void> {
    const { fd, queue, ownsQueue, positional, direct } = this.opened;
    if (this.#closing !== undefined) return this.#closing;
    this.#discarded = true;
    const closing = this.#close(async () => {
      if (ownsQueue) return await queue[Symbol.asyncDispose]();
      queue.cancel({ fd });
      if (direct?.bufferedFd !== undefined) queue.cancel({ fd: direct.bufferedFd });
    });
    if (positional) return this.#closing = closing;
    return this.#closing = this.#unlessSilent(closing);
  }

  /** A stream on which libc waits keeps its number until that ends: somebody else's requests would queue behind it. */
  async #unlessSilent(closing: Promise<void>): Promise<void> {
    closing.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (engine().idle(this.opened.fd)) await closing;
  }

  async #close(end: () => Promise<void>): Promise<void> {
    const { queue, ownsQueue } = this.opened;
    forgotten.unregister(this);
    await end();
    if (this.#inFlight > 0) await new Promise<void>((resolve) => this.#drained = resolve);
    if (ownsQueue && !this.#discarded) await queue.close();
    await closeOpened(this.opened);
  }
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
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
