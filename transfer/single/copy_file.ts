/**
 * One file's copy from its beginning to its end: both ends are opened, the data is moved, the copy gets its name.
 *
 * Small files go by one read and one write; the other ways are loaded when a file takes one of them.
 *
 * @module
 */

import fs from "node:fs";
import type { CopySettings } from "../options.ts";
import { filesGate } from "../threads/limits.ts";
import { chooseMethod } from "./choose.ts";
import type { Choice } from "./choose.ts";
import { commit, discard, setSize } from "./commit.ts";
import { copyPlain } from "./copy_plain.ts";
import type { CopyJob, CopyOutcome } from "./job.ts";
import { fsync } from "./open.ts";
import { Paths } from "./paths.ts";
import { Progress } from "./progress.ts";
import type { CopyResult } from "./result.ts";
import { checkSize, checkSteady, openSource } from "./source.ts";
import { isStandardInput, leaveAt, STANDARD_INPUT } from "./standard.ts";
import { openTarget } from "./target.ts";
import type { Ways } from "./ways.ts";

/**
 * Copies a file as `copy` does, with options that are checked already.
 *
 * @param source The file to copy.
 * @param target The file to write, or the directory to write to.
 * @param settings The options.
 * @returns What `copy` returns.
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

/** Moves the data and gives it its name; a queue of its own, if it needs one, lives as long as that. */
async function run(job: CopyJob): Promise<Moved> {
  const { settings, source, target, progress, paths } = job;
  let ways: Ways | undefined;
  try {
    let moved: Choice & CopyOutcome;
    try {
      settings.signal?.throwIfAborted();
      progress.total = source.size;
      if (gainsBySize(job)) {
        // a file that has its size already is filled faster than one that grows: by about a tenth, on ext4
        await setSize(target, source.size as number).catch(() => {});
      }
      const choice = chooseMethod(job);
      progress.method = choice.method;
      const plain = choice.method === "plain" ? copyPlain(job) : undefined;
      if (plain !== undefined) {
        moved = { ...choice, ...plain };
      } else {
        ways = new (await import("./ways.ts")).Ways(job);
        moved = await ways.move(choice);
      }
      if (moved.method !== "plain") checkSize(source, paths); // where it ended early there may have seemed to be a hole
      if (settings.ofMany || target.journal !== null) checkSteady(source, paths);
      if (target.temporary !== null && moved.method !== "plain") {
        await paths.step("set the size of the copy", () => setSize(target, moved.size));
      }
      progress.finish(source.size === null ? moved.bytes : moved.size);
      settings.signal?.throwIfAborted();
    } catch (error) {
      await ways?.close();
      await discard(target);
      throw target.damaged ? paths.damaged(error) : error;
    }
    const syncData = moved.method === "aio" && ways !== undefined ? ways.sync : fsync;
    const notKept = await commit(target, source, paths, settings, syncData);
    const { method, reason, how, bytes, size } = moved;
    return { method, reason, how, bytes, size, notKept };
  } finally {
    await ways?.close();
  }
}

/** Whether a copy gains by having its size before its data: not where one write brings it, or the file system takes none. */
function gainsBySize({ source, target, settings }: CopyJob): boolean {
  return target.temporary !== null && !target.ordered && source.size !== null && source.size > settings.chunkBytes;
}
