/**
 * `copyMany`: many files, each to a place of its own. What does it is loaded when it begins.
 *
 * @module
 */

import { checkTreeOptions, withSignal } from "./tree/options.ts";
import type { CopyPair } from "./tree/pair.ts";
import type { TreeResult } from "./tree/item.ts";
import type { TreeOptions } from "./tree/tree_options.ts";
import type { TreeSummary } from "./tree/progress.ts";
import { Transfer } from "./tree/results.ts";

/**
 * Copies many files, side by side, as few or many as there are; pairs are pulled as there is room.
 *
 * Symbolic links are followed at both ends, pipes and devices are read or written. A folder is an error of that pair;
 * {@linkcode copyTree} copies folders.
 *
 * @example
 * ```ts
 * import { copyMany } from "@posix/aio";
 *
 * const pairs = ["README.md", "LICENSE"].map((source) => ({ source, target: `/tmp/${source}.copy` }));
 * for await (const { source, action, bytes } of copyMany(pairs)) console.log(source, action, bytes);
 * ```
 *
 * @param pairs The files.
 * @param options See {@linkcode TreeOptions}; those about folders have no meaning.
 * @returns The transfer: an async iterable of results, and a summary. It begins when one of them is asked for.
 * @throws {TypeError | RangeError} If an argument is wrong.
 */
export function copyMany(
  pairs: Iterable<CopyPair> | AsyncIterable<CopyPair>,
  options: TreeOptions = {},
): Transfer<TreeResult, TreeSummary> {
  const settings = checkTreeOptions(options);
  if (pairs === null || typeof pairs !== "object" || !(Symbol.iterator in pairs || Symbol.asyncIterator in pairs)) {
    throw new TypeError("Cannot use pairs: expected an iterable or async iterable of { source, target }");
  }
  if (settings.delete) throw new TypeError("Cannot use delete: a list of files does not tell what else there may be");
  return new Transfer(async (emit, halted, wanted) => {
    const { Many } = await import("./tree/many.ts");
    return await new Many(withSignal(settings, halted), emit, wanted).run(pairs);
  });
}
