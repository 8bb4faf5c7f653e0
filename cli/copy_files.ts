/**
 * The part of `aio copy` that copies single files, one after another.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import { copy } from "../transfer/copy.ts";
import type { CopyOptions } from "../transfer/options.ts";
import { Made } from "../transfer/tree/made.ts";
import type { CopyTask } from "./task.ts";
import { JsonReport, TextReport } from "./copy_report.ts";
import type { CopyReport } from "./copy_report.ts";
import type { Parsed } from "./usage.ts";

/**
 * Copies files; a failure does not keep the others from being copied.
 *
 * @param tasks The files.
 * @param options How.
 * @param values What was given besides.
 * @param signal Ends it.
 * @returns The exit status.
 */
export async function copyFiles(
  tasks: readonly CopyTask[],
  options: CopyOptions,
  values: Parsed["values"],
  signal: AbortSignal,
): Promise<number> {
  const progress = values["no-progress"] !== true && values.quiet !== true;
  const report: CopyReport = values.json === true
    ? new JsonReport(progress)
    : new TextReport(values.quiet !== true, progress);
  const made = new MadeFiles();
  let failed = 0;
  for (const { source, target } of tasks) {
    if (signal.aborted) break;
    const onProgress = await report.begin(path.basename(source), source, target);
    try {
      made.mustNotBe(source, target);
      if (values["dry-run"] !== true) report.copied(await copy(source, target, { ...options, signal, onProgress }));
      made.add(target);
    } catch (error) {
      failed++;
      report.failed(source, target, error);
    }
  }
  report.end(failed);
  return failed === 0 && !signal.aborted ? 0 : 1;
}

/** What this command has made: a second source must not take its place, whatever the file system takes for the same name. */
class MadeFiles {
  readonly #files = new Map<string, string>();
  readonly #names = new Made();

  mustNotBe(source: string, target: string): void {
    const found = identityOf(target);
    if (found !== undefined && this.#files.has(found)) {
      throw new Error(`will not overwrite "${this.#files.get(found)}", which was just made, with "${source}"`);
    }
    if (!this.#names.has(target)) return;
    throw new Error(
      `will not overwrite "${target}", which was just made under a name that is the same here, with "${source}"`,
    );
  }

  add(target: string): void {
    const found = identityOf(target);
    if (found === undefined) return; // a pipe may be written to again
    this.#names.add(target);
    this.#files.set(found, target);
  }
}

function identityOf(name: string): string | undefined {
  const found = fs.statSync(name, { bigint: true, throwIfNoEntry: false });
  return found?.isFile() ? `${found.dev}:${found.ino}` : undefined;
}
