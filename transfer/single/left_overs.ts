/**
 * What is left over of copies that were killed. It is removed by the next copy that comes by, or gone on with.
 *
 * A left-over is removed only when its lock can be had: the kernel drops a lock with the process that held it. Small files
 * are copied without a lock: there the process that the name tells must be gone.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import { isGone, lockLeftOver } from "./locks.ts";
import { open } from "./open.ts";
import { JOURNAL_ENDING, journalOf, label, parseTemporary, PART_ENDING, thisHost } from "./temporary_names.ts";
import type { TemporaryName } from "./temporary_names.ts";

/** After this many milliseconds a directory is searched for left-overs again. */
const SEARCH_MS = 60_000;

const searched = new Map<string, { readonly at: number; readonly names: Promise<string[]> }>();

/**
 * Removes what killed copies to a target have left over. What cannot be removed stays: it is in nobody's way.
 *
 * @param target The target.
 */
export async function removeLeftOvers(target: string): Promise<void> {
  const directory = path.dirname(target);
  const base = label(path.basename(target));
  for (const name of await temporariesIn(directory)) {
    const found = parseTemporary(name);
    if (found?.base === base) await removeLeftOver(path.join(directory, name), found);
  }
}

/**
 * The temporary files of copies to a target that may be gone on with.
 *
 * @param target The target.
 * @param isFresh Whether to look again, however lately that was done.
 * @returns Their paths; those that are in use are among them.
 */
export async function partsFor(target: string, isFresh: boolean): Promise<string[]> {
  const directory = path.dirname(target);
  if (isFresh) forget(directory);
  const base = label(path.basename(target));
  const names = (await temporariesIn(directory)).filter((name) => {
    const found = parseTemporary(name);
    return found?.base === base && found.kind === ".part" && found.host === thisHost();
  });
  return names.map((name) => path.join(directory, name));
}

/**
 * Says that a temporary file stays behind, for the next copy.
 *
 * @param part Its path.
 */
export function leaveBehind(part: string): void {
  forget(path.dirname(part));
}

function forget(directory: string): void {
  searched.delete(path.resolve(directory));
}

async function removeLeftOver(name: string, { host, maker, kind }: TemporaryName): Promise<void> {
  if (kind === ".part") { // who copies holds its lock all the time
    if (host === thisHost() && await removeUnlocked(name)) await fs.promises.rm(journalOf(name)!, { force: true });
  } else if (kind === ".journal") {
    const part = name.slice(0, -JOURNAL_ENDING.length) + PART_ENDING;
    if (host === thisHost() && !fs.existsSync(part)) await fs.promises.rm(name, { force: true }).catch(() => {});
  } else if (isGone(host, maker)) { // small files are copied without a lock
    await removeUnlocked(name);
  }
}

/** Whether it was removed. */
async function removeUnlocked(name: string): Promise<boolean> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  try {
    const fd = await open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      if (!fs.fstatSync(fd).isFile() || await lockLeftOver(fd, name) !== "held") return false;
      await fs.promises.unlink(name);
      return true;
    } finally {
      fs.closeSync(fd);
    }
  } catch {
    return false; // gone already, or not ours to remove
  }
}

/** The names of all temporary files in a directory, read at most once a minute. */
function temporariesIn(directory: string): Promise<string[]> {
  const key = path.resolve(directory);
  const known = searched.get(key);
  if (known !== undefined && performance.now() - known.at < SEARCH_MS) return known.names;
  const names = fs.promises.readdir(directory).then(
    (all) => all.filter((name) => name.startsWith(".") && name.endsWith(".aio-copy")),
    () => [],
  );
  if (searched.size > 1000) searched.clear();
  searched.set(key, { at: performance.now(), names });
  return names;
}

/**
 * Removes what killed copies have left over in a folder, whatever their targets were.
 *
 * @param folder The folder.
 * @param isWanted Whether a copy of a file of such a name is to be gone on with, so that it stays.
 */
export async function sweepLeftOvers(folder: string, isWanted: (name: string) => boolean): Promise<void> {
  forget(folder);
  for (const name of await temporariesIn(folder)) {
    const found = parseTemporary(name);
    if (found === undefined || found.kind === ".part" && isWanted(found.base)) continue;
    await removeLeftOver(path.join(folder, name), found);
  }
}
