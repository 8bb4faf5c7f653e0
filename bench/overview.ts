/**
 * Draws `bench/results/results.json` again: the chart that the README shows, docs/pictures/rates.svg, of a few cases, and results.svg with all of them.
 *
 * ```sh
 * node bench/overview.ts
 * ```
 *
 * @module
 */

import fs from "node:fs";
import { fileURLToPath } from "node:url";
import { drawChart } from "./chart.ts";
import type { Machine } from "./machine.ts";
import type { CaseResult } from "./results.ts";

/** The cases: few in flight and many, from the page cache and past it, and a copy. */
const CASES = [
  "random 4 KiB reads, page cache, 4 in flight",
  "random 4 KiB reads, page cache, 128 in flight",
  "random 4 KiB reads, O_DIRECT, 128 in flight",
  "copy of one big file, cold and synced",
];

const at = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const { machine, results }: { machine: Machine; results: readonly CaseResult[] } = JSON.parse(
  fs.readFileSync(at("results/results.json"), "utf8"),
);
const chosen = CASES.map((name) => {
  const found = results.find((one) => one.name === name);
  if (found === undefined) throw new Error(`bench/results/results.json lacks "${name}"`);
  return found;
});
await drawChart(chosen, machine, at("../docs/pictures/rates.svg"));
await drawChart(results, machine, at("results/results.svg"));
