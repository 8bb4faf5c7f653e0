/**
 * What `aio bench` has measured, as a table that fits a terminal of 80 columns.
 *
 * @module
 */

import { paint } from "./color.ts";
import { formatBytes } from "./format.ts";
import type { Percentiles } from "./latencies.ts";

/** One row of the table. */
export interface Row {
  /** By what, from where, and at which depth. */
  readonly name: string;
  readonly blockBytes: number;
  readonly depth: number;
  /** Requests each second, or why there are none. */
  readonly rate: number | string;
  /** How long they took, in microseconds. */
  readonly latency?: Percentiles | undefined;
}

/** How many columns the longest bar takes. */
const BAR_COLUMNS = 12;

/**
 * The table.
 *
 * @param rows What was measured.
 * @returns Its lines, a group for each size of a block.
 */
export function table(rows: readonly Row[]): string {
  let text = "";
  for (const blockBytes of new Set(rows.map((row) => row.blockBytes))) {
    const group = rows.filter((row) => row.blockBytes === blockBytes);
    const most = Math.max(...group.map(({ rate }) => typeof rate === "number" ? rate : 0));
    const width = Math.max(...group.map(({ name }) => name.length));
    const title = `${blockBytes === 4096 ? "random" : "sequential"} reads of ${formatBytes(blockBytes)}`;
    text += `\n${title.padEnd(width + 4)}${"rate".padStart(10)}${"median".padStart(9)}${"99 %".padStart(9)}\n`;
    for (const { name, rate, latency } of group) {
      text += `  ${name.padEnd(width)}  `;
      if (typeof rate === "string") {
        text += `${rate}\n`;
        continue;
      }
      const bar = paint(1, "bar", "█".repeat(Math.max(1, Math.round(rate / most * BAR_COLUMNS))));
      const times = [latency?.p50, latency?.p99].map((time) => formatMicroseconds(time).padStart(9)).join("");
      text += `${rateText({ blockBytes, rate }).padStart(10)}${times} ${bar}\n`;
    }
  }
  return text;
}

/**
 * A rate: thousands of small requests, bytes of large ones.
 *
 * @param row The size of a request in bytes, and how many there are a second.
 * @returns Its text, of at most ten columns.
 */
export function rateText({ blockBytes, rate }: { readonly blockBytes: number; readonly rate: number }): string {
  if (blockBytes > 4096) return `${formatBytes(rate * blockBytes)}/s`;
  return rate >= 1000 ? `${(rate / 1000).toFixed(1)} k/s` : `${rate.toFixed(0)} /s`;
}

/**
 * A short time.
 *
 * @param microseconds The time, if it is known.
 * @returns Its text, of at most eight columns.
 */
export function formatMicroseconds(microseconds: number | undefined): string {
  if (microseconds === undefined) return "";
  const [value, unit] = microseconds < 999.5
    ? [microseconds, "µs"]
    : microseconds < 999_500
    ? [microseconds / 1000, "ms"]
    : [microseconds / 1e6, "s"];
  return `${value.toFixed(value < 9.95 ? 1 : 0)} ${unit}`;
}
