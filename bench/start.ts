/**
 * How long a start takes: `aio --version`, `aio --help`, a copy of a small file and an import of the library, beside an
 * empty script on the same runtime; from this checkout (`cli.ts` and `bin/aio.mjs`), and as an installed package (the form
 * that JSR makes for npm). All of them once a round, one after another: medians of the time, and means of the processor
 * time, which other processes change less (Linux only).
 *
 * ```sh
 * bun bench/start.ts --rounds 21 --runtime node,bun
 * ```
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { findRuntime, root } from "../bin/runtimes.mjs";
import { makeNpmForm, withDependencies } from "../tests/forms/npm_form.ts";
import { spreadOf } from "./statistics.ts";

const BEFORE: Readonly<Record<string, readonly string[]>> = {
  deno: ["run", "-A", "--no-lock", "--quiet"],
  bun: [],
  node: ["--disable-warning=ExperimentalWarning"],
};

/** Scripts with their arguments, by what is told of them; the first one is the bare runtime. */
type Starts = Readonly<Record<string, readonly string[]>>;

/** What is started, after the runtime's own arguments. */
function startsOf(folder: string, installed: string): Starts {
  const file = (name: string, text: string) => {
    fs.writeFileSync(path.join(folder, name), text);
    return path.join(folder, name);
  };
  const small = file("small", "content");
  const bare = ["an empty script", [file("empty.mjs", "")]] as const;
  const forms = { "cli.ts": path.join(root, "cli.ts"), "bin/aio.mjs": path.join(root, "bin/aio.mjs") };
  const commands = Object.entries({ ...forms, installed: path.join(installed, "cli.js") }).flatMap(([form, script]) => [
    [`${form} --version`, [script, "--version"]] as const,
    [`${form} --help`, [script, "--help"]] as const,
    [`${form} copy of 7 bytes`, [script, "copy", "--quiet", small, path.join(folder, "copy")]] as const,
  ]);
  const imports = Object.entries({ "mod.ts": path.join(root, "mod.ts"), installed: path.join(installed, "mod.js") })
    .map(([name, from], index) =>
      [`${name} imported`, [file(`import${index}.mjs`, `import ${JSON.stringify(from)};\n`)]] as const
    );
  return Object.fromEntries([bare, ...commands, ...imports]);
}

/** Processor time of the children that have ended, in milliseconds, in steps of the system's clock; NaN where it is not told. */
function childrenTime(): number {
  try {
    const fields = fs.readFileSync("/proc/self/stat", "latin1").replace(/^.*\) /s, "").split(" ");
    return (Number(fields[13]) + Number(fields[14])) * 10; // cutime, cstime: USER_HZ is 100 for all processes
  } catch {
    return NaN;
  }
}

/** Runs a program to its end; milliseconds that have passed, and that it has used. */
function run(file: string, args: readonly string[], env: NodeJS.ProcessEnv): { passed: number; used: number } {
  const before = childrenTime();
  const began = performance.now();
  const { status, stderr } = spawnSync(file, args, { encoding: "utf8", env });
  const passed = performance.now() - began;
  if (status !== 0) throw new Error(`${file} ${args.join(" ")} ended with ${status}:\n${stderr}`);
  return { passed, used: childrenTime() - before };
}

/** Measures the starts on one runtime, and prints a line for each. */
function measure(name: string, starts: Starts, rounds: number, cache: string): void {
  const { file, version, reason } = findRuntime(name);
  if (file === undefined) return console.log(`${name}: left out: ${reason}`);
  const commands = Object.entries(starts);
  const passed = commands.map((): number[] => []);
  const used = commands.map(() => 0);
  const env = { ...process.env, XDG_CACHE_HOME: cache, AIO_RUNTIME: name };
  for (let round = -1; round < rounds; round++) {
    for (const [index, [, args]] of commands.entries()) {
      const time = run(file, [...BEFORE[name], ...args], env);
      if (round < 0) continue; // the first round fills caches
      passed[index].push(time.passed);
      used[index] += time.used / rounds;
    }
  }
  console.log(`${name} ${version}${" ".repeat(22)}time, above the runtime; processor, above the runtime (ms)`);
  const [bare] = passed.map((times) => spreadOf(times).median);
  for (const [index, [what]] of commands.entries()) {
    const { median } = spreadOf(passed[index]);
    const columns = [median, median - bare, used[index], used[index] - used[0]];
    console.log(`  ${what.padEnd(28)}${columns.map((value) => value.toFixed(0).padStart(8)).join("")}`);
  }
}

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "11" }, runtime: { type: "string", default: "deno,bun,node" } },
});
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) {
  throw new Error(`--rounds "${values.rounds}": expected a whole number above 0`);
}
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "aio-start-"));
try {
  const modules = path.join(folder, "node_modules");
  const installed = path.join(modules, "@posix/aio");
  makeNpmForm(installed);
  for (const needed of withDependencies("cli-progress")) {
    fs.cpSync(needed, path.join(modules, path.basename(needed)), { recursive: true });
  }
  const starts = startsOf(folder, installed);
  for (const name of values.runtime.split(",")) measure(name, starts, rounds, path.join(folder, "cache"));
} finally {
  fs.rmSync(folder, { recursive: true });
}
