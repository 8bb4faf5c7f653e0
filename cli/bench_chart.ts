/**
 * What `aio bench` has measured, as an SVG: rates over the requests in flight, latencies as percentiles, and the rates of
 * large blocks.
 *
 * It is written here, without a library: vega and vega-lite, which draw the charts of the repository's benchmark, bring tens
 * of packages that everybody who has the command would have to fetch, for three panels.
 *
 * @module
 */

import { door } from "../ffi/door.ts";
import { formatMicroseconds, rateText } from "./bench_table.ts";
import type { Row } from "./bench_table.ts";
import { formatBytes } from "./format.ts";
import { PERCENTILES } from "./latencies.ts";
import type { Percentiles } from "./latencies.ts";
import { quoteName } from "./quote.ts";

/** What was measured. */
export interface Measured {
  /** The file. */
  readonly path: string;
  /** Its size in bytes. */
  readonly size: number;
  /** Length of each measurement. */
  readonly seconds: number;
}

/** A row that was not left out. */
type Point = Row & { readonly rate: number };

const WIDTH = 960;
/** Height of the two panels in which lines are drawn. */
const HEIGHT = 260;
const TOP = 110;
/** Their left and right edges. */
const RATES = { left: 70, right: 440 } as const;
const TIMES = { left: 540, right: 830 } as const;
/** Easy to tell apart, whatever colours one sees (Okabe and Ito's). */
const COLORS = ["#0072b2", "#d55e00", "#767676", "#009e73", "#cc79a7"];
const TICKS = [...PERCENTILES.map((one) => `p${one}` as keyof Percentiles), "max" as const];

/**
 * Draws it.
 *
 * @param rows The rows, those that were left out among them.
 * @param measured What they are of.
 * @returns The text of an SVG file.
 */
