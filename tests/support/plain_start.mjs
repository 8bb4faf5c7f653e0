// Starts a script with the runtime that runs this one, without any flag that is not needed: node plain_start.mjs SCRIPT ...

import { spawnSync } from "node:child_process";
import process from "node:process";

const before = process.versions.deno === undefined ? [] : ["run", "-A", "--no-lock", "--quiet"];
const { status } = spawnSync(process.execPath, [...before, ...process.argv.slice(2)], { stdio: "inherit" });
process.exitCode = status ?? 1;
