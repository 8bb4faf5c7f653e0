/**
 * `aio bench FILE`: what a disk and this package can do together, in under a minute, without writing a byte.
 *
 * @module
 */

import fs from "node:fs";
import { performance } from "node:perf_hooks";
import process from "node:process";
import { AioError } from "../ffi/errno.ts";
import type { EngineName } from "../engine/engine_name.ts";
import { AioQueue } from "../queue/queue.ts";
import { platform } from "../structs/platform.ts";
import { paint } from "./color.ts";
import type { Command } from "./command.ts";
import { formatBytes } from "./format.ts";
import { measure } from "./measure.ts";
import type { Measurement } from "./measure.ts";
import { optionTable } from "./spec/spec.ts";
import { BENCH } from "./spec/tell.ts";
import { asUsage, parse, UsageError } from "./usage.ts";

/** The least size of a file that tells anything, in bytes. */
const FILE_BYTES_MIN = 1 << 20;

/** How many columns the longest bar takes. */
const BAR_COLUMNS = 36;

/** One row of the table. */
interface Row {
  readonly name: string;
  readonly blockBytes: number;
  readonly depth: number;
  /** Requests each second, or why there are none. */
  readonly rate: number | string;
}

/** Measures reads of a file. */
export const benchCommand: Command = {
  async run(args) {
    const { values, positionals } = parse(args, optionTable(BENCH));
    if (positionals.length !== 1) throw new UsageError(`expected one FILE, got ${positionals.length}`);
    const seconds = Number(values.seconds ?? 1);
    if (!(seconds > 0 && seconds <= 60)) {
      throw new UsageError(`--seconds "${values.seconds}": expected a number above 0, up to 60`);
    }
    const engine = engineOf(values.engine);
    const [path] = positionals;
    const { size, fd } = openRegular(path);
    const rows: Row[] = [];
    const add = (row: Row) => {
      rows.push(row);
      if (values.json) process.stdout.write(JSON.stringify(row) + "\n");
    };
    try {
      if (!values.json) process.stdout.write(`${path}: ${formatBytes(size)}; reading ...\n`);
      warm(fd, size);
      const milliseconds = seconds * 1000;
      const name = engine === "posix" ? "aio" : engine;
      for (const depth of [1, 4, 32, 128]) {
        const run = { fd, size, blockBytes: 4096, depth, milliseconds, engine };
        add(await row(`${name}, page cache, ${depth} in flight`, run));
      }
      const peer = { fd, size, blockBytes: 4096, depth: 32, milliseconds, engine };
      add(await nodeRow("node:fs, page cache, 32 in flight", peer));
      add(await row(`${name}, page cache, 8 in flight`, { ...peer, blockBytes: 1 << 20, depth: 8 }));
      await measureDirect(path, { name, size, milliseconds, engine }, add);
    } finally {
      fs.closeSync(fd);
    }
    if (!values.json) process.stdout.write(table(rows));
    return 0;
  },
};

/** The engine that was asked for, if it can be had here. */
function engineOf(value: string | boolean | undefined): EngineName {
  return asUsage(() => new AioQueue({ engine: (value ?? "posix") as EngineName | "auto" })).engine;
}

interface Run {
  readonly engine: EngineName;
  readonly fd: number;
  readonly size: number;
  readonly blockBytes: number;
  readonly depth: number;
  readonly milliseconds: number;
}

async function measureDirect(
  path: string,
  { name, ...how }: Pick<Run, "size" | "milliseconds" | "engine"> & { readonly name: string },
  add: (row: Row) => void,
): Promise<void> {
  const names = [1, 32, 128].map((depth) => ({
    name: `${name}, O_DIRECT, ${depth} in flight`,
    blockBytes: 4096,
    depth,
  }));
  names.push({ name: `${name}, O_DIRECT, 8 in flight`, blockBytes: 1 << 20, depth: 8 });
  let direct: number;
  try {
    const { openFlags } = platform();
    if (openFlags.O_DIRECT === undefined) throw new Error("this system has no O_DIRECT");
    direct = fs.openSync(path, openFlags.O_RDONLY | openFlags.O_DIRECT);
  } catch (error) {
    for (const one of names) add({ ...one, rate: `left out: the file system cannot: ${(error as Error).message}` });
    return;
  }
  try {
    for (const one of names) add(await row(one.name, { fd: direct, ...how, ...one }));
  } finally {
    fs.closeSync(direct);
  }
}

