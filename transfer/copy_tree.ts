/**
 * `copyTree`: a folder with all that is in it. What does it is loaded when it begins.
 *
 * @module
 */

import { Paths } from "./single/paths.ts";
import type { TreeResult } from "./tree/item.ts";
import { checkTreeOptions, withSignal } from "./tree/options.ts";
import type { TreeOptions } from "./tree/tree_options.ts";
import type { TreeSummary } from "./tree/progress.ts";
import { Transfer } from "./tree/results.ts";

/**
 * Copies what is in a folder to another one, which is made with the folders above it if it is not there.
 *
 * Each file has its old content or its whole new content, whatever happens. Symbolic links, hard links, holes, empty folders,
 * FIFOs and devices stay what they are. An entry that fails does not keep the others from being copied. What a copy that
 * was killed has left over is removed by the next one; with `overwrite: "different"` it copies only what is missing.
 *
 * @example
 * ```ts
 * import { copyTree } from "@posix/aio";
 *
 * const { files, failed } = await copyTree("docs", "/tmp/docs.copy", { overwrite: "different" }).summary;
 * console.log(`${files} files copied, ${failed} failed`);
 * ```
 *
 * @param source The folder.
 * @param target Where its content goes.
 * @param options See {@linkcode TreeOptions}.
 * @returns The transfer: an async iterable of results, and a summary. It begins when one of them is asked for.
 * @throws {TypeError | RangeError} If an argument is wrong.
 */
export function copyTree(
  source: string | URL,
  target: string | URL,
  options: TreeOptions = {},
): Transfer<TreeResult, TreeSummary> {
  const settings = checkTreeOptions(options);
  const paths = new Paths(source, target);
  return new Transfer(async (emit, halted, wanted) => {
    const { copyFolder } = await import("./tree/whole.ts");
    return await copyFolder(paths, withSignal(settings, halted), emit, wanted);
  });
}
