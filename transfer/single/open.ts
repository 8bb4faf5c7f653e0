/**
 * Opening and closing without holding up the event loop: through the runtime's own thread pool, by `node:fs`, so that a
 * sandbox sees it; and FIFOs, whose opening waits for the other end, so that an abort ends the wait.
 *
 * @module
 */

import fs from "node:fs";
import { promisify } from "node:util";

const { O_NONBLOCK, O_RDWR } = fs.constants;

/** open(2): path, flags, and the mode of a file that is made. */
export const open: (path: string, flags: number, mode?: number) => Promise<number> = promisify(fs.open);
/** close(2) */
export const close: (fd: number) => Promise<void> = promisify(fs.close);
/** fsync(2) */
export const fsync: (fd: number) => Promise<void> = promisify(fs.fsync);
/** ftruncate(2) */
export const ftruncate: (fd: number, bytes: number) => Promise<void> = promisify(fs.ftruncate);
/** fchmod(2) */
export const fchmod: (fd: number, mode: number) => Promise<void> = promisify(fs.fchmod);
/** fchown(2) */
export const fchown: (fd: number, user: number, group: number) => Promise<void> = promisify(fs.fchown);
/** futimens(2); times in seconds since 1970. */
export const futimes: (fd: number, accessed: number, modified: number) => Promise<void> = promisify(fs.futimes);
/** fstat(2), with numbers as bigints: inode numbers may need all 64 bits. */
export const fstat: (fd: number) => Promise<fs.BigIntStats> = (fd) =>
  new Promise((resolve, reject) =>
    fs.fstat(fd, { bigint: true }, (error, found) => error === null ? resolve(found) : reject(error))
  );

/**
 * Opens a FIFO: waits until its other end is open too, or for the abort.
 *
 * @param path The FIFO.
 * @param flags `O_RDONLY` or `O_WRONLY`.
 * @param signal Ends the wait.
 * @returns The descriptor; the signal may be aborted by then.
 */
export async function openFifo(path: string, flags: number, signal: AbortSignal | undefined): Promise<number> {
  const opening = open(path, flags);
  // an open for both directions never waits, and is the other end that the pending open waits for
  const release = () => void open(path, O_RDWR | O_NONBLOCK).then((fd) => opening.finally(() => close(fd)), () => {});
  signal?.addEventListener("abort", release);
  try {
    return await opening;
  } finally {
    signal?.removeEventListener("abort", release);
  }
}
