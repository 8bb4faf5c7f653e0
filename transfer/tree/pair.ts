/**
 * What `copyMany` takes: a source and a target each.
 *
 * @module
 */

/**
 * One file to copy.
 *
 * @example
 * ```ts
 * import { copyMany } from "@posix/aio";
 * import type { CopyPair } from "@posix/aio";
 *
 * const pairs: CopyPair[] = [{ source: "LICENSE", target: "/tmp/LICENSE.copy" }];
 * console.log((await copyMany(pairs).summary).files); // 1
 * ```
 */
export interface CopyPair {
  /** The file. */
  readonly source: string | URL;
  /** Where its copy is to be, with its name. */
  readonly target: string | URL;
}
