/**
 * Files with names that are no UTF-8, for which node:fs has to be given bytes: what is kept of one that is replaced, and
 * what is taken from its source.
 *
 * @module
 */

import fs from "node:fs";
import type { FilePath, FilesHow } from "../../ffi/files_thread.ts";
import { modeOfAcl, parseAcl } from "../metadata/acl.ts";
import { keepAccess, readOldFile } from "../metadata/keep.ts";
import type { OldFile } from "../metadata/keep.ts";
import type { Preserved } from "../metadata/preserve.ts";
import { statOf } from "./entry.ts";
import type { Item } from "./item.ts";
import { nodePath, textOf } from "./path.ts";
import { update } from "./update.ts";

const { O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = fs.constants;

/** Whether a name is no UTF-8. */
export function isOdd(source: FilePath, target: FilePath): boolean {
  return typeof source !== "string" || typeof target !== "string";
}

/** How a thread copies one, and what is done when it is there. */
export interface OddCopy {
  readonly how: FilesHow;
  /** Gives the copy what a thread cannot: lists and attributes. Returns what could not be kept, in words. */
  readonly finish: (lost: boolean) => readonly string[];
}

/**
 * How a thread copies one.
 *
 * @param item The file.
 * @param usual How it copies others.
 * @param preserved What it takes from its source.
 * @returns How. Until it is finished, the copy is accessible to those who are to have access, or to fewer.
 * @throws {Error} If the replaced file cannot be opened.
 */
export function howOdd(item: Item, usual: FilesHow, preserved: Preserved): OddCopy {
  const { existing, target } = item;
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
  const isOlds = old !== undefined && !usual.mode && (entries !== undefined || old.attributes.size > 0);
  return {
    how: { ...usual, fresh: existing === null, alone: true, likeMode, likeOwner },
    finish(lost) {
      const notKept = isOlds ? keepOld(target, old!, preserved) : [];
      return lost ? [...notKept, ...updateOdd(item, preserved)] : notKept;
    },
  };
}

/** The list and the attributes of the file that was replaced; its times are the copy's own. */
function keepOld(target: FilePath, old: OldFile, { ownership }: Preserved): string[] {
  const fd = fs.openSync(nodePath(target), O_WRONLY | O_NONBLOCK | O_NOFOLLOW);
  try {
    const { uid, gid } = fs.fstatSync(fd, { bigint: true });
    return keepAccess(fd, textOf(target), ownership ? { ...old, uid, gid } : old);
  } finally {
    fs.closeSync(fd);
  }
}

/** The list and the attributes of the source. */
function updateOdd(item: Item, preserved: Preserved): readonly string[] {
  const existing = statOf(fs.lstatSync(nodePath(item.target), { bigint: true }));
  return update({ ...item, existing, marked: true }, { preserved, dereference: true, dryRun: false }).notKept;
}

/** What could not be written is not replaced either; what is kept of it. */
function lookAtOdd(target: FilePath): OldFile {
  const fd = fs.openSync(nodePath(target), O_WRONLY | O_NONBLOCK);
  try {
    return readOldFile(fd);
  } finally {
    fs.closeSync(fd);
  }
}
