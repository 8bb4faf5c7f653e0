/**
 * How far a copy of a folder is, on standard error: a live line on a terminal, a plain one now and then elsewhere.
 *
 * @module
 */

import process from "node:process";
import { environmentVariable } from "../ffi/environment.ts";
import type { TreeProgress } from "../transfer/tree/progress.ts";
import { formatBytes, formatRate, formatTime } from "./format.ts";
import { quoteName } from "./quote.ts";

/** Time between two plain lines, in milliseconds. */
const PLAIN_MS = 1000;

/** Shows progress. */
export interface TreeLine {
  /** Takes a report. */
  update(progress: TreeProgress): void;
  /** Clears the line, before something else is printed. */
  clear(): void;
  /** Leaves it. */
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
 * Makes the line for one folder.
 *
 * @param label What is copied; `""` for several files.
 * @returns The line; nothing is shown before its first report.
 */
export async function treeProgress(label: string): Promise<TreeLine> {
  if (!process.stderr.isTTY || environmentVariable("TERM") === "dumb") return plain(label);
  try {
    return await live(label);
  } catch {
    return plain(label); // without cli-progress
  }
}

async function live(label: string): Promise<TreeLine> {
  const { default: cliProgress } = await import("cli-progress");
  let latest: TreeProgress | undefined;
  const bar: Bar = new cliProgress.SingleBar({
    format: () => latest === undefined ? label : cut(lineOf(label, latest), process.stderr.columns ?? 80),
    stream: process.stderr,
    clearOnComplete: true,
    linewrap: true,
    gracefulExit: false, // Ctrl-C is the copy's business
  });
  let running = false;
  const stop = () => {
    if (running) bar.stop();
    running = false;
  };
  return {
    update(progress) {
      latest = progress;
      if (running) {
        bar.setTotal(progress.bytesFound);
        bar.update(progress.bytes);
      } else bar.start(progress.bytesFound, progress.bytes);
      running = true;
    },
    clear: stop,
    stop,
  };
}

function plain(label: string): TreeLine {
  let shownAt = 0;
  return {
    update(progress) {
      const { files, filesFound, complete, milliseconds } = progress;
      // the end is what the summary tells
      if (milliseconds - shownAt < PLAIN_MS || complete && files === filesFound) return;
      shownAt = milliseconds;
      process.stderr.write(`${lineOf(label, progress)}\n`);
    },
    clear() {},
    stop() {},
  };
}

/** Files, bytes, rate, time left, and what is under way. */
function lineOf(label: string, progress: TreeProgress): string {
  const { files, filesFound, bytes, bytesFound, complete, underWay, milliseconds } = progress;
  const more = complete ? "" : "+";
  const left = formatTime((bytesFound - bytes) / Math.max(bytes, 1) * milliseconds);
  const names = underWay.map(({ path, bytes, total }) =>
    `${quoteName(path)} ${Math.floor(bytes / Math.max(total, 1) * 100)}%`
  );
  return `${label === "" ? "" : `${quoteName(label)}  `}${files} of ${filesFound}${more} files  ${
    formatBytes(bytes)
  } of ${formatBytes(bytesFound)}` +
    `${more}  ${formatRate(bytes, milliseconds)}  ${left} left${names.length > 0 ? `  ${names.join(", ")}` : ""}`;
}

function cut(line: string, columns: number): string {
  const letters = [...line];
  return letters.length < columns ? line : `${letters.slice(0, Math.max(1, columns - 2)).join("")}…`;
}
