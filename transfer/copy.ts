/**
 * `copy`: one file from here to there, by the kernel's calls or by asynchronous I/O.
 *
 * @module
 */

import fs from "node:fs";
import { sync } from "./single/access.ts";
import { chooseMethod } from "./single/choose.ts";
import type { Choice } from "./single/choose.ts";
import { commit, discard, setSize } from "./single/commit.ts";
import { copyByAio } from "./single/copy_aio.ts";
import { copyByKernel, KernelUnable } from "./single/copy_kernel.ts";
import type { CopyJob, CopyOutcome } from "./single/job.ts";
import { fsync } from "./single/open.ts";
import { Paths } from "./single/paths.ts";
import { Progress } from "./single/progress.ts";
import type { CopyMethod } from "./single/progress.ts";
import { copyPlain } from "./single/copy_plain.ts";
import { CopyQueues } from "./single/queues.ts";
import { checkSize, checkSteady, openSource } from "./single/source.ts";
import { isStandardInput, leaveAt, STANDARD_INPUT } from "./single/standard.ts";
import { openTarget } from "./single/target.ts";
import { filesGate } from "./threads/limits.ts";
import { checkOptions } from "./options.ts";
import type { CopyOptions, CopySettings } from "./options.ts";

/** What a copy did. */
export interface CopyResult {
  /** The source, as it was given. */
  readonly source: string;
  /** Where the content is now: symbolic links followed, directories entered. */
  readonly target: string;
  /** The way that was taken. */
  readonly method: CopyMethod | "plain";
  /** Why this way. */
  readonly reason: string;
  /** What moved the data, in words. */
  readonly how: string;
  /** Bytes that were moved; holes are not. */
  readonly bytes: number;
  /** Bytes that an earlier copy had moved, which was gone on with. */
  readonly resumed: number;
  /** Why an earlier copy was not gone on with, in words; empty if there was none, or it was. */
  readonly anew: string;
  /** The size of the copy in bytes. */
  readonly size: number;
  /** Whether both files were accessed past the page cache. */
  readonly direct: boolean;
  /** Whether the target's file was written itself, instead of being replaced. */
  readonly inPlace: boolean;
  /** What of the old file or of the source could not be kept, in words: owner, group, lists, attributes. */
  readonly notKept: readonly string[];
  /** How long it took, in milliseconds. */
  readonly milliseconds: number;
}

/**
 * Copies a file.
 *
 * A target that is absent or a regular file gets its new content and its name at once, by a temporary file beside it:
 * whatever happens, there is the old content, or the new one, or none if there was none. Other hard links to the old
 * file keep its content. A device or FIFO is written in place. If the target is a directory, the copy goes into it under
 * the source's name. Symbolic links are followed at both ends. Holes stay holes. `/dev/stdin` and `/dev/stdout` are what is
 * open there already, from its position on: nothing is replaced or emptied.
 *
 * A new file has the source's mode without what the umask takes away; a file that is replaced keeps its owner, group, mode,
 * access control list and attributes, and is never accessible to more than before. A source that grows meanwhile is copied up to the size that it had; one that shrinks is
 * an error.
 *
 * @example
 * ```ts
 * import { copy } from "@posix/aio";
 *
 * const { bytes, method, milliseconds } = await copy("README.md", "/tmp/README.copy", { sync: true });
 * console.log(`${bytes} bytes by ${method} in ${Math.round(milliseconds)} ms`);
 * ```
 *
 * @param source The file to copy.
 * @param target The file to write, or the directory to write to.
 * @param options See {@linkcode CopyOptions}.
 * @returns Which way was taken and why, how much was moved, how long it took.
 * @throws {AioError} What the system refused; the message names both ends. EISDIR if the source is a directory, EINVAL
 * if both are the same file, EIO if the source has shrunk. After an abort, the signal's reason is thrown as it is.
 * @throws {TypeError | RangeError} If an argument is wrong.
 */
export async function copy(
  source: string | URL,
  target: string | URL,
  options: CopyOptions = {},
): Promise<CopyResult> {
  return await copyWith(source, target, checkOptions(options));
}

/**
 * Copies a file as {@linkcode copy} does, with options that are checked already.
 *
 * @param source The file to copy.
 * @param target The file to write, or the directory to write to.
 * @param settings The options.
 * @returns What {@linkcode copy} returns.
 */
