/**
 * Copying by asynchronous reads and writes: some workers, each with one pool buffer, read a chunk and write it, over and
 * over. While one reads the others write, so both files are busy all the time, and memory is the workers' buffers.
 *
 * Files are read and written at positions, in any order. Pipes and the like have an order: there the workers take turns
 * to read, or to write, or both.
 *
 * @module
 */

import type { AioQueue } from "../../queue/queue.ts";
import { PAGE_BYTES } from "../../ffi/memory.ts";
import { buffersGate } from "../threads/limits.ts";
import { Access } from "./access.ts";
import { sideBySide } from "./job.ts";
import { missingParts } from "./journal.ts";
import type { CopyJob, CopyOutcome } from "./job.ts";
import { partsOf } from "./segments.ts";
import type { Part } from "./segments.ts";
import { checkEnd } from "./source.ts";
import { Turnstile } from "./turnstile.ts";

/**
 * Copies by asynchronous reads and writes.
 *
 * @param job The copy.
 * @param queue Where they go through.
 * @param begun What has been moved before.
 * @returns What was moved in all.
 */
export async function copyByAio(job: CopyJob, queue: AioQueue, begun: Begun = NOTHING): Promise<CopyOutcome> {
  return await new AioCopy(job, queue, begun).run();
}

/** What was moved by another way that could not go on. */
export interface Begun {
  /** Everything before this offset is there. */
  readonly to: number;
  /** So many bytes were moved for it. */
  readonly bytes: number;
}

const NOTHING: Begun = { to: 0, bytes: 0 };

class AioCopy {
  readonly #job: CopyJob;
  readonly #queue: AioQueue;
  readonly #source: Access;
  readonly #target: Access;
  readonly #parts: Iterator<Part, void, void> | null;
  readonly #reads: Turnstile | null;
  readonly #writes: Turnstile | null;
  #tickets = 0;
  /** Where a source without a size is read next. */
  #position = 0;
  /** A source without a size has ended. */
  #ended = false;
  #moved = 0;
  /** Where a source that only pretended its size has ended. */
  #end = Infinity;

  constructor(job: CopyJob, queue: AioQueue, begun: Begun) {
    this.#job = job;
    this.#queue = queue;
    const { source, target, settings } = job;
    this.#source = new Access(source.fd, source.stream, source.base);
    this.#target = new Access(target.fd, target.stream, target.base);
    const alignBytes = source.direct || target.direct ? PAGE_BYTES : 1;
    const grain = { partBytes: settings.chunkBytes, alignBytes };
    const parts = source.size === null ? null : partsOf(source, grain, target.temporary !== null, begun.to);
    const passed = (part: Part) => job.progress.add(part.skipped + part.bytes);
    this.#parts = parts === null ? null : missingParts(parts, target.journal, passed);
    this.#moved = begun.bytes;
    this.#reads = source.size === null ? new Turnstile() : null;
    this.#writes = target.ordered ? new Turnstile() : null;
  }

  async run(): Promise<CopyOutcome> {
    const { settings, source } = this.#job;
    const { chunkBytes, depth } = settings;
    const useful = source.size === null ? depth : Math.min(depth, Math.ceil(source.size / chunkBytes));
    const bufferBytes = source.size === null ? chunkBytes : Math.min(chunkBytes, pages(source.size));
    // a pipe may be silent for ever, and others must not wait for its memory then
    const isStream = source.stream || this.#job.target.stream;
    const done = isStream ? undefined : await buffersGate().take(useful * bufferBytes, settings.signal);
    await sideBySide(useful, async (halt) => {
      const buffer = this.#queue.buffers.take(bufferBytes);
      try {
        await this.#work(buffer.bytes, halt);
      } catch (error) {
        this.#reads?.open();
        this.#writes?.open();
        throw error;
      } finally {
        buffer.release();
      }
    }, settings.signal).finally(() => {
      done?.();
      this.#source.restore();
      this.#target.restore();
    });
    const size = source.size === null ? this.#position : Math.min(source.size, this.#end);
    const by = this.#queue.engine === "io_uring" ? " by io_uring" : "";
    const how = `reads and writes of ${bufferBytes} bytes${by}, ${useful} at a time${this.#refusals()}`;
    return { bytes: this.#moved, size, how };
  }

  /** Says which end asynchronous I/O could not be used for. */
  #refusals(): string {
    const ends = [];
    if (this.#source.instead !== undefined) ends.push(`the source by ${this.#source.instead}`);
    if (this.#target.instead !== undefined) ends.push(`the target by ${this.#target.instead}`);
    return ends.length === 0 ? "" : `, ${ends.join(" and ")}, since the system refuses asynchronous I/O (EOPNOTSUPP)`;
  }

  async #work(buffer: Uint8Array, halt: AbortSignal): Promise<void> {
    const { progress, target, settings } = this.#job;
    for (;;) {
      const ticket = this.#tickets++;
      const part = this.#parts === null
        ? await this.#readNext(buffer, ticket, halt)
        : await this.#readPart(buffer, halt);
      if (part === null) return;
      await settings.throttle?.(part.bytes);
      await this.#writes?.wait(ticket);
      this.#check(halt);
      await this.#write(buffer, part, halt);
      this.#writes?.pass();
      target.journal?.add(part);
      progress.add(part.skipped + part.bytes);
    }
  }

  /** Throws if the caller has aborted; true if another worker has failed. */
  #check(halt: AbortSignal): boolean {
    const { settings } = this.#job;
    settings.signal?.throwIfAborted();
    return halt.aborted;
  }

