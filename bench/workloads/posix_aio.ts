/**
 * The workload on this package's public API, in the styles that programs use it.
 *
 * @module
 */

import fs from "node:fs";
import { measure } from "../../cli/measure.ts";
import type { Load } from "../../cli/measure.ts";
import { platform } from "../../structs/platform.ts";
import { dropCaches } from "../machine.ts";
import { readWorkload, report, startClock } from "./workload.ts";
import type { Outcome } from "./workload.ts";

const TIMER_MS = 5;

const workload = readWorkload();
const { path, op, direct, seconds, warmUpSeconds, warmUpPath, style = "batches", lanes = "auto" } = workload;
const { openFlags } = platform();
let stop: ((requests: number) => Outcome) | undefined;

/** How late a timer of 5 ms comes under this load. */
const delays: number[] = [];
let due = performance.now() + TIMER_MS;
const timer = setInterval(() => {
  const now = performance.now();
  if (stop !== undefined) delays.push(Math.max(0, now - due));
  due = now + TIMER_MS;
}, TIMER_MS);

async function run(file: string, changes: Partial<Load> = {}): Promise<number> {
  const flags = (op === "read" ? openFlags.O_RDONLY : openFlags.O_RDWR) | (direct ? openFlags.O_DIRECT : 0);
  const fd = fs.openSync(file, flags);
  const fileBytes = fs.fstatSync(fd).size;
  const times = { warmUpMs: warmUpSeconds * 1000, measureMs: seconds * 1000 };
  const { requests } = await measure({ ...workload, fd, fileBytes, style, lanes, ...times, ...changes });
  fs.closeSync(fd);
  return requests;
}

const onBegin = () => stop = startClock();
if (warmUpPath !== undefined) {
  await run(warmUpPath, { warmUpMs: 0, measureMs: warmUpSeconds * 1000 });
  dropCaches(); // anew: a virtual machine gives free memory back to its host within seconds, and takes it again slowly
}
const requests = await run(path, {
  onBegin,
  requests: warmUpPath === undefined ? undefined : Math.floor(fs.statSync(path).size / workload.blockBytes),
});
const outcome = stop!(requests);
clearInterval(timer);
delays.sort((a, b) => a - b);
report({ ...outcome, delayMs: delays[Math.floor(delays.length * 0.99)] });
