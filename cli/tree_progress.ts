/**
 * How far a copy of a folder is, on standard error: live lines on a terminal, a plain one now and then elsewhere.
 *
 * @module
 */

import process from "node:process";
import { environmentVariable } from "../ffi/environment.ts";
import type { TreeProgress } from "../transfer/tree/progress.ts";
import { formatBytes, formatRate, formatTime } from "./format.ts";
import { quoteName } from "./quote.ts";
import { cutTo, Screen, widthOf } from "./screen.ts";

/** Time between two plain lines, in milliseconds. */
const PLAIN_MS = 1000;

/** Columns of the bar, and of its brackets and the share with a sign that something was cut: in a narrow window the bar is the first to go. */
const BAR_COLUMNS = 20;
const BESIDE_COLUMNS = 10;

/** Files under way that are shown, at most. */
const FILES_SHOWN = 8;

/** Shows progress. */
export interface TreeLine {
  /** Takes a report. */
  update(progress: TreeProgress): void;
  /** Takes it away, before something else is printed. */
  clear(): void;
  /** Takes it away for good. */
  stop(): void;
}

/**
 * Makes the lines for one folder.
 *
 * @param label What is copied; `""` for several files.
 * @returns The lines; nothing is shown before the first report.
 */
export function treeProgress(label: string): TreeLine {
  return process.stderr.isTTY && environmentVariable("TERM") !== "dumb" ? live(label) : plain(label);
}

function live(label: string): TreeLine {
  const screen = new Screen();
  return {
    update: (progress) => screen.draw(linesOf(label, progress, screen.columns, screen.rows)),
    clear: () => screen.clear(),
    stop: () => screen.clear(),
  };
}

/**
 * What a terminal shows: a bar for everything, and beneath it the files under way.
 *
 * @param label What is copied; `""` for several files.
 * @param progress How far it is.
 * @param columns The width of the lines.
 * @param rows How many there can be.
 * @returns The lines, cut to the width.
 */
export function linesOf(label: string, progress: TreeProgress, columns: number, rows: number): string[] {
  const { bytes, bytesFound, underWay } = progress;
  const share = bytesFound === 0 ? 0 : Math.min(1, bytes / bytesFound);
  const counts = countsOf(progress);
  const room = Math.floor((columns - widthOf(counts) - BESIDE_COLUMNS) / 5) * 5; // in steps, so that it does not jitter
  const size = Math.max(0, Math.min(BAR_COLUMNS, room));
  const filled = Math.round(share * size);
  const bar = size === 0 ? "" : `[${"=".repeat(filled)}${" ".repeat(size - filled)}] `;
  const name = label === "" ? "" : `  ${quoteName(label)}`;
  const first = `${bar}${percent(bytes, bytesFound)}  ${counts}${name}`;
  const most = Math.max(0, Math.min(FILES_SHOWN, rows - 2));
  const files = underWay.slice(0, most).map(({ path, bytes, total }) => `${percent(bytes, total)}  ${quoteName(path)}`);
  const more = underWay.length - files.length;
  const rest = more > 0 && rows > files.length + 1 ? [`      and ${more} more`] : [];
  return [first, ...files, ...rest].map((line) => cutTo(line, columns));
}

function percent(bytes: number, total: number): string {
  return `${Math.floor(Math.min(1, bytes / Math.max(total, 1)) * 100)}%`.padStart(4);
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
  const names = progress.underWay.map(({ path, bytes, total }) => `${quoteName(path)} ${percent(bytes, total).trim()}`);
  return `${label === "" ? "" : `${quoteName(label)}  `}${countsOf(progress)}${
    names.length > 0 ? `  ${names.join(", ")}` : ""
  }`;
}

function countsOf({ files, filesFound, bytes, bytesFound, complete, milliseconds }: TreeProgress): string {
  const more = complete ? "" : "+";
  const left = formatTime((bytesFound - bytes) / Math.max(bytes, 1) * milliseconds);
  const counts = `${files} of ${filesFound}${more} files  ${formatBytes(bytes)} of ${formatBytes(bytesFound)}${more}`;
  return `${counts}  ${formatRate(bytes, milliseconds)}  ${left} left`;
}
