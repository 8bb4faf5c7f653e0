/**
 * `copy`: one file from here to there, by the kernel's calls or by asynchronous I/O.
 *
 * @module
 */

import { AioQueue } from "../queue/queue.ts";
import { sync } from "./single/access.ts";
import { chooseMethod } from "./single/choose.ts";
import type { Choice } from "./single/choose.ts";
import { copyByAio } from "./single/copy_aio.ts";
import { copyByKernel, KernelUnable } from "./single/copy_kernel.ts";
import type { CopyJob, CopyOutcome } from "./single/job.ts";
import { close, fsync } from "./single/open.ts";
import { checkOptions } from "./options.ts";
import type { CopyMethod, CopyOptions } from "./options.ts";
import { Paths } from "./single/paths.ts";
import { Progress } from "./single/progress.ts";
import { checkSize, openSource } from "./single/source.ts";
import { commit, discard, openTarget, setSize } from "./single/target.ts";

/**
 * Lanes of each file in a queue of the copy's own. Buffered writes to one file take turns at its lock anyway: a second
 * lane makes them 0.6 times as fast. Past the page cache reads and writes overlap at the disk.
 */
const LANES = 1;
const LANES_DIRECT = 4;

/** What a copy did. */
export interface CopyResult {
  /** The source, as it was given. */
  readonly source: string;
  /** Where the content is now: symbolic links followed, directories entered. */
  readonly target: string;
  /** The way that was taken. */
  readonly method: CopyMethod;
  /** Why this way. */
  readonly reason: string;
  /** What moved the data, in words. */
  readonly how: string;
  /** Bytes that were moved; holes are not. */
  readonly bytes: number;
  /** The size of the copy in bytes. */
  readonly size: number;
  /** Whether both files were accessed past the page cache. */
  readonly direct: boolean;
  /** How long it took, in milliseconds. */
  readonly milliseconds: number;
}

/**
 * Copies a file.
 *
 * A target that is absent or a regular file gets its new content and its name at once, by a temporary file beside it:
 * whatever happens, there is the old content, or the new one, or none if there was none. Other hard links to the old
 * file keep its content. A device or FIFO is written in place. If the target is a directory, the copy goes into it under
 * the source's name. Symbolic links are followed at both ends. Holes stay holes.
 *
 * A new file has the source's mode without what the umask takes away; a file that is replaced keeps its mode, and its
 * owner where that is allowed. A source that grows meanwhile is copied up to the size that it had; one that shrinks is
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
 * if both are the same file, EIO if the source has shrunk, ECANCELED, with the name `AbortError`, after an abort.
 * @throws {TypeError | RangeError} If an argument is wrong.
 */
export async function copy(
  source: string | URL,
  target: string | URL,
  options: CopyOptions = {},
): Promise<CopyResult> {
  const settings = checkOptions(options);
  const paths = new Paths(source, target);
  const progress = new Progress(settings.onProgress);
  const checkAbort = () => {
    if (settings.signal?.aborted) throw paths.aborted(settings.signal, 0);
  };
  checkAbort();
  const from = await openSource(paths, settings.direct, settings.signal);
  try {
    checkAbort();
    const to = await openTarget(paths, from, settings);
    const job: CopyJob = { source: from, target: to, paths, settings, progress };
    const moved = await run(job, checkAbort);
    const { milliseconds } = progress;
    return { source: paths.source, target: to.path, ...moved, direct: from.direct && to.direct, milliseconds };
  } finally {
    await close(from.fd);
  }
}

type Moved = Pick<CopyResult, "method" | "reason" | "how" | "bytes" | "size">;

/** Moves the data and gives it its name; the queue, if one is needed, lives as long as that. */
async function run(job: CopyJob, checkAbort: () => void): Promise<Moved> {
  const { settings, source, target, progress, paths } = job;
  let own: AioQueue | undefined;
  const lanes = source.direct && target.direct ? LANES_DIRECT : LANES;
  const queue = () => settings.queue ?? (own ??= new AioQueue({ depth: settings.depth, lanes }));
  try {
    let moved: Choice & CopyOutcome;
    try {
      checkAbort();
      progress.total = source.size;
      if (target.temporary !== null && source.size !== null) {
        // a file that has its size already is filled faster than one that grows: by about a tenth, on ext4
        const { size } = source;
        await paths.step("set the size of the copy", () => setSize(target, size));
      }
      moved = await move(job, queue);
      await checkSize(source, paths); // where it ended early there may have seemed to be a hole
      if (target.temporary !== null) {
        await paths.step("set the size of the copy", () => setSize(target, moved.size));
      }
      progress.finish(source.size === null ? moved.bytes : moved.size);
      checkAbort();
    } catch (error) {
      await own?.[Symbol.asyncDispose]();
      await discard(target);
      throw error;
    }
    const syncData = moved.method === "aio" ? (fd: number) => sync(queue(), fd) : fsync;
    await commit(target, source, paths, settings, syncData);
    const { method, reason, how, bytes, size } = moved;
    return { method, reason, how, bytes, size };
  } finally {
    await own?.[Symbol.asyncDispose]();
  }
}

async function move(job: CopyJob, queue: () => AioQueue): Promise<Choice & CopyOutcome> {
  const { settings, source, target, progress } = job;
  const choice = chooseMethod(source, target, settings);
  progress.method = choice.method;
  if (choice.method === "aio") return { ...choice, ...await copyByAio(job, queue()) };
  try {
    return { ...choice, ...await copyByKernel(job) };
  } catch (error) {
    if (!(error instanceof KernelUnable)) throw error;
    const reason = `the kernel cannot copy between these two (${error.message})`;
    progress.method = "aio";
    return { method: "aio", reason, ...await copyByAio(job, queue()) };
  }
}
