/**
 * How far a copy is, on standard error: a live line on a terminal, a plain line now and then elsewhere.
 *
 * @module
 */

import process from "node:process";
import { environmentVariable } from "../ffi/environment.ts";
import type { CopyProgress } from "../transfer/single/progress.ts";
import { formatBytes, formatRate, formatTime } from "./format.ts";
import { quoteName } from "./quote.ts";

/** Time between two plain lines, in milliseconds. */
const PLAIN_MS = 1000;

/** Shows progress. */
export interface ProgressLine {
  /** Takes a report. */
  update(progress: CopyProgress): void;
  /** Leaves the line, before anything else is printed. */
  stop(): void;
}

/** The part of `cli-progress` that is used here; it brings no types. */
interface Bar {
  start(total: number, value: number): void;
  update(value: number): void;
  setTotal(total: number): void;
  stop(): void;
}

/**
 * Makes the line for one file.
 *
 * @param label What is copied.
 * @returns The line; nothing is shown before its first report.
 */
export async function progressLine(label: string): Promise<ProgressLine> {
  if (!process.stderr.isTTY || environmentVariable("TERM") === "dumb") return plainLine(quoteName(label));
  try {
    return await liveLine(quoteName(label));
  } catch {
    return plainLine(quoteName(label)); // without cli-progress: a clone that nothing was installed in, a bundle
  }
}

async function liveLine(label: string): Promise<ProgressLine> {
  const { default: cliProgress } = await import("cli-progress");
  let latest: CopyProgress | undefined;
  const bar: Bar = new cliProgress.SingleBar({
    format: () => latest === undefined ? label : lineOf(label, latest, barSizeOf(lineOf(label, latest, 0))),
    stream: process.stderr,
    clearOnComplete: true,
    gracefulExit: false, // Ctrl-C is the copy's business
  });
  return {
    update(progress) {
      const first = latest === undefined;
      latest = progress;
      if (first) bar.start(progress.total ?? 0, progress.bytes);
      else bar.update(progress.bytes);
    },
    stop() {
      if (latest !== undefined) bar.stop();
      latest = undefined;
    },
  };
}

function plainLine(label: string): ProgressLine {
  let shownAt = 0;
  return {
    update(progress) {
      // the end is what the summary tells
      if (progress.milliseconds - shownAt < PLAIN_MS || progress.bytes === progress.total) return;
      shownAt = progress.milliseconds;
      process.stderr.write(`${lineOf(label, progress, 0)}\n`);
    },
    stop() {},
  };
}

/** How long a bar has room beside the words, of a few lengths, so that it seldom changes; a terminal that does not know its width says 0. */
function barSizeOf({ length }: string): number {
  const room = (process.stderr.columns || 80) - length - "[] ".length;
  return [20, 10, 5].find((size) => size <= room) ?? 0;
}

/** Bytes, share, rate and time left. */
function lineOf(label: string, { bytes, total, milliseconds }: CopyProgress, barSize: number): string {
  const rate = formatRate(bytes, milliseconds);
  if (total === null) return `${label}  ${formatBytes(bytes)}  ${rate}`;
  const share = total === 0 ? 1 : Math.min(1, bytes / total);
  const filled = Math.round(share * barSize);
  const bar = barSize === 0 ? "" : `[${"=".repeat(filled)}${" ".repeat(barSize - filled)}] `;
  const left = formatTime((total - bytes) / Math.max(bytes, 1) * milliseconds);
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  return `${label}  ${bar}${percent}  ${formatBytes(bytes)} of ${formatBytes(total)}  ${rate}  ${left} left`;
}
