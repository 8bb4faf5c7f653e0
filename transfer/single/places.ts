/**
 * Folders that are known to lie on a local file system: there a name is looked up, made and changed at once, without the way
 * through the runtime's threads, which takes longer than the call. Anywhere else a server may keep a call waiting for ever.
 *
 * @module
 */

import path from "node:path";
import { setImmediate } from "node:timers";

/** For how long what was seen is believed, in milliseconds: something else may be mounted there. */
const BELIEVED_MS = 1000;

/** Most folders that are remembered. */
const FOLDERS_MAX = 256;

/** How long the calls of one turn of the event loop may take, in milliseconds; then others get theirs. */
const TURN_MS = 1;

const seen = new Map<string, number>();
let turnBegan = 0;
let inTurn = false;
const endTurn = () => {
  inTurn = false;
};

/**
 * Whether a file's folder was seen to be local a moment ago.
 *
 * @param name The file.
 * @returns Whether it was.
 */
export function isKnownLocal(name: string): boolean {
  const at = seen.get(path.dirname(name));
  return at !== undefined && performance.now() - at < BELIEVED_MS;
}

/**
 * Whether this turn of the event loop has time for one more file.
 *
 * @returns Whether it has.
 */
export function hasTime(): boolean {
  const now = performance.now();
  if (!inTurn) {
    inTurn = true;
    turnBegan = now;
    setImmediate(endTurn);
  }
  return now - turnBegan < TURN_MS;
}

/**
 * Remembers that a file's folder is local.
 *
 * @param name The file.
 */
export function rememberLocal(name: string): void {
  if (seen.size >= FOLDERS_MAX) seen.clear();
  seen.set(path.dirname(name), performance.now());
}
