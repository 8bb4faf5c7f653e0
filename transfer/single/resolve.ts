/**
 * What is meant by a copy's target: symbolic links followed, a directory entered, and what is there so far.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import type { Paths } from "./paths.ts";
import { isKnownLocal } from "./places.ts";

/** A target that was found. */
export interface Found {
  /** Its path. */
  readonly name: string;
  /** What is there, or `null`. */
  readonly existing: fs.BigIntStats | null;
}

/**
 * Finds the target.
 *
 * @param paths The names of the copy's two ends.
 * @returns What is there.
 * @throws {AioError} EISDIR if it is a directory that has a directory of the source's name; ENOENT or ENOTDIR if it is
 * named as a directory and is none.
 */
export async function resolve(paths: Paths): Promise<Found> {
  let name = paths.target;
  let found = await look(name, paths);
  if (found.existing?.isDirectory()) {
    name = path.join(name, path.basename(paths.source));
    found = await look(name, paths);
    if (found.existing?.isDirectory()) {
      throw paths.failure("open", "EISDIR", `write the target "${name}", which is a directory`);
    }
  } else if (/\/\.{0,2}$/.test(name)) {
    throw paths.failure("open", found.existing === null ? "ENOENT" : "ENOTDIR", "enter the target directory");
  }
  const { existing, isLink } = found;
  return { name: isLink && existing?.isFile() ? await fs.promises.realpath(name) : name, existing };
}

/** Most targets are no links, and most are not there: one question answers both. */
async function look(name: string, paths: Paths): Promise<{ existing: fs.BigIntStats | null; isLink: boolean }> {
  let found: fs.BigIntStats;
  try {
    found = isKnownLocal(name) ? fs.lstatSync(name, { bigint: true }) : await fs.promises.lstat(name, { bigint: true });
  } catch (error) {
    if ((error as { code?: string }).code !== "ENOENT") throw error;
    return { existing: null, isLink: false };
  }
  if (!found.isSymbolicLink()) return { existing: found, isLink: false };
  try {
    return { existing: await fs.promises.stat(name, { bigint: true }), isLink: true };
  } catch (error) {
    throw deadLink(error, paths);
  }
}

/**
 * The error of a symbolic link at the target that leads nowhere: it would be replaced, not followed.
 *
 * @param error What the look at what it leads to gave.
 * @param paths The names of the copy's two ends.
 * @returns What to throw.
 */
export function deadLink(error: unknown, paths: Paths): unknown {
  const { code, syscall = "stat" } = error as { code?: string; syscall?: string };
  if (code !== "ENOENT") return error;
  return paths.failure(syscall, code, "follow the target, a symbolic link that leads nowhere: remove it first");
}
