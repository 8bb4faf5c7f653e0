/**
 * An opened target, as those who find it, fill it and finish it know it.
 *
 * @module
 */

import type fs from "node:fs";
import type { OldFile } from "../metadata/keep.ts";
import type { Journal } from "./journal.ts";

/** An opened target. */
export interface Target {
  /** Where the content ends up: symbolic links followed, directories entered. */
  readonly path: string;
  /** What is written to. */
  readonly fd: number;
  /** The temporary file that is written and then renamed; `null` for a target that is written in place. */
  readonly temporary: string | null;
  /** Where the copy's first byte goes: standard output may hold something before it. */
  readonly base: number;
  /** It is standard output's own descriptor, which stays open and is not given an owner, mode or times. */
  readonly given: boolean;
  /** Writes must follow one another in order: pipes, devices, files in place, file systems that take no others. */
  readonly ordered: boolean;
  /** Pipes, character devices, sockets: a write may wait for ever. */
  readonly stream: boolean;
  /** It is written past the page cache. */
  readonly direct: boolean;
  /** The number of its file system's device. */
  readonly device: bigint;
  /** Its file system tells everything with the writes; others tell at a close that data did not arrive. */
  readonly local: boolean;
  /** It lies on a disk: not in memory, nor behind a network, as far as is known. */
  readonly onDisk: boolean;
  /** What is there before the copy. */
  readonly existing: fs.BigIntStats | null;
  /** What fails from now on has damaged a file that was there before. */
  readonly damaged: boolean;
  /** What has arrived, for a copy that can be gone on with. */
  readonly journal: Journal | null;
  /** Why a copy that was interrupted is not gone on with, in words; empty if there was none. */
  readonly anew: string;
  /** What of a regular file that is replaced is carried over. */
  readonly old: OldFile | null;
}
