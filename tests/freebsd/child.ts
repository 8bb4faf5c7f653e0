// Runs another script, the first argument, on FreeBSD: for tests that start processes of their own. STAND_IN_WAITER says how
// its queues wait.

import process from "node:process";
import { pathToFileURL } from "node:url";
import type { AioQueueOptions } from "../../mod.ts";
import { setUp } from "./set_up.ts";

process.argv.splice(1, 1);
await setUp(process.env.STAND_IN_WAITER as AioQueueOptions["waiter"]);
const script = await import(pathToFileURL(process.argv[1]).href);
// a command that only does something when it is run itself
if (typeof script.main === "function") process.exitCode = await script.main(process.argv.slice(2));
