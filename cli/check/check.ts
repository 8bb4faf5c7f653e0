/**
 * `aio info --check`: tries on the running system what this package relies on, and says what holds.
 *
 * It needs nothing but the package and a runtime, so that whoever meets a system that no test has seen can see for
 * themselves.
 *
 * @module
 */

import process from "node:process";
import { door } from "../../ffi/door.ts";
import { libc } from "../../ffi/libc.ts";
import { AioQueue } from "../../queue/queue.ts";
import { platform } from "../../structs/platform.ts";
import { paint } from "../color.ts";
import { CALLS } from "./calls.ts";
import { PLATFORM } from "./platform.ts";
import { Absent, Bench, runProbe } from "./probe.ts";
import type { Probe } from "./probe.ts";
import { QUEUE } from "./queue.ts";

/** How a probe went: `"absent"` is what this system does not offer and need not. */
interface Finding {
  readonly group: string;
  readonly name: string;
  readonly result: "ok" | "failed" | "absent";
  /** What was seen. */
  readonly seen: string;
  readonly milliseconds: number;
}

/** The longest that one probe may take. */
const PROBE_MS_MAX = 20_000;

/**
 * Runs all probes and writes what was found to standard output.
 *
 * @param json Whether as one JSON object.
 * @param waiter How the queues wait.
 * @returns The exit status: 1 if something does not hold.
 */
export async function check(json: boolean, waiter: "auto" | "kqueue" | "suspend"): Promise<number> {
  new AioQueue({ waiter }); // the first queue chooses for all
  const system = `${platform().name}, ${libc().library}, ${door().runtime} ${door().version}`;
  const findings: Finding[] = [];
  if (!json) process.stdout.write(`${system}\n\n`);
  const bench = new Bench();
  try {
    for (const probe of [...PLATFORM, ...CALLS, ...QUEUE]) {
      const finding = await run(probe, bench);
      findings.push(finding);
      if (!json) process.stdout.write(lineOf(finding));
    }
    const count = (result: string) => findings.filter((finding) => finding.result === result).length;
    const failed = count("failed");
    const summary = { ok: count("ok"), failed, absent: count("absent") };
    if (json) process.stdout.write(`${JSON.stringify({ system, summary, findings })}\n`);
    else process.stdout.write(`\n${summary.ok} hold, ${failed} failed, ${summary.absent} not offered here\n`);
    // what a probe has left behind could keep the process alive
    if (findings.some(({ milliseconds }) => milliseconds >= PROBE_MS_MAX)) process.exit(1);
    return failed === 0 ? 0 : 1;
  } finally {
    bench[Symbol.dispose]();
  }
}

async function run(probe: Probe, bench: Bench): Promise<Finding> {
  const { group, name } = probe;
  const began = performance.now();
  const finding = (result: Finding["result"], seen: string): Finding => ({
    ...{ group, name, result, seen },
    milliseconds: Math.round(performance.now() - began),
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not over after ${PROBE_MS_MAX / 1000} s`)), PROBE_MS_MAX);
  });
  try {
    return finding("ok", await Promise.race([runProbe(probe, bench), late]));
  } catch (error) {
    if (error instanceof Absent) return finding("absent", error.message);
    return finding("failed", error instanceof Error ? error.message : String(error));
  } finally {
    clearTimeout(timer);
  }
}

function lineOf({ group, name, result, seen }: Finding): string {
  const mark = { ok: "ok    ", failed: "FAILED", absent: "-     " }[result];
  const painted = result === "absent" ? mark : paint(1, result === "ok" ? "good" : "bad", mark);
  return `${painted}  ${group.padEnd(12)}  ${name}: ${seen}\n`;
}
