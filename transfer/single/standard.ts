/**
 * Standard input and output as ends of a copy: they were opened by somebody else, who may have read or written a part, and
 * who may go on behind what the copy has read or written. So they are never replaced, emptied or read from the beginning:
 * `cat` is the judge.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { libc } from "../../ffi/libc.ts";

/** `<unistd.h>`, the same everywhere. */
const SEEK_SET = 0, SEEK_CUR = 1;

/** What open(2) answers where there is another way to a descriptor that is open: others' files, sockets, no /dev or /proc. */
const NOT_OPENED_AGAIN = ["EACCES", "EPERM", "ENXIO", "ENOENT"];

function isNumber(name: string, number: number, word: string): boolean {
  const full = path.resolve(name);
  return full === `/dev/${word}` || full === `/dev/fd/${number}` ||
    full === `/proc/self/fd/${number}` || full === `/proc/${process.pid}/fd/${number}`;
}

/**
 * Whether a source is standard input.
 *
 * @param name Its name.
 * @returns Whether it is one of the names of descriptor 0.
 */
export function isStandardInput(name: string): boolean {
  return isNumber(name, 0, "stdin");
}

/**
 * Whether a target is standard output.
 *
 * @param name Its name.
 * @returns Whether it is one of the names of descriptor 1.
 */
export function isStandardOutput(name: string): boolean {
  return isNumber(name, 1, "stdout");
}

/** Descriptors 0 and 1, where one of them is an end. */
export const STANDARD_INPUT = 0, STANDARD_OUTPUT = 1;

/**
 * Where the next read or write of a descriptor begins.
 *
 * @param fd The descriptor.
 * @returns The offset; 0 where there are none.
 */
export function positionOf(fd: number): number {
  const { mode } = fs.fstatSync(fd);
  const isPlace = (mode & fs.constants.S_IFMT) === fs.constants.S_IFREG ||
    (mode & fs.constants.S_IFMT) === fs.constants.S_IFBLK;
  return isPlace ? Math.max(0, Number(libc().call.lseek(fd, 0, SEEK_CUR))) : 0;
}

/**
 * Leaves a descriptor where whoever goes on with it expects it.
 *
 * @param fd The descriptor.
 * @param position Behind what was read or written.
 */
export function leaveAt(fd: number, position: number): void {
  libc().call.lseek(fd, position, SEEK_SET);
}

/**
 * Opens once more, by its name, what is open already: a descriptor of one's own, on which nobody else depends.
 *
 * @param action Opens it.
 * @returns What it gives, or `undefined` where that is not possible.
 * @throws What else the system refused.
 */
export async function openAgain<Opened>(action: () => Promise<Opened>): Promise<Opened | undefined> {
  try {
    return await action();
  } catch (error) {
    if (!NOT_OPENED_AGAIN.includes((error as { code?: string }).code ?? "")) throw error;
    return undefined;
  }
}
