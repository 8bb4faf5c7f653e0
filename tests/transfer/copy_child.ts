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

/** The event loop's turns while the copy ran, and the most memory that was seen: rusage has the parent's too. */
let turns = 0, peakBytes = 0;
const timer = setInterval(() => {
  turns++;
  peakBytes = Math.max(peakBytes, process.memoryUsage().rss);
}, 2);

let reports = 0;
console.log("begun");
const result = await copy(source, target, { ...JSON.parse(options), onProgress: () => reports++ });
clearInterval(timer);
const status = "/proc/self/status";
const peak = fs.existsSync(status)
  ? Number(/VmHWM:\s+(\d+) kB/.exec(fs.readFileSync(status, "utf8"))?.[1])
  : peakBytes / 1024;
console.log(JSON.stringify({ ...result, turns, reports, peakMebibytes: peak / 1024 }));
