// The stress run under valgrind: neither the runtime's threads nor libc's touch memory that is not there or was given back.
// AIO_TEST_BIG=1 makes it longer. Runs on Bun in short runs.

import { describe } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import path from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { TemporaryFolder } from "../support/files.ts";
import { itUnless } from "../support/platform.ts";
import { BIG } from "../support/scale.ts";
import { runStress } from "./run_stress.ts";
import { writeStripped } from "./stripped.ts";

const AMOUNT = BIG
  ? { seconds: 1, requests: 5000, atOnce: 200, thorough: 8 }
  : { seconds: 0.1, requests: 30, atOnce: 40, thorough: 16 };

/** Uninitialised values are not looked for: the runtimes' own code compares some. */
const VALGRIND = [
  ...["valgrind", "--quiet", "--error-exitcode=99", "--smc-check=all-non-file", "--fair-sched=try"],
  ...["--undef-value-errors=no"],
];
const killAfterMs = 600_000;

const isNode = process.versions.deno === undefined && process.versions.bun === undefined;
const missing = process.platform !== "linux"
  ? "not Linux"
  : spawnSync("valgrind", ["--version"]).status !== 0
  ? "no valgrind"
  : undefined;

function itUnderValgrind(name: string, run: () => Promise<void>): void {
  itUnless(missing, name, run);
}

describe("under valgrind", () => {
  itUnderValgrind("the stress run touches no memory that it must not touch", async () => {
    const options = { under: VALGRIND, killAfterMs };
    if (!isNode) return void await runStress(AMOUNT, options);
    using folder = new TemporaryFolder();
    writeStripped(folder.path);
    const script = pathToFileURL(path.join(folder.path, "tests/memory/children/stress.js"));
    await runStress(AMOUNT, { ...options, runtimeArgs: ["--jitless"] }, script);
  });
});
