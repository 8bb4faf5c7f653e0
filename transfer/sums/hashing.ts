/**
 * The work of `hash` and `verify`: finds the files, has their digests computed and tells them in order.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import { AioError } from "../../ffi/errno.ts";
import type { FilePath } from "../../ffi/files_thread.ts";
import type { HashOptions, HashResult, HashSummary, VerifyOptions } from "../hash_options.ts";
import type { Shard } from "../shard.ts";
import { errorOf } from "../threads/files_threads.ts";
import { checkAlgorithm } from "../tree/options.ts";
import { joinPath, nodePath, textOf } from "../tree/path.ts";
import type { Emit } from "../tree/results.ts";
import { walk } from "../tree/walk.ts";
import { digests } from "./digests.ts";
import type { Wanted } from "./digests.ts";
import { algorithmByLength } from "./manifest.ts";
import type { ManifestEntry } from "./manifest.ts";

/** A file that is asked for. */
export interface Asked extends Wanted {
  readonly path: FilePath;
  readonly expected: string | undefined;
  readonly failure: Error | undefined;
}

/** By what, and which of the folders' files. */
export interface Selection {
  readonly algorithm: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly shard: Shard | undefined;
}

/**
 * The files that are to be hashed.
 *
 * @param roots Files and folders.
 * @param wanted By what, and which of the folders' files.
 * @param signal Ends the walk.
 * @returns Each file, or what failed; in the order of the roots, and within a folder of the names' bytes.
 */
export async function* filesIn(
  roots: Iterable<string>,
  { algorithm, include, exclude, shard }: Selection,
  signal: AbortSignal,
): AsyncGenerator<Asked, void, void> {
  for (const root of roots) {
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

/**
 * The files of a list of digests.
 *
 * @param entries The lines.
 * @param options How they are meant.
 * @returns Each file with the digest that it should have.
 */
export async function* filesOf(
  entries: readonly ManifestEntry[],
  options: VerifyOptions,
): AsyncGenerator<Asked, void, void> {
  for (const entry of entries) yield askedOf(entry, options);
}

/**
 * Computes the digests of files and tells them in their order.
 *
 * @param files Gives the files.
 * @param options What ends it.
 * @param emit Takes each result.
 * @param halted Set when nobody wants the results any more.
 * @param malformed Lines of a list that were none.
 * @returns The summary.
 */
export async function digestsOf(
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
