// Runs another script, the first argument, whose queues use io_uring: for tests that start processes of their own.

import process from "node:process";
import { pathToFileURL } from "node:url";
import { setUsualEngine } from "../../engine/choose_engine.ts";

process.argv.splice(1, 1);
setUsualEngine("io_uring");
const script = await import(pathToFileURL(process.argv[1]).href);
// a command that only does something when it is run itself
if (typeof script.main === "function") process.exitCode = await script.main(process.argv.slice(2));
