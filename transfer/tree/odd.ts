/**
 * Files with names that are no UTF-8, for which node:fs has to be given bytes: what is kept of one that is replaced.
 *
 * @module
 */

import fs from "node:fs";
import type { FilePath, FilesHow } from "../../ffi/files_thread.ts";
import { modeOfAcl, parseAcl } from "../metadata/acl.ts";
import { readOldFile } from "../metadata/keep.ts";
import type { OldFile } from "../metadata/keep.ts";
import type { Item } from "./item.ts";
import { nodePath } from "./path.ts";

/** Whether a name is no UTF-8. */
export function isOdd(source: FilePath, target: FilePath): boolean {
  return typeof source !== "string" || typeof target !== "string";
}

/**
 * How a thread copies one.
 *
 * @param item The file.
 * @param usual How it copies others.
 * @returns How, and what of the replaced file cannot be kept.
 * @throws {Error} If the replaced file cannot be opened.
 */
export function howOdd({ existing, target }: Item, usual: FilesHow): { how: FilesHow; lost: readonly string[] } {
  let old: OldFile | undefined;
  try {
    old = existing?.kind === "file" ? lookAtOdd(target) : undefined;
  } catch (error) {
    // a runtime that cannot open it has more to say on the thread
    if ((error as { code?: string }).code !== "ENOENT") throw error;
  }
  const entries = old?.acl === undefined ? undefined : parseAcl(old.acl);
  const mode = old === undefined ? 0 : entries === undefined ? old.mode & 0o777 : modeOfAcl(entries);
  const likeMode = old !== undefined && !usual.mode ? mode : -1;
  const likeOwner = old === undefined ? null : [Number(old.uid), Number(old.gid)] as const;
  const lost = [
    ...(entries === undefined || usual.mode ? [] : ["access control list"]),
    ...(usual.mode ? [] : old?.attributes.keys() ?? []),
  ];
  return { how: { ...usual, fresh: existing === null, alone: true, likeMode, likeOwner }, lost };
}

/** What could not be written is not replaced either; what is kept of it. */
function lookAtOdd(target: FilePath): OldFile {
  const fd = fs.openSync(nodePath(target), fs.constants.O_WRONLY | fs.constants.O_NONBLOCK);
  try {
    return readOldFile(fd);
  } finally {
    fs.closeSync(fd);
  }
}
