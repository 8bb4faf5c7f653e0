/**
 * Who runs a workload: this package and the file APIs on each runtime, and `fio` with its engines. Each run is a
 * process of its own; start-up is not measured.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import process from "node:process";
import { findRuntime } from "../bin/runtimes.mjs";
import type { Outcome, Workload } from "./workloads/workload.ts";

/** Somebody who can run a workload. */
export interface Peer {
  readonly name: string;
  readonly version: string;
  /** Runs the workload once; throws with one sentence if it cannot. */
  run(workload: Workload): Outcome;
}

const RUNTIME_ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  deno: ["run", "-A", "--no-lock", "--quiet"],
  bun: [],
  node: ["--disable-warning=ExperimentalWarning"],
};

/** The runtimes on this machine, and why the others are missing. */
export function findRuntimes(): { found: { name: string; file: string; version: string }[]; missing: string[] } {
  const all = ["deno", "bun", "node"].map((name) => findRuntime(name));
  return {
    found: all.filter((one) => one.file !== undefined) as { name: string; file: string; version: string }[],
    missing: all.filter((one) => one.file === undefined).map((one) => `${one.name}: ${one.reason}`),
  };
}

/** A workload program on a runtime. */
export function scriptPeer(
  name: string,
  runtime: { name: string; file: string; version: string },
  script: string,
  changes: Partial<Workload> = {},
): Peer {
  const path = new URL(`./workloads/${script}`, import.meta.url).pathname;
  return {
    name,
    version: `${runtime.name} ${runtime.version}`,
    run(workload) {
      const text = JSON.stringify({ ...workload, ...changes });
      return JSON.parse(capture(runtime.file, [...RUNTIME_ARGUMENTS[runtime.name], path, text], workload.seconds));
    },
  };
}

/** The version of fio, or `undefined` where it is not installed. */
export function fioVersion(): string | undefined {
  const { status, stdout } = spawnSync("fio", ["--version"], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

/**
 * fio with one of its engines, in the settings that make it fastest: no statistics by request, no map of visited
 * blocks, submission and completion in batches where the engine gains by it (but for `plain`), the page cache left alone.
 */
export function fioPeer(name: "posixaio" | "io_uring" | "io_uring plain" | "psync", version: string): Peer {
  const [engine, plain] = name.split(" ");
  return {
    name: `fio ${name}`,
    version,
    run({ path, op, order, blockBytes, depth, direct, warmUpSeconds, seconds, warmUpPath }) {
      const length = warmUpPath === undefined
        ? ["--time_based", `--runtime=${seconds}`, `--ramp_time=${warmUpSeconds}`]
        : ["--loops=1"];
      const batches = engine === "io_uring" && plain === undefined && depth > 1
        ? [
          `--iodepth_batch_submit=${Math.min(32, depth)}`,
          "--iodepth_batch_complete_min=1",
          `--iodepth_batch_complete_max=${depth}`,
        ]
        : [];
      const text = capture("fio", [
        "--name=bench",
        `--filename=${path}`,
        `--rw=${order === "random" ? "rand" : ""}${op}`,
        `--bs=${blockBytes}`,
        `--ioengine=${engine}`,
        `--iodepth=${depth}`,
        `--direct=${direct ? 1 : 0}`,
        "--norandommap",
        "--randrepeat=0",
        "--invalidate=0",
        "--fallocate=none",
        "--gtod_reduce=1",
        "--output-format=json",
        ...length,
        ...batches,
        ...(op === "read" ? ["--readonly"] : ["--overwrite=1"]),
      ], seconds);
      const [job] = JSON.parse(text.slice(text.indexOf("{"))).jobs;
      const { total_ios: requests, runtime } = job[op];
      if (job.error !== 0) throw new Error(`fio ended with error ${job.error}`);
      const measured = runtime / 1000;
      return { requests, seconds: measured, processorSeconds: (job.usr_cpu + job.sys_cpu) / 100 * measured };
    },
  };
}

function capture(file: string, args: readonly string[], seconds: number): string {
  const { status, stdout, stderr, error, signal } = spawnSync(file, args, {
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
    timeout: (seconds + 60) * 1000,
    maxBuffer: 1 << 26,
  });
  if (error !== undefined) throw error;
  if (status !== 0) {
    const reason = stderr.split("\n").find((line) => /\b(E[A-Z]{3,}|[Ee]rror): |[Cc]annot /.test(line)) ??
      stderr.split("\n")[0];
    throw new Error(`${reason.trim() || `it ended with ${signal ?? `status ${status}`}`}`);
  }
  return stdout;
}
