/**
 * `hash` and `verify`: digests of files and trees, and whether files still have those of a list.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import { AioError } from "../ffi/errno.ts";
import type { FilePath } from "../ffi/files_thread.ts";
import { checkNames, namesOf } from "../queue/check.ts";
import type { HashOptions, HashResult, HashSummary, VerifyOptions } from "./hash_options.ts";
import { checkShard } from "./shard.ts";
import { algorithmByLength, parseManifest } from "./sums/manifest.ts";
import type { ManifestEntry } from "./sums/manifest.ts";
import { digests } from "./sums/digests.ts";
import type { Wanted } from "./sums/digests.ts";
import { errorOf } from "./threads/files_threads.ts";
import { checkAlgorithm } from "./tree/options.ts";
import { joinPath, nodePath, textOf } from "./tree/path.ts";
import { Transfer } from "./tree/results.ts";
import type { Emit } from "./tree/results.ts";
import { walk } from "./tree/walk.ts";

const HASH_NAMES = namesOf<keyof HashOptions>(
  ...["algorithm", "include", "exclude", "shard", "stopOnError", "signal"] as const,
);
const VERIFY_NAMES = namesOf<keyof VerifyOptions>("algorithm", "base", "stopOnError", "signal");

interface Asked extends Wanted {
  readonly path: FilePath;
  readonly expected: string | undefined;
  readonly failure: Error | undefined;
}

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
  async function* files(signal: AbortSignal): AsyncGenerator<Asked, void, void> {
    for (const root of list) {
      const base = { algorithm, expected: undefined, failure: undefined };
      let stat: fs.Stats;
      try {
        stat = fs.statSync(root);
      } catch (error) {
        yield { ...base, path: root, source: root, size: 0, failure: error as Error };
        continue;
      }
      if (!stat.isDirectory()) {
        yield { ...base, path: root, source: root, size: stat.size };
        continue;
      }
      const options = { include, exclude, shard, sorted: true, signal };
      try {
        for await (const { path, source, kind, stat, error } of walk(trimmed(root), options)) {
          if (error === undefined && kind !== "file" && kind !== "link") continue;
          if (kind === "link" && !isFile(source)) continue;
          yield { ...base, path: joinPath(root, path), source, size: stat?.size ?? 0, failure: error };
        }
      } catch (error) {
        if (signal.aborted) throw error;
        yield { ...base, path: root, source: root, size: 0, failure: error as Error };
      }
    }
  }
  return new Transfer((emit, halted) => run(files, options, emit, halted, 0));
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
  async function* files(): AsyncGenerator<Asked, void, void> {
    for (const entry of entries) yield askedOf(entry, options);
  }
  return new Transfer((emit, halted) => run(files, options, emit, halted, errors.length));
}

function askedOf(
  { path: name, digest, algorithm: named }: ManifestEntry,
  { algorithm, base = "." }: VerifyOptions,
): Asked {
  const chosen = named ?? algorithm ?? algorithmByLength(digest);
  const isAbsolute = typeof name === "string" ? path.isAbsolute(name) : name[0] === 47;
  const source = isAbsolute || base === "." ? name : joinPath(base, name);
  const asked = { path: name, source, size: 0, algorithm: chosen ?? "", expected: digest };
  try {
    if (chosen === undefined) throw new TypeError(`no algorithm is known whose digests have ${digest.length} digits`);
    checkAlgorithm("algorithm", chosen);
    return { ...asked, size: fs.statSync(nodePath(source)).size, failure: undefined };
  } catch (error) {
    return { ...asked, failure: error as Error };
  }
}

async function run(
  files: (signal: AbortSignal) => AsyncGenerator<Asked, void, void>,
  { signal: given, stopOnError = false }: Pick<HashOptions, "signal" | "stopOnError">,
  emit: Emit<HashResult>,
  halted: AbortSignal,
  malformed: number,
): Promise<HashSummary> {
  const began = performance.now();
  const signal = given === undefined || given === null ? halted : AbortSignal.any([given, halted]);
  const halt = new SharedArrayBuffer(4);
  const onAbort = () => Atomics.store(new Int32Array(halt), 0, 1);
  signal.addEventListener("abort", onAbort);
  if (signal.aborted) onAbort();
  const summary = { files: 0, bytes: 0, failed: 0, mismatched: 0 };
  const tell = async (asked: Asked, digest: string | undefined, bytes: number, error: Error | undefined) => {
    const matches = asked.expected === undefined || digest === undefined ? undefined : asked.expected === digest;
    if (error === undefined) summary.files++, summary.bytes += bytes;
    else summary.failed++;
    if (matches === false) summary.mismatched++;
    const exact = typeof asked.path === "string" ? undefined : asked.path;
    await emit({ path: textOf(asked.path), digest, algorithm: asked.algorithm, bytes, error, matches, exact });
    if (stopOnError && error !== undefined) throw error;
  };
  try {
    signal.throwIfAborted();
    // what failed before keeps its place among the others: nothing is read for it
    for await (const { file, outcome } of digests(withPlaces(files(signal)), halt)) {
      signal.throwIfAborted();
      if (file.failure !== undefined) await tell(file, undefined, 0, explained(file, file.failure));
      else if (Array.isArray(outcome)) await tell(file, outcome[1], outcome[0], undefined);
      else {await tell(
          file,
          undefined,
          0,
          explained(file, outcome === "care" ? new Error(outcome) : errorOf(outcome as never)),
        );}
    }
    return { ...summary, malformed, milliseconds: performance.now() - began };
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** A file that failed is not read, but asked for like the others, as nothing. */
async function* withPlaces(files: AsyncGenerator<Asked, void, void>): AsyncGenerator<Asked, void, void> {
  for await (const file of files) {
    yield file.failure === undefined ? file : { ...file, source: "/dev/null", algorithm: "sha256", size: 0 };
  }
}

function explained({ path }: Asked, error: Error): Error {
  const { code, syscall, message } = error as Partial<AioError>;
  if (typeof code !== "string" || message?.includes("--allow-")) return error;
  return new AioError(syscall ?? "open", code, `read "${textOf(path)}"`, { cause: error });
}

function isFile(source: FilePath): boolean {
  try {
    return fs.statSync(nodePath(source)).isFile();
  } catch {
    return false;
  }
}

function trimmed(root: string): string {
  return root.length > 1 ? root.replace(/\/+$/, "") : root;
}
