/**
 * Copying by the kernel's own calls: a clone where the file system shares blocks, else `copy_file_range`, else
 * `sendfile`. They run range by range on a thread of their own, so that there is progress, an abort takes effect
 * within a range, and the event loop stays free.
 *
 * @module
 */

import { AioError } from "../../ffi/errno.ts";
import { libc } from "../../ffi/libc.ts";
import { takeCopyThread, ThreadFailed } from "../threads/copy_thread.ts";
import type { CopyThread } from "../threads/copy_thread.ts";
import { gainsByBlocks, onLinux } from "./file_system.ts";
import type { Begun } from "./copy_aio.ts";
import { sideBySide } from "./job.ts";
import { missingParts } from "./journal.ts";
import type { CopyJob, CopyOutcome } from "./job.ts";
import { giveOffsets, takeOffsets } from "./offsets.ts";
import type { Offsets } from "./offsets.ts";
import { partsOf } from "./segments.ts";
import type { Part } from "./segments.ts";
import { checkSize } from "./source.ts";

/** Bytes that one call copies: some milliseconds' work. */
const RANGE_BYTES = 1 << 23;

/** Ranges handed to the thread at a time, so that it does not wait for the event loop between two. */
const RANGES = 2;

/** Bytes that the target gets blocks for at a time: at most this much is written over that holds no data yet. */
const BLOCKS_BYTES = 1 << 26;

/** `_IOW(0x94, 9, int)`, `<linux/fs.h>`: share the whole content of another file */
const FICLONE = 0x40049409;
const SEEK_SET = 0;

/** `<fcntl.h>`: begin to write, without waiting for the end. */
const SYNC_FILE_RANGE_WRITE = 2;

/** What a call says that does not work between these two files at all. */
const UNABLE = ["EXDEV", "EINVAL", "ENOSYS", "EOPNOTSUPP", "EBADF", "EPERM", "ENOTTY", "ETXTBSY"];

/** The kernel has no call for these two files, or none that goes on. */
export class KernelUnable extends Error {
  override name = "KernelUnable";
  /** What it had moved before that. */
  readonly begun: Begun;

  constructor(message: string, begun: Begun) {
    super(message);
    this.begun = begun;
  }
}

/**
 * Copies by the kernel.
 *
 * @param job The copy; its source has a size and its target is a regular file.
 * @returns What was moved.
 * @throws {KernelUnable} If the kernel has no call for these two files.
 */
export async function copyByKernel(job: CopyJob): Promise<CopyOutcome> {
  const thread = await takeCopyThread(job.settings.signal);
  const copy = new KernelCopy(job, thread);
  try {
    return await copy.run();
  } catch (error) {
    if (!(error instanceof ThreadFailed)) throw error;
    throw new KernelUnable(error.message, copy.begun());
  } finally {
    thread.giveBack();
  }
}

class KernelCopy {
  readonly #job: CopyJob;
  readonly #thread: CopyThread;
  /** Bytes of the copy. */
  readonly #size: number;
  #moved = 0;
  /** Where the next part begins. */
  #next = 0;
  /** Bytes of parts that were copied whole, and the last ones of these. */
  #whole = 0;
  #latest: Part[] = [];
  /** Parts that are under way. */
  readonly #open = new Set<Part>();
  /** The last call that began to write what was copied. */
  #writing: Promise<unknown> = Promise.resolve();
  /** Up to where the target has its blocks; infinite where it gets them with the data. */
  #blocksTo = Infinity;

  constructor(job: CopyJob, thread: CopyThread) {
    this.#job = job;
    this.#thread = thread;
    this.#size = job.source.size as number;
  }