async function row(name: string, { fd, size, blockBytes, depth, milliseconds, engine }: Run): Promise<Row> {
  if (size < blockBytes) {
    return { name, blockBytes, depth, rate: `left out: the file is smaller than ${blockBytes} bytes` };
  }
  try {
    const measured = await measure({
      fd,
      fileBytes: size,
      op: "read",
      order: blockBytes === 4096 ? "random" : "sequential",
      blockBytes,
      depth,
      style: depth === 1 ? "promise" : "batches",
      lanes: "auto",
      engine,
      warmUpMs: milliseconds,
      measureMs: milliseconds,
    });
    return { name, blockBytes, depth, rate: rateOf(measured) };
  } catch (error) {
    return { name, blockBytes, depth, rate: `left out: ${(error as Error).message}` };
  }
}

/** The same reads by `node:fs`, whichever runtime it belongs to. */
async function nodeRow(name: string, { fd, size, blockBytes, depth, milliseconds }: Run): Promise<Row> {
  const begin = performance.now() + milliseconds; // after a warm-up as long as ours
  const until = begin + milliseconds;
  let requests = 0;
  await Promise.all(Array.from({ length: depth }, () =>
    new Promise<void>((resolve, reject) => {
      const buffer = new Uint8Array(blockBytes);
      const blocks = Math.floor(size / blockBytes);
      const step = () =>
        fs.read(fd, buffer, 0, blockBytes, Math.floor(Math.random() * blocks) * blockBytes, (error) => {
          if (error) return reject(error);
          const now = performance.now();
          if (now >= begin) requests++;
          if (now < until) step();
          else resolve();
        });
      step();
    })));
  return { name, blockBytes, depth, rate: rateOf({ requests, seconds: (performance.now() - begin) / 1000 }) };
}

function rateOf({ requests, seconds }: Measurement): number {
  return requests / seconds;
}

function openRegular(path: string): { size: number; fd: number } {
  let fd: number;
  try {
    const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = fs.constants;
    fd = fs.openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY); // without waiting for the other end of a FIFO
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === undefined || !(code in platform().errno)) throw error; // a sandbox names the permission that is missing
    throw new AioError("open", code, path, { cause: error });
  }
  const found = fs.fstatSync(fd);
  if (found.isFile() && found.size >= FILE_BYTES_MIN) return { size: found.size, fd };
  fs.closeSync(fd);
  const reason = found.isFile() ? `it is only ${formatBytes(found.size)} large` : "it is no regular file";
  throw new Error(
    `Cannot measure ${path}: ${reason}; expected a regular file of at least ${formatBytes(FILE_BYTES_MIN)}`,
  );
}

function warm(fd: number, size: number): void {
  const piece = new Uint8Array(1 << 20);
  for (let at = 0; at < size;) {
    const bytes = fs.readSync(fd, piece, 0, piece.length, at);
    if (bytes === 0) return;
    at += bytes;
  }
}

function table(rows: readonly Row[]): string {
  let text = "";
  for (const blockBytes of new Set(rows.map((row) => row.blockBytes))) {
    const group = rows.filter((row) => row.blockBytes === blockBytes);
    const most = Math.max(...group.map(({ rate }) => typeof rate === "number" ? rate : 0));
    const width = Math.max(...group.map(({ name }) => name.length));
    text += `\n${blockBytes === 4096 ? "random" : "sequential"} reads of ${formatBytes(blockBytes)}\n`;
    for (const { name, rate } of group) {
      text += `  ${name.padEnd(width)}  `;
      if (typeof rate === "string") {
        text += `${rate}\n`;
        continue;
      }
      const bar = paint(1, "bar", "█".repeat(Math.max(1, Math.round(rate / most * BAR_COLUMNS))));
      const perSecond = rate >= 1000 ? `${(rate / 1000).toFixed(1)} k/s` : `${rate.toFixed(0)} /s`;
      text += `${perSecond.padStart(10)}  ${`${formatBytes(rate * blockBytes)}/s`.padStart(10)}  ${bar}\n`;
    }
  }
  return text;
}
