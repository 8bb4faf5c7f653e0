/**
 * Temporary files: what a copy writes before it gets the target's name.
 *
 * The name says for which target it is, and which host and process made it (temporary_names.ts); a lock says that it is in use
 * (locks.ts). What becomes of those that killed copies have left is in left_overs.ts.
 *
 * @module
 */

import fs from "node:fs";
import { lock, lockLeftOver } from "./locks.ts";
import { open } from "./open.ts";
import { isKnownLocal } from "./places.ts";
import { openDirect } from "./source.ts";
import { temporaryPath } from "./temporary_names.ts";

/** How often a name is tried again that another copy took or cleaned up. */
const TRIES_MAX = 20;

/** A temporary file, made and locked. */
export interface Temporary {
  /** Its path. */
  readonly path: string;
  /** Its descriptor, which holds the lock. */
  readonly fd: number;
  /** It is written past the page cache. */
  readonly direct: boolean;
  /** The number of its device. */
  readonly device: bigint;
}

/**
 * Makes and locks a temporary file beside a target.
 *
 * @param target The target.
 * @param mode The mode of the file, of which the system takes the umask.
 * @param direct Write past the page cache, where the file system can.
 * @param isPart Whether it may be gone on with: its name says so, where there is room for it.
 * @returns The file.
 */
export async function makeTemporary(
  target: string,
  mode: number,
  direct: boolean,
  isPart: boolean = false,
): Promise<Temporary> {
  const { O_WRONLY, O_CREAT, O_EXCL } = fs.constants;
  for (let tries = 1;; tries++) {
    const name = temporaryPath(target, isPart);
    const flags = O_WRONLY | O_CREAT | O_EXCL;
    let directFd: number | undefined;
    try {
      if (direct) directFd = await openDirect(name, flags, mode);
      // a file system without O_DIRECT may have made the file before it refused to open it
      if (direct && directFd === undefined) await fs.promises.rm(name, { force: true });
      const fd = directFd ?? (isKnownLocal(target) ? fs.openSync(name, flags, mode) : await open(name, flags, mode));
      // whoever looks for left-overs may have seen the name before the lock: then the file is gone
      const taken = lock(fd) === "taken";
      const { nlink, dev } = fs.fstatSync(fd, { bigint: true });
      if (!taken && nlink > 0n) return { path: name, fd, direct: directFd !== undefined, device: dev };
      fs.closeSync(fd);
    } catch (error) {
      if ((error as { code?: string }).code !== "EEXIST" || tries === TRIES_MAX) throw error;
    }
    if (tries === TRIES_MAX) throw new Error(`Cannot make a temporary file beside ${target}: all were taken away`);
  }
}

/**
 * Opens a temporary file of a copy that was interrupted, and locks it.
 *
 * @param name Its path.
 * @param direct Write past the page cache, where the file system can.
 * @returns The file, or `undefined` if it is in use, or gone.
 */
export async function openPart(name: string, direct: boolean): Promise<Temporary | undefined> {
  const flags = fs.constants.O_WRONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK;
  try {
    const directFd = direct ? await openDirect(name, flags) : undefined;
    const fd = directFd ?? await open(name, flags);
    const stat = fs.fstatSync(fd, { bigint: true });
    if (stat.isFile() && await lockLeftOver(fd, name) === "held" && fs.fstatSync(fd).nlink > 0) {
      return { path: name, fd, direct: directFd !== undefined, device: stat.dev };
    }
    fs.closeSync(fd);
  } catch {
    // gone, or not ours
  }
  return undefined;
}
