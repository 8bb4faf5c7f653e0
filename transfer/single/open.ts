/**
 * Opening and closing without holding up the event loop: through the runtime's own thread pool, by `node:fs`, so that a
 * sandbox sees it.
 *
 * @module
 */

import fs from "node:fs";
import { promisify } from "node:util";

/** open(2): path, flags, and the mode of a file that is made. */
export const open: (path: string, flags: number, mode?: number) => Promise<number> = promisify(fs.open);
/** close(2) */
export const close: (fd: number) => Promise<void> = promisify(fs.close);
/** fsync(2) */
export const fsync: (fd: number) => Promise<void> = promisify(fs.fsync);
/** ftruncate(2) */
export const ftruncate: (fd: number, bytes: number) => Promise<void> = promisify(fs.ftruncate);
/** fstat(2), with numbers as bigints: inode numbers may need all 64 bits. */
export const fstat: (fd: number) => Promise<fs.BigIntStats> = (fd) =>
  new Promise((resolve, reject) =>
    fs.fstat(fd, { bigint: true }, (error, found) => error === null ? resolve(found) : reject(error))
  );
