/**
 * Which entries of a tree take part, and where each goes.
 *
 * @module
 */

import path from "node:path";
import type { FilePath } from "../../ffi/files_thread.ts";
import { shardOf } from "../shard.ts";
import { sameName } from "./options.ts";
import type { TreeSettings } from "./options.ts";
import { baseName, joinPath, textOf } from "./path.ts";

/** Which entries take part, by name. */
export type Choice = Pick<TreeSettings, "include" | "exclude" | "shard">;

/**
 * Whether a pattern is meant for an entry: one with a slash for its path within the tree, another one for any name.
 *
 * @param patterns Glob patterns.
 * @param entry The path within the tree.
 * @returns Whether one is.
 */
export function matchesAny(patterns: readonly string[], entry: string): boolean {
  const name = baseName(entry) as string;
  return patterns.some((pattern) => {
    const [wanted, tried] = pattern.includes("/") ? [pattern.replace(/^\/|\/$/g, ""), entry] : [pattern, name];
    return path.matchesGlob(tried, wanted);
  });
}

/**
 * Whether an entry is left out by name.
 *
 * @param settings The options.
 * @param entry The path within the tree.
 * @param isFolder Whether it is a folder, which only `exclude` leaves out.
 * @returns Whether it is.
 */
export function isLeftOut({ include, exclude }: Choice, entry: FilePath, isFolder: boolean): boolean {
  if (include.length + exclude.length === 0) return false;
  const text = textOf(entry);
  if (matchesAny(exclude, text)) return true;
  return !isFolder && include.length > 0 && !matchesAny(include, text);
}

/**
 * Whether a file belongs to the part of the files that was asked for.
 *
 * @param settings The options.
 * @param entry The path within the tree.
 * @returns Whether it does.
 */
export function isInShard({ shard }: Choice, entry: FilePath): boolean {
  return shard === undefined || shardOf(entry, shard.count) === shard.index;
}

/**
 * Where a file goes.
 *
 * @param settings The options.
 * @param target The target of the whole tree.
 * @param folder The target of the folder that it is in.
 * @param entry The path within the tree.
 * @returns The path, or `undefined` if it is left out.
 */
export function targetOf(
  { rename, flat }: Pick<TreeSettings, "rename" | "flat">,
  target: FilePath,
  folder: FilePath,
  entry: FilePath,
): FilePath | undefined {
  if (flat) return joinPath(target, baseName(entry));
  if (rename === sameName) return joinPath(folder, baseName(entry));
  const renamed = rename(textOf(entry));
  return renamed === undefined ? undefined : joinPath(target, renamed);
}
