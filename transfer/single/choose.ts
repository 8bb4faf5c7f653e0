/**
 * Which way a copy goes, and why.
 *
 * @module
 */

import type { CopyMethod } from "./progress.ts";
import { isPlain } from "./copy_plain.ts";
import type { CopyJob } from "./job.ts";

/** Below this size a copy is over before a copy thread has started. */
const SMALL_BYTES = 1 << 22;

/** A way and the reason for it. */
export interface Choice {
  readonly method: CopyMethod | "plain";
  readonly reason: string;
}

/**
 * Chooses the way.
 *
 * @param job The copy.
 * @returns The way and the reason.
 */
export function chooseMethod(job: CopyJob): Choice {
  const { source, target, settings } = job;
  // the kernel's calls would wait on a pipe for ever, with nobody able to end it
  if (source.stream) return { method: "aio", reason: "the source is a pipe or a character device" };
  if (target.temporary === null) return { method: "aio", reason: "the target is written in place" };
  if (source.size === null) return { method: "aio", reason: "the source is empty or does not tell its size" };
  if (settings.method !== "auto") return { method: settings.method, reason: "asked for" };
  if (settings.direct) return { method: "aio", reason: "asked to pass by the page cache" };
  if (settings.queue !== undefined) return { method: "aio", reason: "a queue was given" };
  if (settings.throttle === undefined && isPlain(job)) {
    return { method: "plain", reason: "it is small, and both file systems are local" };
  }
  if (source.size < SMALL_BYTES) return { method: "aio", reason: "too small to start a copy thread for" };
  // measured on ext4, against cp: data in the page cache goes at its speed or a tenth faster by the kernel, at 0.8 times by
  // aio; data on the disk at the disk's speed by both
  return { method: "kernel", reason: "the kernel can move the data without bringing it into this process" };
}
