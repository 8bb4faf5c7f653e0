/**
 * The part of `aio copy -r` and `aio sync` that copies folders.
 *
 * @module
 */

import { copyTree } from "../transfer/copy_tree.ts";
import type { TreeOptions } from "../transfer/tree/tree_options.ts";
import type { CopyTask } from "./task.ts";
import { manifestName, report } from "./transfer_report.ts";
import type { Record } from "./transfer_report.ts";
import type { Parsed } from "./usage.ts";

/**
 * Copies folders, one after another.
 *
 * @param tasks The folders.
 * @param options How.
 * @param values What was given besides.
 * @param signal Ends it.
 * @param record Takes digests.
 * @returns The exit status.
 */
export async function copyFolders(
  tasks: readonly CopyTask[],
  options: TreeOptions,
  values: Parsed["values"],
  signal: AbortSignal,
  record: Record,
): Promise<number> {
  let status = 0;
  for (const { source, target, name } of tasks) {
    if (signal.aborted) break;
    const ended = await report(
      (onProgress) => copyTree(source, target, { ...options, signal, onProgress }),
      { label: source, source, target },
      ...[values, signal] as const,
      (result) => record(result, manifestName(name, result)),
    );
    status = Math.max(status, ended);
    if (ended !== 0 && options.stopOnError === true) break;
  }
  return status;
}
