// The test command: runs every tests/**/*_test.ts on Deno, Bun and Node with each runtime's own test runner, one process
// per file, and counts from their JUnit reports. A crash, a hang, a missing runtime, a skip without a reason and a
// different number of tests on two runtimes are failures too. As many files as there are processors run at a time; those
// that say "Runs alone" run after the others, one by one; those that say "Runs on Node only" (or Deno, or Bun) start what
// they need on other runtimes themselves. Plain JavaScript: starts under Node >= 20, Deno and Bun.
// Where there is an emulator, aarch64 builds of Bun and Node run a part of the tests too, see tests/aarch64/.
//
//   node tests/run.mjs [--runtime deno,bun,node] [--filter text] [--timeout seconds] [--jobs number] [--stand-in]
//                      [--verbose] [files...]

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { emulated, findEmulated } from "../bin/emulated.mjs";
import { findRuntime, oldest, root } from "../bin/runtimes.mjs";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runtime: { type: "string", default: [...Object.keys(oldest), ...Object.keys(emulated)].join(",") },
    filter: { type: "string" },
    timeout: { type: "string", default: "180" },
    // one more than processors: many tests wait for something
    jobs: { type: "string", default: String((os.availableParallelism?.() ?? os.cpus().length) + 1) },
    "stand-in": { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
  },
});

const standIn = "tests/stand_in/";
const std = ["jsr:@std/assert@^1", "jsr:@std/testing@^1/bdd"];
const reports = mkdtempSync(path.join(os.tmpdir(), "aio-tests-"));

/** How each runtime runs one test file and writes its report. */
const commands = {
  deno: (file, report, { usesStd }) => [
    ...["test", "-A", "--no-check", "--no-prompt", "--v8-flags=--expose-gc", `--junit-path=${report}`],
    ...(usesStd ? [] : [`--import-map=${standIn}import_map.json`]),
    file,
  ],
  bun: (file, report) => [
    ...["test", "--timeout=3600000", "--pass-with-no-tests"],
    ...["--reporter=junit", `--reporter-outfile=${report}`],
    `./${file}`,
  ],
  node: (file, report) => [
    ...["--disable-warning=ExperimentalWarning", "--expose-gc", "--import", `./${standIn}register.mjs`],
    ...["--test-reporter=spec", "--test-reporter-destination=stdout"],
    ...["--test-reporter=junit", `--test-reporter-destination=${report}`],
    file,
  ],
};

const environment = { ...process.env, NO_COLOR: "1", AIO_TEST_FILTER: options.filter ?? "" };
delete environment.FORCE_COLOR;
delete environment.AIO_ENGINE;

/** How many times as long an emulated processor may take. */
const EMULATED_TIMES = 4;

function findTestFiles() {
  if (positionals.length > 0) return positionals.map((file) => path.relative(root, path.resolve(file)));
  return readdirSync(path.join(root, "tests"), { recursive: true })
    .filter((file) => file.endsWith("_test.ts")).map((file) => path.join("tests", file)).sort();
}

/** Starting a runtime takes an emulator seconds: one process runs the tests of many files. */
function findEmulatedFiles() {
  if (positionals.length > 0) return [];
  return ["core", ...process.env.AIO_TEST_BIG === "1" ? ["rest"] : []].map((name) => `tests/aarch64/${name}.ts`);
}

/** Only Deno has the real std, and only where JSR answers. The filter is a feature of the stand-in. */
function canUseStd({ name, file }) {
  if (name !== "deno" || options["stand-in"] || options.filter) return false;
  return spawnSync(file, ["cache", ...std], { cwd: root, timeout: 10_000, stdio: "ignore" }).status === 0;
}

/** The test files that run now. */
const children = new Set();

function killChild(child) {
  try {
    // The child leads a process group of its own: what the tests started ends with it.
    process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL");
  }
}

for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]]) {
  process.on(signal, () => {
    children.forEach(killChild);
    rmSync(reports, { recursive: true, force: true });
    process.exit(status);
  });
}

/** Runs one file; `end` says how the process ended if it did not end well. */
function spawnTest(runtime, file, report) {
  const running = `${report}.running`;
  // copies choose the engine by themselves: each is tested with all that there is, io_uring by the files in tests/uring/ (and an emulated processor has none)
  const engine = /^tests\/(uring|aarch64)\//.test(file) ? {} : { AIO_ENGINE: "posix" };
  let output = "", end;
  const args = [...runtime.before ?? [], ...commands[runtime.kind ?? runtime.name](file, report, runtime)];
  const child = spawn(runtime.file, args, {
    cwd: root,
    env: { ...environment, ...engine, ...runtime.environment, AIO_TEST_RUNNING: running },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.add(child);
  const seconds = Number(options.timeout) * (runtime.before === undefined ? 1 : EMULATED_TIMES);
  const timer = setTimeout(() => {
    const test = existsSync(running) ? `, in "${readFileSync(running, "utf8")}"` : "";
    end = `Still running after ${seconds} s, killed${test}`;
    killChild(child);
  }, seconds * 1000);
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data) => {
      output += data;
      if (options.verbose) process.stdout.write(data);
    });
  }
  return new Promise((resolve) => {
    child.on("error", (error) => end = `Cannot start: ${error.message}`);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      children.delete(child);
      if (code !== 0) end ??= signal ? `Killed by ${signal}` : `Exit status ${code}`;
      resolve({ output, end });
    });
  });
}

