/**
 * The state behind an `AioFile`: its descriptors, which it owns, what is under way on them, and the order in which they
 * are closed. Chunks and streams work on this, so that the public class shows only what is for programs.
 *
 * @module
 */

import { AioError } from "../ffi/errno.ts";
import { engineOf } from "../queue/queue.ts";
import { closedError } from "../queue/check.ts";
import { ASKER } from "../queue/request.ts";
import type { RequestOptions, SyncOptions } from "../queue/request.ts";
import { complete, join, slice, transfer, wholly } from "./complete.ts";
import type { AskOptions } from "./complete.ts";
import { readDirect, writeDirect } from "./direct.ts";
import { closeOpened, forgotten } from "./closing.ts";
import { sizeOf } from "./facts.ts";
import { FilePosition } from "./file_position.ts";
import type { Asking } from "./file_position.ts";
import type { Opened } from "./opened.ts";

/** How often the number of a stream is looked at until what was cancelled there has ended, a millisecond apart. */
const CANCEL_LOOKS = 100;

type Parts = readonly Uint8Array[];

/** An opened file. */
export class OpenFile {
  /** What it is. */
  readonly opened: Opened;
  #inFlight = 0;
  /** The writes that a sync waits for: one that is completed by a second request is still the first one's. */
  readonly #writes = new Set<Promise<unknown>>();
  #drained: (() => void) | undefined;
  readonly #position: FilePosition;
  #closing: Promise<void> | undefined;
  #disposing: Promise<void> | undefined;
  #closed = false;
  #discarded = false;

  constructor(opened: Opened) {
    this.opened = opened;
    this.#position = new FilePosition(opened, this);
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
      return await this.#position.run(offset, options, (at, asking) => this.#read(parts, at, length, asking));
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
      await this.#position.run(offset, options, (at, asking) => this.#readFresh(pieces, at, length, asking));
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
      return await this.#position.run(offset, options, (at, asking) => this.#write(parts, at, length, asking));
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
    return sizeOf(this.opened);
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
    const { queue, fd } = this.opened;
    const isIdle = () => engineOf(queue).idle(fd);
    // io_uring really cancels, and tells it some turns later; what a program has asked for by itself stays
    const looks = queue.engine === "io_uring" ? CANCEL_LOOKS : 1;
    for (let look = 0; look < looks && (look === 0 || !isIdle()); look++) {
      await new Promise((resolve) => setTimeout(resolve, look === 0 ? 0 : 1));
    }
    if (isIdle()) await closing;
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
