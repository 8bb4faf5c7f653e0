/**
 * A process that copies one file: for tests that kill it, and for measuring its memory and its event loop.
 *
 * Arguments: source, target, and the options as JSON. It prints `begun`, and a JSON object at the end.
 *
 * @module
 */

import fs from "node:fs";
import process from "node:process";
import { copy } from "../../mod.ts";

const [source, target, options] = process.argv.slice(2);

/** The longest time for which the event loop did not come round, in milliseconds. */
let worstDelay = 0;
let last = performance.now();
const TICK_MS = 2;
const timer = setInterval(() => {
  const now = performance.now();
  worstDelay = Math.max(worstDelay, now - last - TICK_MS);
  last = now;
}, TICK_MS);

// what a program has done before is not the copy's delay: modules are loaded and timers run
await new Promise((resolve) => setTimeout(resolve, 50));
worstDelay = 0;

let reports = 0;
console.log("begun");
const result = await copy(source, target, { ...JSON.parse(options), onProgress: () => reports++ });
clearInterval(timer);
const status = "/proc/self/status";
const peak = fs.existsSync(status)
  ? Number(/VmHWM:\s+(\d+) kB/.exec(fs.readFileSync(status, "utf8"))?.[1])
  : process.resourceUsage().maxRSS;
console.log(JSON.stringify({ ...result, worstDelay, reports, peakMebibytes: peak / 1024 }));
