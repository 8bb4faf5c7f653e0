/**
 * The examples of the pages in docs/, and what they print.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { TemporaryFolder } from "../support/files.ts";

/** The folder of the package. */
export const ROOT: string = fileURLToPath(new URL("../../", import.meta.url));

/** An example of a page. */
export interface Example {
  /** The page's name, without its ending. */
  readonly page: string;
  /** Its heading, and which one it is below that. */
  readonly name: string;
  /** The source. */
  readonly source: string;
  /** Lines that it says that it prints, in their order; there may be others. */
  readonly prints: readonly string[];
}

/** The pages by their names without endings, with their text. */
export function pages(): Map<string, string> {
  const names = fs.readdirSync(path.join(ROOT, "docs")).filter((name) => name.endsWith(".md")).sort();
  return new Map(names.map((name) => [name.slice(0, -3), fs.readFileSync(path.join(ROOT, "docs", name), "utf8")]));
}

/** The examples in TypeScript of a page. */
export function examplesOf(page: string, text: string): Example[] {
  const found: Example[] = [];
  let heading = page;
  let index = 0;
  const parts = text.matchAll(/^#+ (.*)$|^```ts\n([^]*?)^```$(?:\n\nIt prints\n\n```text\n([^]*?)^```$)?/gm);
  for (const [, title, source, output = ""] of parts) {
    const prints = () => [...saidToPrint(source), ...output.split("\n").filter((line) => line !== "")];
    if (title === undefined) found.push({ page, name: `${heading}, ${++index}`, source, prints: prints() });
    else [heading, index] = [title, 0];
  }
  return found;
}

/** A page's example as a program elsewhere: what it imports is this checkout. */
export function standalone(source: string): string {
  return source.replaceAll(/"@posix\/aio(\/sys)?"/g, (_, sys) => {
    return JSON.stringify(pathToFileURL(path.join(ROOT, sys === undefined ? "mod.ts" : "sys.ts")).href);
  });
}

/** What an example says that it prints: the comments behind its calls of `console.log`. */
export function saidToPrint(source: string): string[] {
  return [...source.matchAll(/console\.log\(.*\);(?: \})*(?: else .*)? \/\/ (.+)$/gm)].map(([, words]) => words);
}

/** The first line that is said to be printed and is not, in the order of the source; a line may be printed more often. */
export function notPrinted(said: readonly string[], printed: readonly string[]): string | undefined {
  let at = 0;
  for (const line of said) {
    const found = printed.indexOf(line, at);
    if (found < 0) return line;
    at = found + 1;
  }
  return undefined;
}

let modules = 0;

/**
 * Runs an example in this process, in the package's folder.
 *
 * @param source The example.
 * @param folder Where its file is written.
 * @returns The lines that it printed by `console.log`.
 */
export async function runExample(source: string, folder: TemporaryFolder): Promise<string[]> {
  const file = folder.write(`example${modules++}.ts`, standalone(source));
  const printed: string[] = [];
  const { log } = console;
  console.log = (...words) => void printed.push(...words.map(shown).join(" ").split("\n"));
  try {
    await import(pathToFileURL(file).href);
  } finally {
    console.log = log;
  }
  return printed;
}

/** Texts, numbers and the like as every runtime prints them; others, which runtimes print in their own ways, as JSON. */
function shown(value: unknown): string {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}
