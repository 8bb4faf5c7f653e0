/**
 * How long a start takes: `aio --version`, `aio --help`, a copy of a small file and an import of `mod.ts`, beside an empty
 * script on the same runtime. All of them once a round, one after another; medians.
 *
 * ```sh
 * bun bench/start.ts --rounds 21
 * ```
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { findRuntime, root } from "../bin/runtimes.mjs";
import { spreadOf } from "./statistics.ts";

const BEFORE: Readonly<Record<string, readonly string[]>> = {
  deno: ["run", "-A", "--no-lock", "--quiet"],
  bun: [],
  node: ["--disable-warning=ExperimentalWarning"],
};

/** What is started, after the runtime's own arguments. */
function starts(folder: string): Readonly<Record<string, readonly string[]>> {
  const file = (name: string, text: string) => {
    fs.writeFileSync(path.join(folder, name), text);
    return path.join(folder, name);
  };
  const cli = path.join(root, "cli.ts");
  const small = file("small", "content");
  return {
    "an empty script": [file("empty.mjs", "")],
    "aio --version": [cli, "--version"],
    "aio --help": [cli, "--help"],
    "aio copy of 7 bytes": [cli, "copy", "--quiet", small, path.join(folder, "copy")],
    "import of mod.ts": [file("import.mjs", `import ${JSON.stringify(path.join(root, "mod.ts"))};\n`)],
  };
}

function run(file: string, args: readonly string[]): number {
  const began = performance.now();
  const { status, stderr } = spawnSync(file, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${file} ${args.join(" ")} ended with ${status}:\n${stderr}`);
  return performance.now() - began;
}

const { values } = parseArgs({ options: { rounds: { type: "string", default: "11" } } });
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) {
  throw new Error(`--rounds "${values.rounds}": expected a whole number above 0`);
}
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "aio-start-"));
try {
  for (const name of Object.keys(BEFORE)) {
    const { file, version, reason } = findRuntime(name);
    if (file === undefined) {
      console.log(`${name}: left out: ${reason}`);
      continue;
    }
    const commands = Object.entries(starts(folder));
    const times = commands.map((): number[] => []);
    for (let round = -1; round < rounds; round++) {
      for (const [index, [, args]] of commands.entries()) {
        const time = run(file, [...BEFORE[name], ...args]);
        if (round >= 0) times[index].push(time); // the first round fills caches
      }
    }
    const bare = spreadOf(times[0]).median;
    console.log(`${name} ${version}`);
    for (const [index, [what]] of commands.entries()) {
      const time = spreadOf(times[index]).median;
      console.log(
        `  ${what.padEnd(20)} ${time.toFixed(0).padStart(5)} ms, ${(time - bare).toFixed(0)} above the runtime`,
      );
    }
  }
} finally {
  fs.rmSync(folder, { recursive: true });
}
