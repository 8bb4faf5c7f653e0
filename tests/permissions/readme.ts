/**
 * What the README says about permissions, what it shows, and how the running runtime is told.
 *
 * @module
 */

import fs from "node:fs";
import process from "node:process";

const README = fs.readFileSync(new URL("../../README.md", import.meta.url), "utf8");

/** Whose permissions are tested here; Bun has none. */
export const runtime: "deno" | "bun" | "node" = process.versions.deno !== undefined
  ? "deno"
  : process.versions.bun !== undefined
  ? "bun"
  : "node";

/** One row of the table. */
export interface Row {
  /** What is run, as "aio info" or "the example of a queue". */
  readonly what: string;
  /** The flags, each a word, with names in capitals for paths. */
  readonly flags: readonly string[];
  /** Why it cannot be run with permissions at all. */
  readonly impossible: string | undefined;
}

/** The rows of the table of permissions, as they are for the running runtime. */
export function rows(): Row[] {
  const [, section] = README.split("\n## Permissions\n");
  const lines = section.split("\n## ")[0].split("\n").filter((line) => line.startsWith("|")).slice(2);
  return lines.map((line) => {
    const [, what, deno, node] = line.split("|").map((cell) => cell.trim());
    const cell = runtime === "bun" ? "" : runtime === "deno" ? deno : node;
    const impossible = cell.startsWith("not possible") ? cell : undefined;
    const flags = impossible === undefined ? cell.replaceAll("`", "").split(" ").filter((flag) => flag !== "") : [];
    return { what: what.replaceAll("`", ""), flags, impossible };
  });
}

/** The first examples in TypeScript, by the words before them: "A copy, from a script:" is "the example of a copy". */
export function examples(): Map<string, string> {
  const found = README.matchAll(/\n([A-Z][^\n]*):\n\n```ts\n([^]*?)```/g);
  return new Map(
    [...found].map((
      [, words, source],
    ) => [`the example of ${words.split(",")[0].replace(/^(A|The)/, (word) => word.toLowerCase())}`, source]),
  );
}

/** How many examples there are, however they are introduced. */
export function exampleCount(): number {
  return README.match(/```ts\n/g)?.length ?? 0;
}

/** The commands that the README shows: "copy", "info --check". */
export function commands(): Set<string> {
  const blocks = [...README.matchAll(/```sh\n([^]*?)```/g)].map(([, text]) => text).join("");
  const starts = /(?:^aio|^deno task|cli\.ts|aio\.mjs|\/cli) ([a-z]+)((?: --check)?)/gm;
  return new Set([...blocks.matchAll(starts)].map(([, name, option]) => `aio ${name}${option}`));
}
