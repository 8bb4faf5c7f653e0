/**
 * The part of `aio copy -r` and `aio sync` that copies folders, and tells what comes of each entry.
 *
 * @module
 */

import fs from "node:fs";
import { copyTree } from "../transfer/copy_tree.ts";
import { formatManifestLine } from "../transfer/sums/manifest.ts";
import type { TreeResult } from "../transfer/tree/item.ts";
import type { TreeOptions } from "../transfer/tree/options.ts";
import type { TreeSummary } from "../transfer/tree/progress.ts";
import type { CopyTask } from "./task.ts";
import { formatBytes, formatRate, formatTime } from "./format.ts";
import { complain, print } from "./output.ts";
import { quoteName } from "./quote.ts";
import { treeProgress } from "./tree_progress.ts";
import type { Parsed } from "./usage.ts";

/**
 * Copies folders, one after another.
 *
 * @param tasks The folders.
 * @param options How.
 * @param values What was given besides.
 * @param signal Ends it.
 * @returns The exit status.
 */
export async function copyFolders(
  tasks: readonly CopyTask[],
  options: TreeOptions,
  values: Parsed["values"],
  signal: AbortSignal,
): Promise<number> {
  let status = 0;
  const manifest = values.manifest === undefined ? undefined : fs.openSync(String(values.manifest), "w");
  try {
    for (const task of tasks) {
      if (!signal.aborted) status = Math.max(status, await copyFolder(task, options, values, signal, manifest));
    }
  } finally {
    if (manifest !== undefined) fs.closeSync(manifest);
  }
  return status;
}

async function copyFolder(
  { source, target }: CopyTask,
  options: TreeOptions,
  values: Parsed["values"],
  signal: AbortSignal,
  manifest: number | undefined,
): Promise<number> {
  const silent = values.quiet === true || values["no-progress"] === true || values.json === true;
  const line = silent ? undefined : await treeProgress(source);
  const transfer = copyTree(source, target, { ...options, signal, onProgress: (progress) => line?.update(progress) });
  try {
    for await (const result of transfer) {
      if (manifest !== undefined && result.digest !== undefined) {
        fs.writeSync(manifest, formatManifestLine(result.exact?.path ?? result.path, result.digest));
      }
      const text = textOf(result, values);
      if (text === "") continue;
      line?.clear();
      if (result.action === "failed") complain(text);
      else print(text);
    }
    line?.stop();
    const summary = await transfer.summary;
    tellSummary(summary, source, target, values);
    return summary.failed === 0 ? 0 : 1;
  } catch (error) {
    line?.stop();
    const message = error instanceof Error ? error.message : String(error);
    complain(signal.aborted ? `${message}; what is whole stays: the same command again copies the rest` : message);
    if (values.json === true) print(`${JSON.stringify({ event: "failed", source, target, error: { message } })}\n`);
    return 1;
  }
}

/** What is told of an entry: failures, with -v everything that was done, with --json everything. */
function textOf(result: TreeResult, values: Parsed["values"]): string {
  const { action, source, target, error, reason } = result;
  if (values.json === true) {
    const { exact: _, error: failure, ...rest } = result;
    const told = failure === undefined
      ? undefined
      : { message: failure.message, code: (failure as { code?: string }).code };
    if (failure !== undefined) complain(failure.message);
    print(`${JSON.stringify({ event: "entry", ...rest, error: told })}\n`);
    return "";
  }
  if (action === "failed") return error!.message;
  if (values.verbose !== true && values["dry-run"] !== true) return "";
  if (action === "skipped") return values.verbose === true ? `skipped ${quoteName(target)}: ${reason}\n` : "";
  const from = action === "copied" || action === "linked" ? `${quoteName(source)} -> ` : "";
  return `${action} ${from}${quoteName(target)}\n`;
}

function tellSummary(summary: TreeSummary, source: string, target: string, values: Parsed["values"]): void {
  if (values.json === true) return print(`${JSON.stringify({ event: "summary", source, target, ...summary })}\n`);
  if (values.quiet === true) return;
  const { files, folders, links, specials, bytes, skipped, deleted, failed, milliseconds } = summary;
  const counts: [number, string][] = [
    [folders, "folders"],
    [links, "links"],
    [specials, "special files"],
    [skipped, "skipped"],
    [deleted, "deleted"],
    [failed, "failed"],
  ];
  const more = counts.filter(([count]) => count > 0).map(([count, what]) => `, ${count} ${what}`).join("");
  const would = values["dry-run"] === true ? " (nothing was done: --dry-run)" : "";
  print(
    `${quoteName(source)} -> ${quoteName(target)}: ${files} files, ${formatBytes(bytes)}${more}, ` +
      `${formatTime(milliseconds)}, ${formatRate(bytes, milliseconds)}${would}\n`,
  );
}
