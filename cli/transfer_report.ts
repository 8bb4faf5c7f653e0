/**
 * What `aio copy` and `aio sync` tell of a transfer of many files: each entry as it comes, how far it is, and what it was in
 * all; and the manifest that they write meanwhile.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import fs from "node:fs";
import path from "node:path";
import { formatManifestLine } from "../transfer/sums/manifest.ts";
import type { TreeResult } from "../transfer/tree/item.ts";
import type { TreeProgress, TreeSummary } from "../transfer/tree/progress.ts";
import type { Transfer } from "../transfer/tree/results.ts";
import { formatBytes, formatCount, formatRate, formatTime } from "./format.ts";
import { explained } from "./hints.ts";
import { complainOfRights } from "./kept.ts";
import { complain, print } from "./output.ts";
import { quoteName } from "./quote.ts";
import { treeProgress } from "./tree_progress.ts";
import type { Parsed } from "./usage.ts";

/** What a transfer is called. */
export interface Called {
  /** In the line that shows how far it is. */
  readonly label: string;
  /** The source, if it is one. */
  readonly source?: string;
  /** The target. */
  readonly target: string;
}

/** Begins a transfer whose progress is told. */
export type Begin = (onProgress: (progress: TreeProgress) => void) => Transfer<TreeResult, TreeSummary>;

/** Writes the digest of an entry down, under the name that it has in the manifest. */
export type Record = (result: TreeResult, name: string | Uint8Array) => void;

/**
 * Does something while a manifest is open.
 *
 * @param file Its name; without one, nothing is written.
 * @param action What to do.
 * @returns What it gives.
 */
export async function withManifest<Result>(
  file: string | boolean | undefined,
  action: (record: Record) => Promise<Result>,
): Promise<Result> {
  if (file === undefined) return await action(() => {});
  const fd = fs.openSync(String(file), "w");
  try {
    return await action(({ digest }, name) => {
      if (digest !== undefined) fs.writeSync(fd, formatManifestLine(name, digest));
    });
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * What a file is called in a manifest.
 *
 * @param within The folder that its transfer copies to, as the manifest calls it; `""` for the manifest's own.
 * @param result The file.
 * @returns The name; bytes, where it is no UTF-8.
 */
export function manifestName(within: string, { path, exact }: TreeResult): string | Uint8Array {
  const before = within === "" ? "" : `${within}/`;
  return exact === undefined ? before + path : Buffer.concat([Buffer.from(before), exact.path]);
}

/**
 * Runs a transfer to its end, and tells what comes of it.
 *
 * @param begin Begins it.
 * @param called What it is called.
 * @param values What was given.
 * @param signal What ends it.
 * @param onResult Takes each result.
 * @returns The exit status.
 */
export async function report(
  begin: Begin,
  called: Called,
  values: Parsed["values"],
  signal: AbortSignal,
  onResult: (result: TreeResult) => void,
): Promise<number> {
  const silent = values.quiet === true || values["no-progress"] === true || values.json === true;
  const line = silent ? undefined : treeProgress(called.label);
  const transfer = begin((progress) => line?.update(progress));
  const { source, target } = called;
  let lacks = false;
  try {
    for await (const result of transfer) {
      onResult(result);
      if (result.notKept.length > 0) {
        line?.clear();
        lacks = complainOfRights(asTyped(result.target, target), result.notKept) || lacks;
      }
      const text = textOf(result, called, values);
      if (text === "") continue;
      line?.clear();
      if (result.action === "failed") complain(text);
      else print(text);
    }
    line?.stop();
    const summary = await transfer.summary;
    tellSummary(summary, called, values);
    return summary.failed === 0 && !lacks ? 0 : 1;
  } catch (error) {
    line?.stop();
    const message = error instanceof Error ? error.message : String(error);
    complain(
      signal.aborted ? `${message}; what is whole stays: the same command again copies the rest` : explained(error),
    );
    if (values.json === true) print(`${JSON.stringify({ event: "failed", source, target, error: { message } })}\n`);
    return 1;
  }
}

/** What is told of an entry: failures, with -v everything that was done, with --json everything. */
function textOf(result: TreeResult, called: Called, values: Parsed["values"]): string {
  const { action, error, reason } = result;
  if (values.json === true) {
    const { exact: _, error: failure, ...rest } = result;
    const told = failure === undefined
      ? undefined
      : { message: failure.message, code: (failure as { code?: string }).code };
    if (failure !== undefined) complain(explained(failure));
    print(`${JSON.stringify({ event: "entry", ...rest, error: told })}\n`);
    return "";
  }
  if (action === "failed") return explained(error);
  if (values.verbose !== true && values["dry-run"] !== true) return "";
  const source = called.source === undefined ? result.path : asTyped(result.source, called.source);
  const target = asTyped(result.target, called.target);
  if (action === "skipped") return values.verbose === true ? `skipped ${quoteName(target)}: ${reason}\n` : "";
  if (action === "updated") return `updated ${quoteName(target)}: ${reason}\n`;
  const from = action === "copied" || action === "linked" ? `${quoteName(source)} -> ` : "";
  return `${action} ${from}${quoteName(target)}\n`;
}

/** A path as the command line has it: from the root, or from the working directory. */
function asTyped(name: string, typed: string): string {
  return path.isAbsolute(typed) ? name : path.relative("", name) || ".";
}

function tellSummary(summary: TreeSummary, { source, target }: Called, values: Parsed["values"]): void {
  if (values.json === true) return print(`${JSON.stringify({ event: "summary", source, target, ...summary })}\n`);
  if (values.quiet === true) return;
  const { files, folders, links, specials, bytes, skipped, updated, deleted, failed, milliseconds } = summary;
  const parts = [formatCount(files, "file"), formatBytes(bytes)];
  if (folders > 0) parts.push(formatCount(folders, "folder"));
  if (links > 0) parts.push(formatCount(links, "link"));
  if (specials > 0) parts.push(formatCount(specials, "special file"));
  if (updated > 0) parts.push(`${updated} updated`);
  if (skipped > 0) parts.push(`${skipped} skipped`);
  if (deleted > 0) parts.push(`${deleted} deleted`);
  if (failed > 0) parts.push(`${failed} failed`);
  parts.push(formatTime(milliseconds), formatRate(bytes, milliseconds));
  const would = values["dry-run"] === true ? " (nothing was done: --dry-run)" : "";
  const what = source === undefined ? "" : `${quoteName(source)} -> ${quoteName(target)}: `;
  print(`${what}${parts.join(", ")}${would}\n`);
}
