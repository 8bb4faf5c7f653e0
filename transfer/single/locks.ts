/**
 * The locks of temporary files (`flock`): who copies holds one, and the kernel drops it with the process.
 *
 * @module
 */

import path from "node:path";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { libc } from "../../ffi/libc.ts";
import { platform } from "../../structs/platform.ts";
import { parseTemporary, thisHost } from "./temporary_names.ts";

/** `<sys/file.h>` */
const LOCK_EX = 2;
const LOCK_NB = 4;

/** How long a lock of a process that is gone is waited for, and how often it is looked at, in milliseconds. */
const GONE_MS = 2000;
const LOOK_MS = 5;

/** Whether a file is locked by this descriptor now, by another one, or nobody knows, since there are no locks. */
export type Lock = "held" | "taken" | "unknown";

/**
 * Tries to lock a temporary file.
 *
 * @param fd The file.
 * @returns What came of it.
 */
export function lock(fd: number): Lock {
  const { call, errno } = libc();
  if (call.flock(fd, LOCK_EX | LOCK_NB) === 0) return "held";
  return errno() === platform().errno.EAGAIN ? "taken" : "unknown";
}

/**
 * Tries to lock what may be left over. Requests of io_uring hold the files of a process that was killed until they have ended:
 * such a lock is waited for, for a moment.
 *
 * @param fd The file.
 * @param name Its path.
 * @returns What came of it.
 */
export async function lockLeftOver(fd: number, name: string): Promise<Lock> {
  const { host, maker } = parseTemporary(path.basename(name)) ?? {};
  for (const until = performance.now() + GONE_MS;;) {
    const found = lock(fd);
    if (found !== "taken" || !isGone(host, maker) || performance.now() > until) return found;
    await pause(LOOK_MS);
  }
}

/**
 * Whether the process that made a temporary file is gone; on another host it would be out of sight.
 *
 * @param host The host that the file's name tells.
 * @param maker The process.
 * @returns Whether it surely is.
 */
export function isGone(host: string | undefined, maker: string | undefined): boolean {
  if (host !== thisHost() || maker === undefined) return false;
  const { call, has, errno } = libc();
  if (!has("kill")) return Number(maker) !== process.pid;
  return call.kill(Number(maker), 0) !== 0 && errno() === platform().errno.ESRCH;
}
