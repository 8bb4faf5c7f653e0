/**
 * The state behind an `AioFile`: its descriptors, which it owns, what is under way on them, and the order in which they
 * are closed. Chunks and streams work on this, so that the public class shows only what is for programs.
 *
 * @module
 */

import fs from "node:fs";
import type { Stats } from "node:fs";
import { AioError } from "../ffi/errno.ts";
import { libc } from "../ffi/libc.ts";
import { engineOf } from "../queue/queue.ts";
import { closedError } from "../queue/check.ts";
import { ASKER } from "../queue/request.ts";
import type { RequestOptions, SyncOptions } from "../queue/request.ts";
import { complete, slice, transfer, wholly } from "./complete.ts";
import type { AskOptions } from "./complete.ts";
import { readDirect, writeDirect } from "./direct.ts";
import { fileError } from "./descriptor.ts";
import { closeOpened, forgotten } from "./closing.ts";
import type { Opened } from "./opened.ts";

const SEEK_SET = 0;
const SEEK_CUR = 1;
const SEEK_END = 2;

type Parts = readonly Uint8Array[];

/** What the requests of a transfer say. */
type Asking = AskOptions & { readonly [ASKER]: object };

/** An opened file. */
export class OpenFile {
  /** What it is. */
  readonly opened: Opened;
  #inFlight = 0;
  /** The writes that a sync waits for: one that is completed by a second request is still the first one's. */
  readonly #writes = new Set<Promise<unknown>>();
  #drained: (() => void) | undefined;
  /** Kept when the last transfer at the file's position has ended. */
  #atPosition: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;
  #disposing: Promise<void> | undefined;
  #closed = false;
  #discarded = false;

  constructor(opened: Opened) {
    this.opened = opened;
    engineOf(opened.queue).own(opened.fd);
    if (opened.direct?.bufferedFd !== undefined) engineOf(opened.queue).own(opened.direct.bufferedFd);
    forgotten.register(this, opened, this);
  }

  /** The descriptor, or -1 once it is closed: another file may have its number then. */
  get fd(): number {
    return this.#closed ? -1 : this.opened.fd;
  }

  /** Whether it takes requests. */
  get isOpen(): boolean {
    return this.#closing === undefined;
  }

  /**
   * Throws unless the file is open.
   *
   * @param doing What cannot be done otherwise.
   * @throws {TypeError} If it is closed or closing.
   */
  mustBeOpen(doing: string): void {
    if (this.#closing !== undefined) throw closedError(`Cannot ${doing} ${this.opened.path}: the file is closed`);
  }

  /** Fills arrays; the count is short only at the end of the file. An offset of `null` is the file's position. */
  async read(parts: Parts, offset: number | null, length: number, options: RequestOptions): Promise<number> {
    this.#begin("read");
    try {
      return await this.#placed(offset, options, (at, asking) => this.#read(parts, at, length, asking));
    } finally {
      this.#end();
    }
  }

  async #read(parts: Parts, offset: number, length: number, asking: Asking): Promise<number> {
    const { fd, queue, direct } = this.opened;
    if (direct !== undefined) return (await readDirect(queue, fd, direct, parts, offset, length, asking)).bytes;
    return await complete(length, (moved, part) => {
      this.#mustGoOn();
      const rest = moved === 0 ? parts : slice(parts, moved, length - moved);
      return transfer(queue, "read", fd, rest, offset + moved, asking, part);
    }, asking.moved);
  }

  /** Brings fresh bytes; fewer than asked only at the end of the file. An offset of `null` is the file's position. */
  async readFresh(offset: number | null, length: number, options: RequestOptions): Promise<Uint8Array> {
    this.#begin("read");
    const pieces: Uint8Array[] = [];
    try {
      await this.#placed(offset, options, (at, asking) => this.#readFresh(pieces, at, length, asking));
      return join(pieces);
    } finally {
      this.#end();
    }
  }