const entities = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescapeXml(text) {
  return text.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name) return entities[name] ?? whole;
    return String.fromCodePoint(hex ? parseInt(hex, 16) : Number(decimal));
  });
}

/** The tests of one report as `{ name, outcome }`. Deno also reports the groups around its steps: they are left out. */
function readReport(report) {
  if (!existsSync(report)) return [];
  const cases = readFileSync(report, "utf8").matchAll(
    /<testcase((?:\s+[\w-]+="[^"]*")*)\s*(?:\/>|>([\s\S]*?)<\/testcase>)/g,
  );
  const tests = [...cases].map(([, attributes, body = ""]) => ({
    name: unescapeXml(attributes.match(/\sname="([^"]*)"/)?.[1] ?? ""),
    outcome: /<(failure|error)\b/.test(body) ? "failed" : /<skipped\b/.test(body) ? "skipped" : "passed",
  }));
  return tests.filter(({ name }) => !tests.some((other) => other.name.startsWith(`${name} > `)));
}

async function runFile(runtime, file, index) {
  const only = runsElsewhere(runtime, file);
  if (only !== undefined) {
    console.log(`--   ${runtime.name.padEnd(4)} ${file}  runs on ${only}`);
    return { file, tests: [], problems: [], seconds: 0, elsewhere: true };
  }
  const started = performance.now();
  const report = path.join(reports, `${runtime.name}-${index}.xml`);
  const { output, end } = await spawnTest(runtime, file, report);
  const tests = readReport(report);
  const problems = tests.filter(({ name, outcome }) => outcome === "skipped" && !/\(skipped: .+\)/.test(name))
    .map(({ name }) => `"${name}" is skipped without "(skipped: reason)" in its name`);
  if (end && !tests.some(({ outcome }) => outcome === "failed")) problems.push(end);
  if (!end && tests.length === 0 && !options.filter) problems.push("No tests were reported");
  // Node only remarks on a rejection that comes after the end of the test that caused it; Deno and Bun fail.
  const remark = output.match(/Error: Test ".*" .* generated asynchronous activity after the test ended\..*/);
  if (runtime.name === "node" && remark) problems.push(remark[0]);
  const result = { file, tests, problems, seconds: (performance.now() - started) / 1000 };
  printFile(runtime, result, output);
  return result;
}

function count(results, outcome) {
  return results.flatMap(({ tests }) => tests).filter((test) => test.outcome === outcome).length;
}

function failures(results) {
  return count(results, "failed") + results.flatMap(({ problems }) => problems).length;
}

function printFile(runtime, result, output) {
  const { file, tests, problems, seconds } = result;
  if (tests.length + problems.length === 0) return;
  const failed = failures([result]);
  if (failed > 0 && !options.verbose) console.log(`\n${output.trimEnd().replace(/^/gm, "  | ")}`);
  const skipped = count([result], "skipped");
  const numbers = `${count([result], "passed")} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`;
  console.log(`${failed ? "FAIL" : "ok  "} ${runtime.name.padEnd(4)} ${file}  ${numbers}  ${seconds.toFixed(1)} s`);
  for (const { name, outcome } of tests) if (outcome === "failed") console.log(`     failed: ${name}`);
  for (const problem of problems) console.log(`     failed: ${problem}`);
  if (failed > 0) console.log("");
}

/** One line for each test that some runtime reported and another did not. A file that crashed has failed already. */
function compareRuntimes(runs, files) {
  const lines = [];
  for (const [index, file] of files.entries()) {
    const results = runs.map((run) => run.results[index]).filter(({ elsewhere }) => !elsewhere);
    if (results.some(({ problems }) => problems.length > 0)) continue;
    // one may be skipped on a runtime, which is counted and says why
    const lists = results.map(({ tests }) => tests.map(({ name }) => name.replace(/ \(skipped: .*\)$/, "")));
    for (const name of new Set(lists.flat())) {
      const counts = lists.map((list) => list.filter((other) => other === name).length);
      if (counts.every((number) => number === counts[0])) continue;
      const places = runs.map(({ runtime }, i) => `${counts[i]} on ${runtime.name}`);
      lines.push(`FAIL ${file}: "${name}" is there ${places.join(", ")} times`);
    }
  }
  return lines;
}

function printTable(runs) {
  const rows = [["runtime", "version", "passed", "failed", "skipped", "seconds"]];
  for (const { runtime, results, seconds } of runs) {
    const numbers = [count(results, "passed"), failures(results), count(results, "skipped"), seconds.toFixed(1)];
    rows.push([runtime.name, runtime.version, ...numbers.map(String)]);
  }
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  console.log(`\n${rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i])).join("  ").trimEnd()).join("\n")}`);
}

function printSkipped(runs, absent) {
  const where = new Map();
  for (const { name, reason } of absent) {
    const key = `all tests (skipped: ${reason})`;
    where.set(key, [...(where.get(key) ?? []), name]);
  }
  for (const { runtime, results } of runs) {
    for (const { file, tests } of results) {
      for (const { name, outcome } of tests) {
        const key = `${file}: ${name}`;
        if (outcome === "skipped") where.set(key, [...(where.get(key) ?? []), runtime.name]);
      }
    }
  }
  if (where.size > 0) console.log("\nSkipped:");
  for (const [test, names] of where) console.log(`  ${names.join(", ")}: ${test}`);
}

/** Files that measure time or memory of the machine say so. */
function runsAlone(file) {
  return readFileSync(path.join(root, file), "utf8").includes("Runs alone");
}

/**
 * The only runtime that a file is for: what a compiler says, or a test starts on several runtimes, is not told thrice. Some are
 * for one runtime in short runs: not where only others were asked for, nor in the long ones.
 */
function runsElsewhere({ name }, file) {
  const found = /Runs on (Deno|Bun|Node) (only|in short runs)/.exec(readFileSync(path.join(root, file), "utf8"));
  if (found === null) return undefined;
  const [, only, when] = found;
  const isAsked = options.runtime.split(",").includes(only.toLowerCase());
  if (when !== "only" && (!isAsked || process.env.AIO_TEST_BIG === "1")) return undefined;
  return only.toLowerCase() === name ? undefined : only;
}

async function runOn(runtime, files) {
  const started = performance.now();
  runtime.usesStd = canUseStd(runtime);
  const source = runtime.usesStd ? "@std/assert and @std/testing from JSR" : `the stand-ins in ${standIn}`;
  console.log(`\n${runtime.name} ${runtime.version} (${runtime.file}) with ${source}`);
  const results = [];
  const run = async (index) => results[index] = await runFile(runtime, files[index], index);
  const alone = [...files.keys()].filter((index) => runsAlone(files[index]));
  const others = [...files.keys()].filter((index) => !alone.includes(index)).values();
  const work = async () => {
    for (const index of others) await run(index);
  };
  await Promise.all(Array.from({ length: Number(options.jobs) }, work));
  for (const index of alone) await run(index);
  return { runtime, results, seconds: (performance.now() - started) / 1000 };
}

async function main() {
  for (const name of ["jobs", "timeout"]) {
    if (!(Number.isInteger(Number(options[name])) && Number(options[name]) > 0)) {
      throw new Error(`Cannot run the tests: --${name} "${options[name]}": expected a whole number above 0`);
    }
  }
  const names = options.runtime.split(",");
  const unknown = names.find((name) => !(name in oldest || name in emulated));
  if (unknown !== undefined) throw new Error(`Cannot run the tests: no runtime is called "${unknown}"`);
  const files = findTestFiles();
  const runtimes = names.filter((name) => name in oldest).map(findRuntime);
  const missing = runtimes.filter(({ file }) => !file);
  const emulatedFiles = findEmulatedFiles();
  const others = emulatedFiles.length === 0 ? [] : names.filter((name) => name in emulated).map(findEmulated);
  const absent = others.filter(({ file }) => !file);
  const present = others.filter(({ file }) => file);
  // beside the others, which wait for something much of the time
  const emulating = Promise.all(present.map((runtime) => runOn(runtime, emulatedFiles)));
  const runs = [];
  for (const runtime of runtimes) if (runtime.file) runs.push(await runOn(runtime, files));
  const emulatedRuns = await emulating;

  printTable([...runs, ...emulatedRuns]);
  printSkipped([...runs, ...emulatedRuns], absent);
  const short = files.filter((file) => runs.some(({ runtime }) => runsElsewhere(runtime, file) !== undefined)).length;
  if (short > 0) {
    console.log(
      `\n${short} files ran on one runtime only; those that could on others do so with AIO_TEST_BIG=1 (deno task soak)`,
    );
  }
  const all = [...runs, ...emulatedRuns].flatMap(({ results }) => results);
  const complaints = missing.map(({ name, reason }) =>
    `FAIL NO ${name.toUpperCase()}: ${reason}. --runtime leaves it out`
  );
  complaints.push(...compareRuntimes(runs, files));
  if (all.length > 0 && all.every(({ tests, problems }) => tests.length + problems.length === 0)) {
    complaints.push("FAIL No tests were found");
  }
  if (complaints.length > 0) console.log(`\n${complaints.join("\n")}`);

  const failed = failures(all) + complaints.length, skipped = count(all, "skipped") + absent.length;
  console.log(`\n${count(all, "passed")} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`);
  return failed === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} finally {
  rmSync(reports, { recursive: true, force: true });
}
