/**
 * What of an entry that is there already, with the same content, is not as its source: mode, owner, lists, attributes and
 * times, where they are preserved. It gets them, and nothing is copied, as rsync does it.
 *
 * @module
 */

import fs from "node:fs";
import type { FilePath } from "../../ffi/files_thread.ts";
import { AioError } from "../../ffi/errno.ts";
import { changesOf, lookAt } from "../metadata/look.ts";
import { preserve } from "../metadata/preserve.ts";
import type { Preserved } from "../metadata/preserve.ts";
import type { Item } from "./item.ts";
import { nodePath, textOf } from "./path.ts";
import { copyTimes } from "./special.ts";

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;

/** Its owner may read a file. */
const OWNER_READS = 0o400;

/** What an update came to. */
export interface Updated {
  /** What was changed, in words; with a dry run, what would be. */
  readonly changed: readonly string[];
  /** What could not be kept, in words. */
  readonly notKept: readonly string[];
}

/** How it is done. */
export interface UpdateHow {
  readonly preserved: Preserved;
  /** The source is what its links lead to. */
  readonly dereference: boolean;
  readonly dryRun: boolean;
}

const NOTHING: Updated = { changed: [], notKept: [] };

/**
 * Gives an entry what its source has and it has not.
 *
 * @param item The entry; its target is there, and of the same kind.
 * @param how How.
 * @returns What was done.
 * @throws {Error} If the target may not be changed, or what was changed would be accessible to more.
 */
export function update(item: Item, how: UpdateHow): Updated {
  const changed = differences(item, how.preserved);
  const isMarked = item.marked !== false && item.stat.kind === "file" &&
    (how.preserved.mode || how.preserved.attributes);
  if (changed.length === 0 && !isMarked) return NOTHING;
  if (item.stat.kind === "file") return updateFile(item, how, changed);
  if (how.dryRun) return { changed, notKept: [] };
  return updateByName(item, how.preserved, changed);
}

/** What stat(2) tells of it. */
function differences({ stat, existing }: Item, { mode, ownership, timestamps }: Preserved): string[] {
  const other = existing!, words: string[] = [];
  if (ownership && stat.uid !== other.uid) words.push("owner");
  if (ownership && stat.gid !== other.gid) words.push("group");
  if (mode && stat.kind !== "link" && (stat.mode & 0o7777) !== (other.mode & 0o7777)) words.push("mode");
  if (timestamps && stat.modified !== other.modified) words.push("times");
  return words;
}

function updateFile(item: Item, { dereference, dryRun, preserved }: UpdateHow, told: readonly string[]): Updated {
  const { source, target, through = false } = item;
  const existing = item.existing!;
  const opened: number[] = [];
  const open = (path: FilePath, follow: boolean) => {
    opened.push(fs.openSync(nodePath(path), O_RDONLY | O_NONBLOCK | (follow ? 0 : O_NOFOLLOW)));
    return opened.at(-1)!;
  };
  try {
    const from = tryTo(() => open(source, dereference || through));
    if (from === undefined) return { changed: [], notKept: [...told, "what its source has, which cannot be read"] };
    if (!dryRun) mustBeWritable(target);
    let to = tryTo(() => open(target, through));
    const isClosed = to === undefined;
    if (to === undefined) {
      if (dryRun) return { changed: told, notKept: [] };
      // it is this user's own, or that is refused
      fs.chmodSync(nodePath(target), existing.mode & 0o7777 | OWNER_READS);
      to = open(target, through);
    }
    const found = lookAt(to, preserved);
    const before = isClosed ? { ...found, mode: BigInt(existing.mode & 0o7777) } : found;
    const wanted = lookAt(from, preserved);
    const differing = changesOf(wanted, before, preserved);
    if (dryRun) return { changed: differing, notKept: [] };
    const stat = fs.fstatSync(from, { bigint: true });
    const notKept = differing.length === 0 ? [] : preserve(to, textOf(target), { fd: from, stat }, preserved, true);
    const restored = isClosed && (!preserved.mode || differing.length === 0);
    if (restored) fs.fchmodSync(to, existing.mode & 0o7777);
    return { changed: changesOf(before, lookAt(to, preserved), preserved), notKept };
  } finally {
    for (const fd of opened) fs.closeSync(fd);
  }
}

/** Links and special files, which cannot be opened. */
function updateByName(
  { source, target, stat, existing }: Item,
  preserved: Preserved,
  told: readonly string[],
): Updated {
  const path = nodePath(target);
  const notKept: string[] = [];
  const isGiven = stat.uid !== existing!.uid || stat.gid !== existing!.gid;
  if (preserved.ownership && isGiven) {
    try {
      fs.lchownSync(path, Number(stat.uid), Number(stat.gid));
    } catch {
      notKept.push(...["owner", "group"].filter((word) => told.includes(word)));
    }
  }
  if (preserved.mode && stat.kind !== "link" && (told.includes("mode") || isGiven)) {
    fs.chmodSync(path, stat.mode & (notKept.length > 0 ? 0o777 : 0o7777));
  }
  if (preserved.timestamps) copyTimes(source, target);
  return { changed: told.filter((word) => !notKept.includes(word)), notKept };
}

/** What it gives; `undefined` if this user may not. */
function tryTo(action: () => number): number | undefined {
  try {
    return action();
  } catch (error) {
    if ((error as { code?: string }).code === "EACCES") return undefined;
    throw error;
  }
}

/**
 * Asks `node:fs` whether this program may write to a file, since a runtime's permissions know nothing of C's calls: a name
 * that is taken is not made.
 *
 * @param target The file.
 * @throws {Error} What the runtime refuses, or the system.
 */
export function mustBeWritable(target: FilePath): void {
  const path = nodePath(target);
  try {
    fs.closeSync(fs.openSync(path, "wx", 0o600));
  } catch (error) {
    if ((error as { code?: string }).code === "EEXIST") return;
    throw error;
  }
  fs.unlinkSync(path);
  throw new AioError("open", "ENOENT", `open "${textOf(target)}", which has gone`);
}
