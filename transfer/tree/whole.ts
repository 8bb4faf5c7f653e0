/**
 * The work of `copyTree`: looks at both ends, copies what is in the folder, removes what else there is, syncs.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import type { AioError } from "../../ffi/errno.ts";
import type { Paths } from "../single/paths.ts";
import "./ahead.ts";
import { TreeCopier } from "./copier.ts";
import { deleteOthers } from "./delete.ts";
import type { TreeResult } from "./item.ts";
import type { TreeSettings } from "./options.ts";
import { TreeCounter } from "./progress.ts";
import type { TreeSummary } from "./progress.ts";
import { Reporter } from "./reporter.ts";
import type { Emit } from "./results.ts";
import { syncFileSystem } from "./sync.ts";

/**
 * Copies a folder to its end.
 *
 * @param paths The folder, and where its content goes.
 * @param settings The options, with a signal.
 * @param emit Takes each result.
 * @param wanted Whether anybody reads the results.
 * @returns The summary.
 */
export async function copyFolder(
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
