/**
 * What the system tells of an opened file, and its size, which can be set.
 *
 * @module
 */

import fs from "node:fs";
import type { Stats } from "node:fs";
import { libc } from "../ffi/libc.ts";
import { fileError } from "./descriptor.ts";
import type { Opened } from "./opened.ts";

const SEEK_SET = 0;
const SEEK_CUR = 1;
const SEEK_END = 2;

/** The size now, in bytes; 0 for what has none. */
export function sizeOf(opened: Opened): number {
  const { fd } = opened;
  const found = statOf(opened);
  if (!found.isBlockDevice()) return found.size;
  const { call } = libc();
  const position = call.lseek(fd, 0, SEEK_CUR);
  const end = call.lseek(fd, 0, SEEK_END);
  call.lseek(fd, position, SEEK_SET);
  return Math.max(0, end);
}

/** What fstat(2) tells. */
export function statOf({ fd, path }: Opened): Stats {
  try {
    return fs.fstatSync(fd);
  } catch (error) {
    throw fileError("fstat", error, path);
  }
}

/** Makes the file shorter or, with a hole, longer. */
export function truncate({ fd, path }: Opened, bytes: number): void {
  try {
    fs.ftruncateSync(fd, bytes);
  } catch (error) {
    throw fileError("ftruncate", error, `${path} to ${bytes} bytes`);
  }
}