export async function copyWith(
  source: string | URL,
  target: string | URL,
  settings: CopySettings,
): Promise<CopyResult> {
  const paths = new Paths(source, target);
  const { signal } = settings;
  signal?.throwIfAborted();
  const leave = await filesGate().take(1, signal);
  try {
    return await copyFile(paths, settings, leave);
  } finally {
    leave();
  }
}

/** Opens both ends, moves the data and gives it its name; a pipe's copy gives its place to others, for it may take for ever. */
async function copyFile(paths: Paths, settings: CopySettings, leave: () => void): Promise<CopyResult> {
  const { signal } = settings;
  const progress = new Progress(settings.onProgress);
  const from = await openSource(paths, settings.direct, signal, leave);
  try {
    signal?.throwIfAborted();
    const to = await openTarget(paths, from, settings, leave);
    const job: CopyJob = { source: from, target: to, paths, settings, progress };
    const { notKept, ...moved } = await run(job);
    if (isStandardInput(paths.source) && !from.stream) leaveAt(STANDARD_INPUT, from.base + moved.size);
    if (to.given && !to.stream) leaveAt(to.fd, to.base + moved.size);
    return {
      ...{ source: paths.source, target: to.path, ...moved },
      ...{ resumed: to.journal?.resumed ?? 0, anew: to.anew },
      ...{ direct: from.direct && to.direct, inPlace: to.temporary === null, notKept },
      milliseconds: progress.milliseconds,
    };
  } finally {
    if (!from.given) fs.closeSync(from.fd); // it was only read
  }
}

type Moved = Pick<CopyResult, "method" | "reason" | "how" | "bytes" | "size" | "notKept">;

/** Moves the data and gives it its name; the queue, if one is needed, lives as long as that. */
async function run(job: CopyJob): Promise<Moved> {
  const { settings, source, target, progress, paths } = job;
  const queues = new CopyQueues(job);
  try {
    let moved: Choice & CopyOutcome;
    try {
      settings.signal?.throwIfAborted();
      progress.total = source.size;
      if (gainsBySize(job)) {
        // a file that has its size already is filled faster than one that grows: by about a tenth, on ext4
        await setSize(target, source.size as number).catch(() => {});
      }
      moved = await move(job, queues);
      if (moved.method !== "plain") checkSize(source, paths); // where it ended early there may have seemed to be a hole
      if (settings.ofMany || target.journal !== null) checkSteady(source, paths);
      if (target.temporary !== null && moved.method !== "plain") {
        await paths.step("set the size of the copy", () => setSize(target, moved.size));
      }
      progress.finish(source.size === null ? moved.bytes : moved.size);
      settings.signal?.throwIfAborted();
    } catch (error) {
      await queues.close();
      await discard(target);
      throw target.damaged ? paths.damaged(error) : error;
    }
    const syncData = moved.method === "aio" ? (fd: number) => sync(queues.get(), fd) : fsync;
    const notKept = await commit(target, source, paths, settings, syncData);
    const { method, reason, how, bytes, size } = moved;
    return { method, reason, how, bytes, size, notKept };
  } finally {
    await queues.close();
  }
}

/** Whether a copy gains by having its size before its data: not where one write brings it, or the file system takes none. */
function gainsBySize({ source, target, settings }: CopyJob): boolean {
  return target.temporary !== null && !target.ordered && source.size !== null && source.size > settings.chunkBytes;
}

async function move(job: CopyJob, queues: CopyQueues): Promise<Choice & CopyOutcome> {
  const { progress } = job;
  const choice = chooseMethod(job);
  progress.method = choice.method;
  if (choice.method === "plain") {
    const moved = copyPlain(job);
    if (moved !== undefined) return { ...choice, ...moved };
    progress.method = "aio";
    const reason = "it is small, but not in the page cache";
    return { method: "aio", reason, ...await copyByAio(job, queues.get()) };
  }
  if (choice.method === "aio") return { ...choice, ...await copyByAio(job, queues.get()) };
  try {
    return { ...choice, ...await copyByKernel(job) };
  } catch (error) {
    if (!(error instanceof KernelUnable)) throw error;
    const reason = `the kernel cannot copy between these two (${error.message})`;
    progress.method = "aio";
    return { method: "aio", reason, ...await copyByAio(job, queues.get(), error.begun) };
  }
}
