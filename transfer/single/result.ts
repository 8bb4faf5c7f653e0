/**
 * What a copy tells of itself when it is done.
 *
 * @module
 */

import type { CopyMethod } from "./progress.ts";

/**
 * What a copy did.
 *
 * @example
 * ```ts
 * import { copy } from "@posix/aio";
 * import type { CopyResult } from "@posix/aio";
 *
 * const { target, bytes, how }: CopyResult = await copy("README.md", "/tmp/README.copy");
 * console.log(target, bytes, how);
 * ```
 */
export interface CopyResult {
  /** The source, as it was given. */
  readonly source: string;
  /** Where the content is now: symbolic links followed, directories entered. */
  readonly target: string;
  /** The way that was taken. */
  readonly method: CopyMethod | "plain";
  /** Why this way. */
  readonly reason: string;
  /** What moved the data, in words. */
  readonly how: string;
  /** Bytes that were moved; holes are not. */
  readonly bytes: number;
  /** Bytes that an earlier copy had moved, which was gone on with. */
  readonly resumed: number;
  /** Why an earlier copy was not gone on with, in words; empty if there was none, or it was. */
  readonly anew: string;
  /** The size of the copy in bytes. */
  readonly size: number;
  /** Whether both files were accessed past the page cache. */
  readonly direct: boolean;
  /** Whether the target's file was written itself, instead of being replaced. */
  readonly inPlace: boolean;
  /** What of the old file or of the source could not be kept, in words: owner, group, lists, attributes. */
  readonly notKept: readonly string[];
  /** How long it took, in milliseconds. */
  readonly milliseconds: number;
}
