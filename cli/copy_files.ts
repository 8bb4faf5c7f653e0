/**
 * The part of `aio copy` that copies single files, one after another.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import { copy } from "../transfer/copy.ts";
import { isStandardOutput } from "../transfer/single/standard.ts";
import type { CopyOptions } from "../transfer/options.ts";
import { complainOfRights } from "./kept.ts";
import type { CopyTask } from "./task.ts";
import { JsonReport, TextReport } from "./copy_report.ts";
import type { CopyReport } from "./copy_report.ts";
import type { Parsed } from "./usage.ts";

/** The exit status of who is ended by SIGPIPE: 128 and the signal's number. */
const SIGPIPE_STATUS = 141;

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
  let failed = 0, lacks = false;
  for (const { source, target } of tasks) {
    if (signal.aborted) break;
    const onProgress = await report.begin(path.basename(source), source, target);
    try {
      mustBeNoFolder(target, source);
      const result = await copy(source, target, { ...options, signal, onProgress });
      report.copied(result);
      lacks = complainOfRights(result.target, result.notKept) || lacks;
    } catch (error) {
      failed++;
      // as with cat, whose reader may have seen enough
      if (isStandardOutput(target) && (error as { code?: string }).code === "EPIPE") return SIGPIPE_STATUS;
      report.failed(source, target, error);
    }
  }
  report.end(failed);
  return failed === 0 && !lacks && !signal.aborted ? 0 : 1;
}

/** A folder is no place for a file, though a copy to a folder goes into it: what was typed meant the folder above it. */
function mustBeNoFolder(target: string, source: string): void {
  if (fs.statSync(target, { throwIfNoEntry: false })?.isDirectory() !== true) return;
  throw new Error(`cannot put "${source}" in the place of the folder "${target}" (EISDIR): remove it first`);
}
