/**
 * A process that runs the `aio` command with its arguments, says when it begins, and how many milliseconds that took: for
 * tests that end it midway.
 *
 * @module
 */

import process from "node:process";
import { main } from "../../cli.ts";

console.log("begun", process.pid);
const began = performance.now();
process.exitCode = await main(process.argv.slice(2));
console.log("took", performance.now() - began);
