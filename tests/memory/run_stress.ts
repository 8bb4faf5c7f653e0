/**
 * Runs the stress run in a process of its own and looks at what it printed.
 *
 * @module
 */

import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import fs from "node:fs";
import { runChild } from "../support/child.ts";
import type { ChildOptions } from "../support/child.ts";
import { TemporaryFolder } from "../support/files.ts";

const MIB = 1 << 20;

/** How much of it is run. */
export interface Amount {
  readonly seconds: number;
  readonly requests: number;
  /** Requests of one round, more or less. */
  readonly atOnce: number;
  /** One collection of so many looks at the whole heap. */
  readonly thorough: number;
}

/** What memory the process had. */
interface Memory {
  readonly rss: number;
  readonly mappings: number;
  readonly pooled: number;
  readonly descriptors: number;
}

/** What the run prints at its end. */
export interface Report {
  readonly requests: number;
  readonly counts: Readonly<Record<string, number>>;
  /** After a third of the run. */
  readonly before: Memory;
  readonly after: Memory;
  /** Which checks of memory were on. */
  readonly checks: { readonly calloc: string; readonly filled: boolean };
}

/** Runs it to its end; a wrong byte, a crash or a hang is an error. */
export async function runStress(amount: Amount, options: ChildOptions, script?: URL): Promise<Report> {
  // in memory if possible: a disk would only make it slower
  using folder = new TemporaryFolder(fs.existsSync("/dev/shm") ? "/dev/shm" : undefined);
  const { seconds, requests, atOnce, thorough } = amount;
  const seed = Date.now() % 1e9;
  const args = [folder.path, ...[seconds, requests, atOnce, thorough, seed].map(String)];
  const { code, signal, stdout, stderr } = await runChild(
    script ?? new URL("children/stress.ts", import.meta.url),
    { ...options, args },
  );
  assertEquals([code, signal], [0, null], `seed ${seed}: ${stderr}`);
  const report: Report = JSON.parse(stdout);
  console.log(`seed ${seed}: ${stdout}`);
  assertGreater(report.requests, requests - 1);
  return report;
}

/** Memory must be flat: what a third of the run needed is enough for all of it. */
export function assertFlat({ before, after }: Report): void {
  assertLess(after.rss - before.rss, 128 * MIB, "resident memory grows");
  assertLess(after.mappings - before.mappings, 1000, "mappings grow");
  assertLess(after.pooled - before.pooled, 48 * MIB, "the pool grows");
  assertLess(after.descriptors - before.descriptors, 64, "descriptors grow");
  assert(after.pooled > 0);
}
