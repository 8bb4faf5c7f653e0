/**
 * `deno task bench` (or `bun bench/bench.ts`, `node bench/bench.ts`): every case, this package and its peers in turn,
 * a table while it runs, and at the end a JSON file and a chart.
 *
 * Each round runs every contestant once, in the same order, on the same file in the same state; the ratios are those
 * within a round, and their median is what counts: on a shared machine only that can be compared.
 *
 * @module
 */

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { CASES } from "./cases.ts";
import type { Case } from "./cases.ts";
import { drawChart } from "./chart.ts";
import { COMMAND_CASES } from "./commands.ts";
import { describeMachine, dropCaches, ensureFile, warm } from "./machine.ts";
import { findRuntimes, fioPeer, fioVersion, scriptPeer } from "./peers.ts";
import type { Peer } from "./peers.ts";
import { ratiosOf } from "./results.ts";
import type { CaseResult, Entry } from "./results.ts";
import { spreadOf } from "./statistics.ts";

/** How long every contestant runs before it is counted: compilers settle, and lanes. */
const WARM_UP_SECONDS = 2;

const HELP = `Usage: bench/bench.ts [options]

Options:
  --dir FOLDER     where a folder for the files is made, and removed again (default: the system's temporary folder)
  --case TEXT      only cases whose name contains TEXT (may be given more than once)
  --engine LIST    engines of this package: posix, io_uring or both (default posix,io_uring)
  --runtime LIST   runtimes: deno, bun, node (default all that are here)
  --rounds N       rounds (default 5)
  --seconds N      length of one run in seconds (default 2)
  --cached-mib N   size of the file for the page cache (default 256)
  --large-mib N    size of the file for O_DIRECT and cold reads, and for copies (default 1024)
  --out FOLDER     where results.json and results.svg go (default bench/results)
  --list           print the names of the cases
`;

/** Ends with one sentence. */
function fail(sentence: string, status: number): never {
  console.error(`bench: ${sentence}`);
  process.exit(status);
}

function attempt<T>(what: () => T, status: number): T {
  try {
    return what();
  } catch (error) {
    return fail((error as Error).message.split("\n")[0], status);
  }
}

const { values } = attempt(() =>
  parseArgs({
    options: {
      dir: { type: "string", default: os.tmpdir() },
      case: { type: "string", multiple: true },
      engine: { type: "string", default: "posix,io_uring" },
      runtime: { type: "string", default: "deno,bun,node" },
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "2" },
      "cached-mib": { type: "string", default: "256" },
      "large-mib": { type: "string", default: "1024" },
      out: { type: "string", default: "bench/results" },
      list: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  }), 2);

function above0(name: "rounds" | "seconds" | "cached-mib" | "large-mib", whole = true): number {
  const number = Number(values[name]);
  if (number > 0 && Number.isFinite(number) && (!whole || Number.isInteger(number))) return number;
  return fail(`--${name} "${values[name]}": expected a ${whole ? "whole " : ""}number above 0`, 2);
}

/** What was given in a list, each of which must be one of these. */
function listed<Name extends string>(option: "engine" | "runtime", known: readonly Name[]): readonly Name[] {
  const names = values[option].split(",") as Name[];
  const wrong = names.find((name) => !known.includes(name));
  return wrong === undefined ? names : fail(`--${option} "${wrong}": expected ${known.join(", ")}`, 2);
}

const engines = listed("engine", ["posix", "io_uring"]);
const runtimes = listed("runtime", ["deno", "bun", "node"]);
const found = findRuntimes().found.filter(({ name }) => runtimes.some((one) => one === name));

/** A named file in a known state, and how to bring it there again. */
interface Stage {
  readonly cachedFile: string;
  readonly largeFile: string;
  /** What a copy warms up with: written and removed right before, a large file would keep the disk busy. */
  readonly smallFile: string;
  readonly mayDrop: boolean;
}

function contestants({ styles, peers, workload }: Case): { peer: Peer; own: boolean }[] {
  const fio = fioVersion();
  const list: { peer: Peer; own: boolean }[] = [];
  for (const style of styles) {
    for (const runtime of found) {
      for (const engine of engines) {
        const name = `aio ${runtime.name} ${style}${engine === "posix" ? "" : ` ${engine}`}`;
        list.push({ own: true, peer: scriptPeer(name, runtime, "posix_aio.ts", { style, engine }) });
      }
    }
  }
  for (const peer of peers) {
    if (peer === "posixaio" || peer === "io_uring" || peer === "io_uring plain" || peer === "psync") {
      if (fio !== undefined) list.push({ own: false, peer: fioPeer(peer, fio) });
      continue;
    }
    const [script, only] = peer === "node:fs"
      ? ["node_fs.ts", ""]
      : peer === "Bun.file"
      ? ["bun_file.ts", "bun"]
      : ["deno_file.ts", "deno"];
    if (workload.op === "write" && peer === "Bun.file") continue;
    for (const runtime of found) {
      if (only === "" || only === runtime.name) {
        list.push({ own: false, peer: scriptPeer(`${peer} in ${runtime.name}`, runtime, script) });
      }
    }
  }
  return list;
}