  async run(): Promise<CopyOutcome> {
    if (await this.#clone()) return this.#outcome("shared the blocks by FICLONE");
    const ask = (fd: number, address: number) => this.#thread.call("fstatfs", fd, address);
    if (mayHaveBlocks(this.#job) && await gainsByBlocks(this.#job.target.fd, ask)) this.#blocksTo = 0;
    const first = await this.#copyAll("copy_file_range", this.#job.target.ordered ? 1 : RANGES);
    if (first === undefined) return this.#outcome("copy_file_range");
    if (!onLinux() || this.#moved > 0) throw new KernelUnable(`copy_file_range: ${first}`, this.begun());
    const second = await this.#copyAll("sendfile", 1); // it writes at the descriptor's own position
    if (second === undefined) return this.#outcome(`sendfile, since copy_file_range cannot (${first})`);
    throw new KernelUnable(`copy_file_range: ${first}, sendfile: ${second}`, this.begun());
  }

  /** What was moved: everything before the first part that was not copied whole. */
  begun(): Begun {
    const to = Math.min(this.#next, ...[...this.#open].map(({ offset }) => offset));
    const behind = this.#latest.filter(({ offset }) => offset >= to).reduce((sum, { bytes }) => sum + bytes, 0);
    return { to, bytes: this.#whole - behind };
  }

  #outcome(how: string): CopyOutcome {
    return { bytes: this.#moved, size: this.#size, how };
  }

  async #clone(): Promise<boolean> {
    const { source, target, progress } = this.#job;
    if (!onLinux() || source.stat.dev !== target.device) return false;
    const { result } = await this.#thread.call("ioctl", target.fd, FICLONE, source.fd);
    if (result !== 0) return false;
    this.#moved = this.#size;
    progress.add(this.#size);
    return true;
  }

  /**
   * Copies everything by one of the calls.
   *
   * @returns The error's name if the call cannot do it, or not to the end.
   */
  async #copyAll(name: "copy_file_range" | "sendfile", ranges: number): Promise<string | undefined> {
    const { source, progress, settings } = this.#job;
    if (!libc().has(name)) return "ENOSYS";
    this.#open.clear();
    this.#next = 0;
    const grain = {
      partBytes: this.#job.settings.throttle === undefined ? RANGE_BYTES : RANGE_BYTES >> 4,
      alignBytes: 1,
    };
    const { journal } = this.#job.target;
    const parts = missingParts(
      partsOf(source, grain, true),
      journal,
      (part) => progress.add(part.skipped + part.bytes),
    );
    let unable: string | undefined;
    await sideBySide(ranges, async (halt) => {
      const offsets = takeOffsets();
      try {
        for (let step = parts.next(); step.done !== true && unable === undefined; step = parts.next()) {
          settings.signal?.throwIfAborted();
          if (halt.aborted) return;
          await settings.throttle?.(step.value.bytes);
          this.#giveBlocks(step.value);
          this.#open.add(step.value);
          this.#next = step.value.offset + step.value.bytes;
          const failed = await this.#copyPart(name, step.value, offsets);
          unable ??= failed;
          if (failed !== undefined) break;
          this.#open.delete(step.value);
          journal?.add(step.value);
          this.#whole += step.value.bytes;
          this.#latest = [...this.#latest.slice(1 - RANGES), step.value];
          this.#beginToWrite(step.value);
          progress.add(step.value.skipped + step.value.bytes);
        }
      } finally {
        giveOffsets(offsets);
      }
    }, settings.signal).finally(() => this.#writing);
    return unable;
  }

  async #copyPart(name: "copy_file_range" | "sendfile", part: Part, offsets: Offsets): Promise<string | undefined> {
    const { source, paths } = this.#job;
    const end = part.offset + part.bytes;
    for (let offset = part.offset; offset < end;) {
      offsets.words.fill(BigInt(offset));
      const { result, errno } = await this.#call(name, offsets, end - offset);
      if (result < 0) {
        const error = new AioError(name, errno);
        if (UNABLE.includes(error.code)) return error.code;
        throw paths.failure(name, errno, `copy ${end - offset} bytes at offset ${offset}`);
      }
      if (result === 0) {
        checkSize(source, paths);
        return "it found no more data"; // a file system that answers so is read instead
      }
      offset += result;
      this.#moved += result;
    }
    return undefined;
  }

  /**
   * Gives the target its blocks before a part is copied. This is no more than help: what is refused here, be it for want
   * of room, comes with the data or is the copy's own error.
   */
  #giveBlocks({ offset, bytes }: Part): void {
    if (offset + bytes <= this.#blocksTo) return;
    const end = Math.min(this.#size, offset + BLOCKS_BYTES);
    this.#blocksTo = end;
    this.#thread.call("fallocate", this.#job.target.fd, 0, offset, end - offset).then(
      ({ result }) => {
        if (result !== 0) this.#blocksTo = Infinity;
      },
      () => {}, // the copy's own calls fail as well
    );
  }

  /** What will be synced is on its way to the disk while the next parts are copied. */
  #beginToWrite({ offset, bytes }: Part): void {
    const { settings, target } = this.#job;
    if (!settings.sync || !libc().has("sync_file_range")) return;
    // the sync at the end answers for it; this call only comes first
    this.#writing = this.#thread.call("sync_file_range", target.fd, offset, bytes, SYNC_FILE_RANGE_WRITE);
    this.#writing.catch(() => {});
  }

  #call(name: "copy_file_range" | "sendfile", offsets: Offsets, bytes: number) {
    const { source, target } = this.#job;
    const { address } = offsets;
    if (name === "copy_file_range") {
      return this.#thread.call(name, source.fd, address, target.fd, address + 8, bytes, 0);
    }
    libc().call.lseek(target.fd, Number(offsets.words[1]), SEEK_SET);
    return this.#thread.call(name, target.fd, source.fd, address, bytes);
  }
}

/**
 * Whether the target may have its blocks before its data. Where it replaces a file without a sync, ext4 writes out what
 * still waits for blocks before the new name lasts (`auto_da_alloc`, ext4(5)): a power cut leaves the old content or the
 * new one then. Blocks given beforehand would leave zeros.
 */
function mayHaveBlocks({ source, target, settings }: CopyJob): boolean {
  return !source.sparse && (settings.sync || target.existing === null);
}
