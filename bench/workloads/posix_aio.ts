/**
 * The workload on this package's public API, in the styles that programs use it.
 *
 * @module
 */

import fs from "node:fs";
import { measure } from "../../cli/measure.ts";
import { platform } from "../../structs/platform.ts";
import { readWorkload, report, startClock } from "./workload.ts";
import type { Outcome } from "./workload.ts";

const TIMER_MS = 5;

const workload = readWorkload();
const { path, op, direct, seconds, warmUpSeconds, style = "batches", lanes = "auto" } = workload;
const { openFlags } = platform();
const fd = fs.openSync(
  path,
  (op === "read" ? openFlags.O_RDONLY : openFlags.O_RDWR) | (direct ? openFlags.O_DIRECT : 0),
);
let stop: ((requests: number) => Outcome) | undefined;

/** How late a timer of 5 ms comes under this load. */
const delays: number[] = [];
let due = performance.now() + TIMER_MS;
const timer = setInterval(() => {
  const now = performance.now();
  if (stop !== undefined) delays.push(Math.max(0, now - due));
  due = now + TIMER_MS;
}, TIMER_MS);

const { requests } = await measure({
  ...workload,
  fd,
  fileBytes: fs.fstatSync(fd).size,
  style,
  lanes,
  warmUpMs: warmUpSeconds * 1000,
  measureMs: seconds * 1000,
  onBegin: () => stop = startClock(),
});
clearInterval(timer);
delays.sort((a, b) => a - b);
report({ ...stop!(requests), delayMs: delays[Math.floor(delays.length * 0.99)] });
fs.closeSync(fd);
