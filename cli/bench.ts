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
import { table } from "./bench_table.ts";
import type { Row } from "./bench_table.ts";
import type { Command } from "./command.ts";
import { formatBytes } from "./format.ts";
import { Latencies } from "./latencies.ts";
import { measure } from "./measure.ts";
import { optionTable } from "./spec/spec.ts";
import { BENCH } from "./spec/tell.ts";
import { asUsage, parse, UsageError } from "./usage.ts";

/** The least size of a file that tells anything, in bytes. */
const FILE_BYTES_MIN = 1 << 20;

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
    const svg = values.svg as string | undefined;
    const { size, fd } = openRegular(path);
    try {
      if (svg !== undefined) mustBeWritable(svg, fd);
    } catch (error) {
      fs.closeSync(fd);
      throw error;
    }
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
    if (svg !== undefined) {
      const { chart } = await import("./bench_chart.ts");
      const text = chart(rows, { path, size, seconds });
      named("write", svg, () => fs.writeFileSync(svg, text));
    }
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
  const latencies = new Latencies();
  try {
    const { requests, seconds } = await measure({
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
      latencies,
    });
    return { name, blockBytes, depth, rate: requests / seconds, latency: latencies.percentiles() };
  } catch (error) {
    return { name, blockBytes, depth, rate: `left out: ${(error as Error).message}` };
  }
}

/** The same reads by `node:fs`, whichever runtime it belongs to. */
async function nodeRow(name: string, { fd, size, blockBytes, depth, milliseconds }: Run): Promise<Row> {
  const begin = performance.now() + milliseconds; // after a warm-up as long as ours
  const until = begin + milliseconds;
  let requests = 0;
  const latencies = new Latencies();
  await Promise.all(Array.from({ length: depth }, () =>
    new Promise<void>((resolve, reject) => {
      const buffer = new Uint8Array(blockBytes);
      const blocks = Math.floor(size / blockBytes);
      const step = () => {
        const submittedAt = performance.now();
        fs.read(fd, buffer, 0, blockBytes, Math.floor(Math.random() * blocks) * blockBytes, (error) => {
          if (error) return reject(error);
          const now = performance.now();
          if (now >= begin) {
            requests++;
            latencies.add(now - submittedAt);
          }
          if (now < until) step();
          else resolve();
        });
      };
      step();
    })));
  const rate = requests / (performance.now() - begin) * 1000;
  return { name, blockBytes, depth, rate, latency: latencies.percentiles() };
}

function openRegular(path: string): { size: number; fd: number } {
  const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = fs.constants;
  // without waiting for the other end of a FIFO
  const fd = named("open", path, () => fs.openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY));
  const found = fs.fstatSync(fd);
  if (found.isFile() && found.size >= FILE_BYTES_MIN) return { size: found.size, fd };
  fs.closeSync(fd);
  const reason = found.isFile() ? `it is only ${formatBytes(found.size)} large` : "it is no regular file";
  throw new Error(
    `Cannot measure ${path}: ${reason}; expected a regular file of at least ${formatBytes(FILE_BYTES_MIN)}`,
  );
}

/** Throws if the chart could not be written there, or if that is the file to be read; leaves nothing behind. */
function mustBeWritable(svg: string, measured: number): void {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NONBLOCK, O_NOCTTY } = fs.constants;
  let fd: number;
  try {
    fd = fs.openSync(svg, O_WRONLY | O_CREAT | O_EXCL, 0o666);
    fs.closeSync(fd);
    return fs.unlinkSync(svg);
  } catch (error) {
    if ((error as { code?: string }).code !== "EEXIST") {
      return named("open", svg, () => {
        throw error;
      });
    }
    // a link that leads nowhere is made by the writing
    if (!fs.existsSync(svg)) return;
    fd = named("open", svg, () => fs.openSync(svg, O_WRONLY | O_NONBLOCK | O_NOCTTY));
  }
  const [one, other] = [fd, measured].map((each) => fs.fstatSync(each));
  fs.closeSync(fd);
  if (one.dev !== other.dev || one.ino !== other.ino) return;
  throw new Error(`Cannot write the chart to ${svg}: it is the file that is measured`);
}

/** Does something with a file, whose errors name the file. */
function named<Type>(call: string, path: string, act: () => Type): Type {
  try {
    return act();
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === undefined || !(code in platform().errno)) throw error; // a sandbox names the permission that is missing
    throw new AioError(call, code, path, { cause: error });
  }
}

function warm(fd: number, size: number): void {
  const piece = new Uint8Array(1 << 20);
  for (let at = 0; at < size;) {
    const bytes = fs.readSync(fd, piece, 0, piece.length, at);
    if (bytes === 0) return;
    at += bytes;
  }
}
