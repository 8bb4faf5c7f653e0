/**
 * `copyTree`: a folder with all that is in it.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import type { AioError } from "../ffi/errno.ts";
import { Paths } from "./single/paths.ts";
import { TreeCopier } from "./tree/copier.ts";
import { deleteOthers } from "./tree/delete.ts";
import type { TreeResult } from "./tree/item.ts";
import { checkTreeOptions } from "./tree/options.ts";
import type { TreeSettings } from "./tree/options.ts";
import type { TreeOptions } from "./tree/tree_options.ts";
import { TreeCounter } from "./tree/progress.ts";
import type { TreeSummary } from "./tree/progress.ts";
import { Reporter } from "./tree/reporter.ts";
import { Transfer } from "./tree/results.ts";
import type { Emit } from "./tree/results.ts";
import { syncFileSystem } from "./tree/sync.ts";

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
  return new Transfer((emit, halted, wanted) => run(paths, withSignal(settings, halted), emit, wanted));
}

/** The options with a signal that the end of the iteration sets as well. */
export function withSignal(settings: TreeSettings, halted: AbortSignal): TreeSettings {
  const signal = settings.signal === undefined ? halted : AbortSignal.any([settings.signal, halted]);
  return { ...settings, signal, copy: { ...settings.copy, signal } };
}

async function run(
  paths: Paths,
  settings: TreeSettings,
  emit: Emit<TreeResult>,
  wanted: () => boolean,
): Promise<TreeSummary> {
  const stop = new AbortController();
  const signal = AbortSignal.any([settings.signal as AbortSignal, stop.signal]);
  const bound = { ...settings, signal, copy: { ...settings.copy, signal } };
  const counter = new TreeCounter(settings.onProgress);
  const reporter = new Reporter(emit, wanted, counter, (error) => {
    if (settings.stopOnError) stop.abort(error);
  });
  const halt = new SharedArrayBuffer(4);
  const onAbort = () => Atomics.store(new Int32Array(halt), 0, 1);
  signal.addEventListener("abort", onAbort);
  if (signal.aborted) onAbort();
  try {
    signal.throwIfAborted();
    const source = path.resolve(paths.source), target = path.resolve(paths.target);
    const { stat, existed } = await paths.step("copy the folder", () => begin(paths, source, target, settings.dryRun));
    await new TreeCopier(target, bound, counter, reporter, halt).run(source, stat, existed);
    counter.complete = true;
    if (settings.delete) await deleteOthers(source, target, bound, counter, reporter);
    if (settings.fsync === "end" && !settings.dryRun) await syncFileSystem(target);
    counter.tell(true);
    return counter.summary();
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** Looks at both ends; the folders above the target are made. */
async function begin(
  paths: Paths,
  source: string,
  target: string,
  dryRun: boolean,
): Promise<{ stat: fs.BigIntStats; existed: boolean }> {
  const stat = await fs.promises.stat(source, { bigint: true });
  if (!stat.isDirectory()) {
    throw paths.failure("open", "ENOTDIR", "read the source, which is no folder: copy() copies files");
  }
  const there = await fs.promises.stat(target, { bigint: true }).catch((error) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (there !== undefined && !there.isDirectory()) {
    throw paths.failure("mkdir", "ENOTDIR", "make the target, where there is something that is no folder");
  }
  if (there !== undefined && there.dev === stat.dev && there.ino === stat.ino) {
    throw paths.failure("copy", "EINVAL", "source and target are the same folder");
  }
  if (`${await realPath(target)}/`.startsWith(`${await fs.promises.realpath(source)}/`)) {
    throw paths.failure("copy", "EINVAL", "the target is inside the source");
  }
  if (there === undefined && !dryRun) await fs.promises.mkdir(path.dirname(target), { recursive: true });
  return { stat, existed: there !== undefined };
}

/** The real path of something that may not be there yet. */
async function realPath(name: string): Promise<string> {
  try {
    return await fs.promises.realpath(name);
  } catch (error) {
    const { code } = error as AioError;
    if (code !== "ENOENT" || path.dirname(name) === name) throw error;
    return path.join(await realPath(path.dirname(name)), path.basename(name));
  }
}