export function chart(rows: readonly Row[], { path, size, seconds }: Measured): string {
  const { runtime, version } = door();
  const points = rows.filter((row): row is Point => typeof row.rate === "number");
  const small = points.filter(({ blockBytes }) => blockBytes === 4096);
  const large = points.filter(({ blockBytes }) => blockBytes !== 4096);
  const names = [...new Set(points.map(seriesOf))];
  const color = (row: Row) => COLORS[names.indexOf(seriesOf(row)) % COLORS.length];
  const below = TOP + HEIGHT + 80;
  const left = rows.filter(({ rate }) => typeof rate === "string");
  const leftTop = below + 30 + large.length * 26;
  const height = leftTop + left.length * 16 + 10;
  const about = `${formatBytes(size)}; ${runtime} ${version}; ${seconds} s each`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" \
font-family="sans-serif" font-size="11" fill="#222">
<title>aio bench ${escaped(quoteName(path))}</title>
<rect width="${WIDTH}" height="${height}" fill="#fff"/>
${text(20, 28, `aio bench ${quoteName(path)}`, 'font-size="16" font-weight="bold"')}
${text(20, 46, about, 'fill="#555"')}
${names.map((name, index) => legend(name, index)).join("\n")}
${small.length > 0 ? rates(small, color) + latencies(small, color) : ""}\
${large.length > 0 ? bars(large, color, below) : ""}\
${
    left.map(({ name, rate }, index) => text(20, leftTop + index * 16, `${name}: ${rate}`, 'fill="#555"') + "\n").join(
      "",
    )
  }\
</svg>
`;
}

/** Its name without the depth. */
function seriesOf({ name }: Row): string {
  return name.replace(/, \d+ in flight$/, "");
}

function legend(name: string, index: number): string {
  const x = 20 + index * 180;
  const color = COLORS[index % COLORS.length];
  return `<rect x="${x}" y="58" width="12" height="12" fill="${color}"/>${text(x + 18, 68, name)}`;
}

/** Rates of small blocks over the depth. */
function rates(points: readonly Point[], color: (row: Row) => string): string {
  const depths = [...new Set(points.map(({ depth }) => depth))].sort((a, b) => a - b);
  const step = niceStep(Math.max(...points.map(({ rate }) => rate)));
  const most = Math.ceil(Math.max(...points.map(({ rate }) => rate)) / step) * step;
  const [first, last] = [Math.log2(depths[0]), Math.log2(depths[depths.length - 1])];
  const x = (depth: number) =>
    RATES.left + 30 + (RATES.right - RATES.left - 60) * (Math.log2(depth) - first) / Math.max(1, last - first);
  const y = (rate: number) => TOP + HEIGHT - HEIGHT * rate / most;
  let drawn = text(RATES.left, TOP - 12, "random reads of 4 KiB a second, over requests in flight", BOLD) + "\n";
  for (let rate = 0; rate <= most * 1.0001; rate += step) {
    drawn += grid(RATES, y(rate)) + text(RATES.left - 6, y(rate) + 4, thousands(rate), END) + "\n";
  }
  for (const depth of depths) drawn += text(x(depth), TOP + HEIGHT + 18, String(depth), MIDDLE) + "\n";
  const series = [...new Set(points.map(seriesOf))];
  series.forEach((name, index) => {
    const own = points.filter((row) => seriesOf(row) === name).sort((a, b) => a.depth - b.depth);
    drawn += line(own.map(({ depth, rate }) => [x(depth), y(rate)]), color(own[0]));
    for (const { depth, rate, ...row } of own) {
      const [cx, cy] = [round(x(depth)), round(y(rate))];
      const tip = `${row.name}: ${rateText({ blockBytes: row.blockBytes, rate })}`;
      drawn += `<circle cx="${cx}" cy="${cy}" r="3.5" fill="${color(own[0])}"><title>${escaped(tip)}</title></circle>`;
      const above = index === 0 ? -8 : 16;
      drawn += text(cx, cy + above, thousands(rate), `${MIDDLE} fill="${color(own[0])}"`) + "\n";
    }
  });
  return drawn;
}

/** Latencies of small blocks, a line for each depth. */
function latencies(points: readonly Point[], color: (row: Row) => string): string {
  const told = points.filter(({ latency }) => latency !== undefined);
  const all = told.flatMap(({ latency }) => TICKS.map((tick) => Math.max(0.1, latency![tick])));
  const [low, high] = [Math.floor(Math.log10(Math.min(...all))), Math.ceil(Math.log10(Math.max(...all) * 1.001))];
  const x = (index: number) => TIMES.left + 20 + (TIMES.right - TIMES.left - 40) * index / (TICKS.length - 1);
  const y = (time: number) => TOP + HEIGHT - HEIGHT * (Math.log10(Math.max(0.1, time)) - low) / (high - low);
  let drawn = text(TIMES.left, TOP - 12, "their latencies: so many of 100 took at most", BOLD) + "\n";
  for (let power = low; power <= high; power++) {
    drawn += grid(TIMES, y(10 ** power)) + text(TIMES.left - 6, y(10 ** power) + 4, decade(10 ** power), END) + "\n";
  }
  TICKS.forEach((tick, index) => drawn += text(x(index), TOP + HEIGHT + 18, tick.replace("p", ""), MIDDLE) + "\n");
  const ends = told.map((row) => ({ row, at: y(row.latency!.max) })).sort((a, b) => a.at - b.at);
  for (let index = 1; index < ends.length; index++) ends[index].at = Math.max(ends[index].at, ends[index - 1].at + 12);
  const over = Math.max(0, (ends.at(-1)?.at ?? 0) - (TOP + HEIGHT));
  for (const { row, at } of ends) {
    const tip = TICKS.map((tick) => `${tick} ${formatMicroseconds(row.latency![tick])}`).join(", ");
    drawn += `<g><title>${escaped(`${row.name}: ${tip}`)}</title>`;
    drawn += line(TICKS.map((tick, index) => [x(index), y(row.latency![tick])]), color(row));
    const end = `${row.depth}: ${formatMicroseconds(row.latency!.p50)}, ${formatMicroseconds(row.latency!.p99)}`;
    drawn += text(TIMES.right - 12, at - over + 4, end, `fill="${color(row)}" font-size="10"`) + "</g>\n";
  }
  return drawn + text(TIMES.right - 12, TOP - 12, "in flight: 50, 99 %", 'fill="#555" font-size="10"') + "\n";
}

/** Large blocks: a bar for each way. */
function bars(points: readonly Point[], color: (row: Row) => string, top: number): string {
  const most = Math.max(...points.map(({ rate }) => rate));
  let drawn = text(20, top - 16, `sequential reads of ${formatBytes(points[0].blockBytes)}`, BOLD) + "\n";
  points.forEach((row, index) => {
    const y = top + index * 26;
    const width = round(Math.max(1, 380 * row.rate / most));
    const { p50, p99 } = row.latency ?? {};
    const times = row.latency === undefined
      ? ""
      : `; 50 %: ${formatMicroseconds(p50)}, 99 %: ${formatMicroseconds(p99)}`;
    drawn += text(230, y + 13, row.name, END);
    drawn += `<rect x="240" y="${y}" width="${width}" height="18" fill="${color(row)}"/>`;
    drawn += text(248 + width, y + 13, `${rateText(row)}${times}`) + "\n";
  });
  return drawn;
}

const BOLD = 'font-weight="bold"';
const END = 'text-anchor="end"';
const MIDDLE = 'text-anchor="middle"';

function grid({ left, right }: { readonly left: number; readonly right: number }, y: number): string {
  return `<path d="M${left} ${round(y)}H${right}" stroke="#ddd"/>`;
}

function line(points: readonly (readonly [number, number])[], color: string): string {
  if (points.length < 2) return "";
  const path = points.map(([x, y]) => `${round(x)} ${round(y)}`).join("L");
  return `<path d="M${path}" fill="none" stroke="${color}" stroke-width="1.5"/>\n`;
}

function text(x: number, y: number, content: string, attributes = ""): string {
  return `<text x="${round(x)}" y="${round(y)}"${attributes && ` ${attributes}`}>${escaped(content)}</text>`;
}

/** A text that XML takes, whatever is in it. */
function escaped(content: string): string {
  return content.replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** 1, 2 or 5 times a power of ten: at most six of it are enough. */
function niceStep(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most / 5));
  return ([1, 2, 5, 10].find((factor) => factor * power * 5.5 >= most) as number) * power;
}

function thousands(rate: number): string {
  if (rate < 1000) return rate.toFixed(0);
  return `${rate >= 100_000 ? (rate / 1000).toFixed(0) : Number((rate / 1000).toPrecision(3))} k`;
}

function decade(microseconds: number): string {
  if (microseconds >= 1e6) return `${microseconds / 1e6} s`;
  return microseconds >= 1000 ? `${microseconds / 1000} ms` : `${Number(microseconds.toPrecision(1))} µs`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
