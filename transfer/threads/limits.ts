/**
 * What all copies of this JavaScript thread together may use: so many files under way, and so much memory for data. However
 * many are asked for at once, the others wait.
 *
 * @module
 */

import { libc } from "../../ffi/libc.ts";
import { platform } from "../../structs/platform.ts";
import { Gate } from "./gate.ts";

/** Most files under way; more gain nothing on any device, and a folder of a million would open them all. */
const FILES_MAX = 32;

/** Descriptors that one file under way may need: its two ends, one to close, one for its folder, lanes. */
const DESCRIPTORS_EACH = 8;

/** Descriptors that are left to the program and the runtime. */
const RESERVE = 64;

/** Bytes of buffers of all copies by asynchronous I/O. */
const BUFFER_BYTES_MAX = 1 << 24;

let files: Gate | undefined;
let buffers: Gate | undefined;

/**
 * The files that may be under way, by how many descriptors the process may have (`RLIMIT_NOFILE`).
 *
 * @returns Where a copy takes its place before it opens anything.
 */
export function filesGate(): Gate {
  return files ??= new Gate(filesMax(libc().call.sysconf(platform().constants._SC_OPEN_MAX)));
}

/**
 * How many files may be under way.
 *
 * @param descriptors How many descriptors the process may have; below 0 where there is no limit.
 * @returns At least one.
 */
export function filesMax(descriptors: number): number {
  if (descriptors < 0) return FILES_MAX;
  return Math.max(1, Math.min(FILES_MAX, Math.floor((descriptors - RESERVE) / DESCRIPTORS_EACH)));
}

/**
 * The memory for data of copies by asynchronous I/O, in bytes.
 *
 * @returns Where a copy takes what its buffers need.
 */
export function buffersGate(): Gate {
  return buffers ??= new Gate(BUFFER_BYTES_MAX);
}
