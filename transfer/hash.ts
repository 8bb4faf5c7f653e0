/**
 * `hash` and `verify`: digests of files and trees, and whether files still have those of a list. What computes them is loaded
 * when one of the two begins.
 *
 * @module
 */

import { checkNames, namesOf } from "../queue/check.ts";
import type { HashOptions, HashResult, HashSummary, VerifyOptions } from "./hash_options.ts";
import { checkShard } from "./shard.ts";
import { parseManifest } from "./sums/manifest.ts";
import { checkAlgorithm } from "./tree/options.ts";
import { Transfer } from "./tree/results.ts";

const HASH_NAMES = namesOf<keyof HashOptions>(
  ...["algorithm", "include", "exclude", "shard", "stopOnError", "signal"] as const,
);
const VERIFY_NAMES = namesOf<keyof VerifyOptions>("algorithm", "base", "stopOnError", "signal");

/**
 * Computes digests of files, and of all files in folders, on all processors. The results come in the order of the paths, and
 * within a folder in the order of the names' bytes.
 *
 * @example
 * ```ts
 * import { hash } from "@posix/aio";
 *
 * for await (const { path, digest } of hash(["README.md", "docs"])) console.log(digest, path);
 * ```
 *
 * @param paths Files and folders.
 * @param options See {@linkcode HashOptions}.
 * @returns The results, and a summary.
 * @throws {TypeError | RangeError} If an argument is wrong.
 */
export function hash(paths: string | Iterable<string>, options: HashOptions = {}): Transfer<HashResult, HashSummary> {
  checkNames("options", options, HASH_NAMES);
  const { algorithm = "sha256", include = [], exclude = [] } = options;
  checkAlgorithm("algorithm", algorithm);
  const shard = options.shard === undefined ? undefined : checkShard(options.shard);
  const list = typeof paths === "string" ? [paths] : paths;
  const wanted = { algorithm, include, exclude, shard };
  return new Transfer(async (emit, halted) => {
    const { digestsOf, filesIn } = await import("./sums/hashing.ts");
    return await digestsOf((signal) => filesIn(list, wanted, signal), options, emit, halted, 0);
  });
}

/**
 * Compares files with a list of digests, in the form of `sha256sum`, with `--tag` or without.
 *
 * @example
 * ```ts
 * import { formatManifestLine, hash, verify } from "@posix/aio";
 *
 * const lines: string[] = [];
 * for await (const { path, digest } of hash("LICENSE")) lines.push(new TextDecoder().decode(formatManifestLine(path, digest!)));
 * const { files, mismatched } = await verify(lines.join("")).summary;
 * console.log(files, mismatched); // 1 0
 * ```
 *
 * @param manifest What is in the list.
 * @param options See {@linkcode VerifyOptions}.
 * @returns A result for each line, in their order, and a summary.
 * @throws {TypeError | RangeError} If an argument is wrong, or the list has no line that is one.
 */
export function verify(manifest: string | Uint8Array, options: VerifyOptions = {}): Transfer<HashResult, HashSummary> {
  checkNames("options", options, VERIFY_NAMES);
  if (options.algorithm !== undefined) checkAlgorithm("algorithm", options.algorithm);
  const { entries, errors } = parseManifest(manifest);
  if (entries.length === 0) throw new TypeError("Cannot verify: there is no line with a digest and a name");
  return new Transfer(async (emit, halted) => {
    const { digestsOf, filesOf } = await import("./sums/hashing.ts");
    return await digestsOf(() => filesOf(entries, options), options, emit, halted, errors.length);
  });
}
