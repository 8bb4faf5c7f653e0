/**
 * The part of `aio copy` that copies several files, or one with the options that only transfers of many have: side by side.
 *
 * @module
 */

import path from "node:path";
import { copyMany } from "../transfer/copy_many.ts";
import type { TreeOptions } from "../transfer/tree/tree_options.ts";
import type { CopyTask } from "./task.ts";
import { report } from "./transfer_report.ts";
import type { Record } from "./transfer_report.ts";
import type { Parsed } from "./usage.ts";

/**
 * Copies files, side by side.
 *
 * @param tasks The files.
 * @param options How.
 * @param values What was given besides.
 * @param signal Ends it.
 * @param record Takes digests.
 * @returns The exit status.
 */
export async function copyList(
  tasks: readonly CopyTask[],
  options: TreeOptions,
  values: Parsed["values"],
  signal: AbortSignal,
  record: Record,
): Promise<number> {
  const [{ source, target }] = tasks;
  const called = tasks.length === 1
    ? { label: path.basename(source), source, target }
    : { label: "", target: path.dirname(target) };
  const names = new Map(tasks.map((task) => [path.resolve(task.target), task.name]));
  return await report(
    (onProgress) => copyMany(tasks, { ...options, signal, onProgress }),
    called,
    ...[values, signal] as const,
    (result) => record(result, names.get(path.resolve(result.target)) as string),
  );
}