function runCase(one: Case, stage: Stage, rounds: number, seconds: number): CaseResult {
  const file = one.cached ? stage.cachedFile : stage.largeFile;
  const list = contestants(one);
  const runs = new Map<string, { rates: number[]; processor: number[]; delays: number[] }>();
  const failures: string[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const { peer } of list) {
      if (failures.some((failure) => failure.startsWith(`${peer.name}: `))) continue;
      if (one.cold && !dropCaches()) {
        return {
          name: one.name,
          unit: "",
          entries: [],
          ratios: [],
          failures: ["not root: the page cache cannot be dropped"],
        };
      }
      if (one.cached) warm(file);
      try {
        const warmUpPath = one.cold ? stage.cachedFile : undefined;
        const outcome = peer.run({ ...one.workload, path: file, warmUpSeconds: WARM_UP_SECONDS, warmUpPath, seconds });
        const run = runs.get(peer.name) ?? { rates: [], processor: [], delays: [] };
        run.rates.push(outcome.requests / outcome.seconds / 1000);
        run.processor.push(outcome.processorSeconds / outcome.requests * 1e6);
        if (outcome.delayMs !== undefined) run.delays.push(outcome.delayMs);
        runs.set(peer.name, run);
      } catch (error) {
        failures.push(`${peer.name}: ${(error as Error).message}`);
      }
    }
  }
  const entries: Entry[] = list.filter(({ peer }) => runs.get(peer.name)?.rates.length === rounds).map(
    ({ peer, own }) => {
      const { rates, processor, delays } = runs.get(peer.name)!;
      return {
        name: peer.name,
        version: peer.version,
        own,
        rates,
        rate: spreadOf(rates),
        processorUs: spreadOf(processor).median,
        delayMs: delays.length === 0 ? undefined : spreadOf(delays).median,
      };
    },
  );
  return { name: one.name, unit: "thousand requests a second", entries, ratios: ratiosOf(entries), failures };
}

function print({ name, unit, entries, ratios, failures }: CaseResult): void {
  console.log(`\n${name}${unit === "" ? "" : ` (${unit}; median, least to greatest)`}`);
  const width = Math.max(0, ...entries.map((entry) => entry.name.length));
  for (const { name, rate, processorUs, delayMs } of entries) {
    const delay = delayMs === undefined ? "" : `, timers ${delayMs.toFixed(1)} ms late`;
    const processor = processorUs === undefined ? "" : `  ${processorUs.toFixed(1)} us of processor time each${delay}`;
    const spread = `${rate.least.toFixed(2)} to ${rate.greatest.toFixed(2)}`;
    console.log(`  ${name.padEnd(width)}  ${rate.median.toFixed(2).padStart(9)}  ${spread.padStart(18)}${processor}`);
  }
  for (const { own, peer, ratio } of ratios) {
    console.log(
      `    ${own} / ${peer}: ${ratio.median.toFixed(2)} (${ratio.least.toFixed(2)} to ${ratio.greatest.toFixed(2)})`,
    );
  }
  for (const failure of failures) console.log(`  left out: ${failure}`);
}

if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const chosen = (name: string) => values.case === undefined || values.case.some((text) => name.includes(text));
const cases = CASES.filter(({ name }) => chosen(name));
const commands = COMMAND_CASES.filter(({ name }) => chosen(name));
if (values.list) {
  for (const { name } of [...cases, ...commands]) console.log(name);
  process.exit(0);
}

if (cases.length + commands.length === 0) {
  fail(`no case has "${values.case?.join('" or "')}" in its name: see --list`, 2);
}
const rounds = above0("rounds");
const seconds = above0("seconds", false);
const [cachedBytes, largeBytes] = [above0("cached-mib") * 2 ** 20, above0("large-mib") * 2 ** 20];
const folder = attempt(() => fs.mkdtempSync(path.join(values.dir, "posix-aio-bench-")), 1);
process.on("exit", () => fs.rmSync(folder, { recursive: true, force: true }));
const stage: Stage = {
  cachedFile: path.join(folder, "cached.bin"),
  largeFile: path.join(folder, "large.bin"),
  smallFile: path.join(folder, "small.bin"),
  mayDrop: dropCaches(),
};
attempt(() => ensureFile(stage.cachedFile, cachedBytes), 1);
attempt(() => ensureFile(stage.largeFile, largeBytes), 1);
attempt(() => ensureFile(stage.smallFile, 8 << 20), 1);
const machine = describeMachine(folder);
console.log(
  `${machine.processor}, ${machine.cores} cores, ${machine.kernel}, ${machine.fileSystem} at ${values.dir}, ${machine.date}`,
);
for (const note of machine.notes) console.log(`note: ${note}`);
for (const reason of findRuntimes().missing) console.log(`left out: ${reason}`);
if (fioVersion() === undefined) console.log("left out: fio is not installed (apt-get install fio)");

const results: CaseResult[] = [];

/** What there is until all cases have been measured. */
const partialFile = path.join(values.out, "results.partial.json");

/** Prints what came of a case, and saves it with those before. */
function add(result: CaseResult): void {
  results.push(result);
  print(result);
  fs.writeFileSync(partialFile, JSON.stringify({ machine, rounds, seconds, results }, undefined, 1) + "\n");
}

attempt(() => fs.mkdirSync(values.out, { recursive: true }), 1);
for (const one of cases) add(runCase(one, stage, rounds, seconds));
for (const one of commands) {
  const outcome = one.run({
    source: stage.largeFile,
    warmUpSource: stage.smallFile,
    folder,
    rounds,
    runtimes: found,
  });
  const entries = outcome.entries.map((entry) => ({ ...entry, rate: spreadOf(entry.rates) }));
  add({ name: one.name, unit: one.unit, entries, ratios: ratiosOf(entries), failures: outcome.failures });
}
fs.renameSync(partialFile, path.join(values.out, "results.json"));
await drawChart(results, machine, path.join(values.out, "results.svg"));
console.log(`\n${path.join(values.out, "results.json")} and results.svg written`);