  async #readFresh(pieces: Uint8Array[], offset: number, length: number, asking: Asking): Promise<number> {
    const { fd, queue, direct } = this.opened;
    if (direct !== undefined) {
      const { bytes, pieces: found } = await readDirect(queue, fd, direct, null, offset, length, asking);
      pieces.push(...found);
      return bytes;
    }
    const { signal, priority, moved: told } = asking;
    return await complete(length, async (moved, part) => {
      this.#mustGoOn();
      const rest = { offset: offset + moved, length: length - moved, signal, priority, moved: part, [ASKER]: this };
      const result = await queue.read(fd, rest);
      pieces.push(result.buffer);
      return result;
    }, told);
  }

  /** Reads what there is now, for streams; 0 at their end. */
  async readSome(bytes: Uint8Array, { signal, priority }: RequestOptions): Promise<number> {
    const { fd, queue } = this.opened;
    this.#begin("read");
    try {
      return (await transfer(queue, "read", fd, [bytes], 0, { signal, priority, [ASKER]: this })).bytes;
    } finally {
      this.#end();
    }
  }

  /** Writes all of the arrays. An offset of `null` is the file's position. */
  write(parts: Parts, offset: number | null, length: number, options: RequestOptions): Promise<number> {
    const writing = this.#writeAt(parts, offset, length, options);
    this.#writes.add(writing);
    const forget = () => void this.#writes.delete(writing);
    writing.then(forget, forget);
    return writing;
  }

  async #writeAt(parts: Parts, offset: number | null, length: number, options: RequestOptions): Promise<number> {
    this.#begin("write to");
    try {
      return await this.#placed(offset, options, (at, asking) => this.#write(parts, at, length, asking));
    } finally {
      this.#end();
    }
  }

  async #write(parts: Parts, offset: number, length: number, asking: Asking): Promise<number> {
    const { fd, queue, direct, path } = this.opened;
    if (direct !== undefined) {
      return wholly(await writeDirect(queue, fd, direct, parts, offset, length, asking), length, path);
    }
    const moved = await complete(length, (moved, part) => {
      this.#mustGoOn();
      const rest = moved === 0 ? parts : slice(parts, moved, length - moved);
      return transfer(queue, "write", fd, rest, offset + moved, asking, part);
    }, asking.moved);
    return wholly(moved, length, path);
  }

  /**
   * Runs a transfer where it belongs; at the file's position one after the other, each of which moves it on by what has
   * moved, as read(2) and write(2) do. It is the descriptor's own position, in the kernel.
   */
  async #placed(
    offset: number | null,
    { signal, priority, moved: told }: RequestOptions,
    move: (offset: number, asking: Asking) => Promise<number>,
  ): Promise<number> {
    const { fd, positional, ordered } = this.opened;
    const asking = { signal, priority, moved: told, [ASKER]: this };
    if (offset !== null || !positional) return await move(offset ?? 0, asking);
    const before = this.#atPosition;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#atPosition = promise;
    await before;
    const { call } = libc();
    const moved = told ?? { bytes: 0 };
    const from = Math.max(0, call.lseek(fd, 0, SEEK_CUR));
    try {
      return moved.bytes = await move(from, { ...asking, moved });
    } finally {
      if (ordered) call.lseek(fd, 0, SEEK_END); // it was appended, wherever it was meant to go
      else call.lseek(fd, from + moved.bytes, SEEK_SET);
      resolve();
    }
  }

  /** Makes durable what was written before. */
  async sync(options: SyncOptions): Promise<void> {
    const { fd, queue } = this.opened;
    this.#begin("sync");
    try {
      if (this.#writes.size > 0) await Promise.allSettled([...this.#writes]);
      this.#mustGoOn();
      const asking: SyncOptions & AskOptions = { ...options, [ASKER]: this };
      await queue.sync(fd, asking);
    } finally {
      this.#end();
    }
  }

  /** The size now, in bytes; 0 for what has none. */
  size(): number {
    const { fd } = this.opened;
    const found = this.stat();
    if (!found.isBlockDevice()) return found.size;
    const { call } = libc();
    const position = call.lseek(fd, 0, SEEK_CUR);
    const end = call.lseek(fd, 0, SEEK_END);
    call.lseek(fd, position, SEEK_SET);
    return Math.max(0, end);
  }

  /** What fstat(2) tells. */
  stat(): Stats {
    const { fd, path } = this.opened;
    try {
      return fs.fstatSync(fd);
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

  /** Closes; what has not started is cancelled, and a silent stream is given up, also if a close waits for it already. */
  dispose(): Promise<void> {
    if (this.#disposing !== undefined) return this.#disposing;
    this.#discarded = true;
    let closing = this.#closing;
    if (closing === undefined) closing = this.#closing = this.#close(() => this.#giveUp());
    else if (!this.#closed) this.#giveUp().catch(() => {}); // and the close under way goes on
    return this.#disposing = this.opened.positional ? closing : this.#unlessSilent(closing);
  }

  async #giveUp(): Promise<void> {
    const { fd, queue, ownsQueue, direct } = this.opened;
    if (ownsQueue) return await queue[Symbol.asyncDispose]();
    queue.cancel({ fd, tag: this });
    if (direct?.bufferedFd !== undefined) queue.cancel({ fd: direct.bufferedFd, tag: this });
  }

  /** A stream on which libc waits keeps its number until that ends: somebody else's requests would queue behind it. */
  async #unlessSilent(closing: Promise<void>): Promise<void> {
    closing.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (engineOf(this.opened.queue).idle(this.opened.fd)) await closing;
  }

  async #close(end: () => Promise<void>): Promise<void> {
    const { queue, ownsQueue } = this.opened;
    forgotten.unregister(this);
    await end();
    if (this.#inFlight > 0) await new Promise<void>((resolve) => this.#drained = resolve);
    if (ownsQueue && !this.#discarded) await queue.close();
    this.#closed = true;
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