  /** Reads whatever a source without a size has next. */
  async #readNext(buffer: Uint8Array, ticket: number, halt: AbortSignal): Promise<Part | null> {
    await this.#reads?.wait(ticket);
    if (this.#check(halt) || this.#ended) {
      this.#reads?.pass();
      return null;
    }
    const offset = this.#position;
    const bytes = await this.#read(buffer, offset, halt);
    this.#position += bytes;
    this.#ended = bytes === 0;
    this.#reads?.pass();
    return this.#ended ? null : { offset, bytes, skipped: 0 };
  }

  /** Reads the next part of a file, whole. */
  async #readPart(buffer: Uint8Array, halt: AbortSignal): Promise<Part | null> {
    if (this.#check(halt)) return null;
    const step = this.#parts!.next();
    if (step.done === true) return null;
    const { source, paths } = this.#job;
    const { offset, bytes, skipped } = step.value;
    let filled = 0;
    while (filled < bytes) {
      // past the page cache only whole pages can be read; at the end of the file less comes
      const wanted = source.direct ? pages(bytes - filled) : bytes - filled;
      const read = await this.#read(buffer.subarray(filled, filled + wanted), offset + filled, halt);
      filled += Math.min(bytes - filled, read);
      // past the page cache less than whole pages come at the end of the file only
      if (read === 0 || source.direct && filled < bytes && read % PAGE_BYTES !== 0) {
        checkEnd(source, paths, offset + filled);
        this.#end = Math.min(this.#end, offset + filled);
        break;
      }
    }
    return { offset, bytes: filled, skipped };
  }

  async #read(buffer: Uint8Array, offset: number, halt: AbortSignal): Promise<number> {
    const { source, paths } = this.#job;
    const signal = source.stream ? halt : undefined; // what reads a file ends soon by itself
    try {
      return await this.#source.read(this.#queue, buffer, offset, signal);
    } catch (error) {
      this.#check(halt);
      throw paths.error(`read the source at offset ${offset}`, error);
    }
  }

  /** Writes a part, whole. */
  async #write(buffer: Uint8Array, { offset, bytes }: Part, halt: AbortSignal): Promise<void> {
    const { target, paths } = this.#job;
    let length = bytes;
    if (target.direct && bytes % PAGE_BYTES !== 0) {
      // only the file's last part is not of whole pages: it is written so, and the file is cut to its size afterwards
      length = pages(bytes);
      buffer.fill(0, bytes, length);
    }
    const signal = target.stream ? halt : undefined;
    for (let written = 0; written < length;) {
      const at = offset + written;
      try {
        const moved = await this.#target.write(this.#queue, buffer.subarray(written, length), at, signal);
        if (moved === 0) throw paths.failure("aio_write", "EIO", `write the target at offset ${at}: nothing was taken`);
        written += moved;
      } catch (error) {
        this.#check(halt);
        throw paths.error(`write the target at offset ${at}`, error);
      }
    }
    this.#moved += bytes;
  }
}

function pages(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
}
