/**
 * `aio copy`: files and folders to a file or a folder, with progress and a summary, and the words of cp.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import type { Command } from "./command.ts";
import type { CopyTask } from "./task.ts";
import { copyFiles } from "./copy_files.ts";
import { copyOptions, isList } from "./copy_options.ts";
import { isAsTyped, readNames } from "./names.ts";
import { complain, resultsToErrors } from "./output.ts";
import { quoteName } from "./quote.ts";
import { COPY } from "./spec/copy.ts";
import { optionTable } from "./spec/spec.ts";
import { isStandardOutput } from "../transfer/single/standard.ts";
import { withSignals } from "./signals.ts";
import { parse, UsageError, withValue } from "./usage.ts";

/** `aio copy` */
export const copyCommand: Command = {
  async run(args) {
    const given = withValue(args, "--in-place", "auto");
    const parsed = parse(given, optionTable(COPY));
    const { values, positionals } = parsed;
    const recursive = values.recursive === true || values.R === true || values.archive === true;
    const from = values["files-from"];
    const target = positionals.at(-1);
    const sources = [
      ...positionals.slice(0, -1),
      ...(from === undefined ? [] : readNames(String(from), values.null === true)),
    ];
    if (target === undefined || sources.length === 0) {
      throw new UsageError(target === undefined ? "no source and no target given" : `no target given for "${target}"`);
    }
    const wrong = sources.concat(target).filter((name) => !isAsTyped(name));
    for (const name of wrong) {
      complain(`"${name}" is no UTF-8, which arguments cannot hold here; copy the folder that it is in, with -r`);
    }
    if (wrong.includes(target)) return 1;
    const tasks = tasksOf(sources.filter((name) => !wrong.includes(name)), target, from !== undefined);
    const folders = tasks.filter(({ source }) => isFolder(source));
    const files = tasks.filter((task) => !folders.includes(task));
    if (tasks.some((task) => isStandardOutput(task.target))) resultsToErrors();
    const isOne = files.length === 1 && folders.length === 0 && !isList(files, values);
    if (values.delete === true && files.length > 0) {
      throw new UsageError(`--delete goes with folders only, and ${quoteName(files[0].source)} is none`);
    }
    const { manifest } = values;
    const ofManifest = tasks.flatMap(({ source, target }) => [source, target]).find((name) =>
      isSameFile(manifest, name)
    );
    if (ofManifest !== undefined) {
      throw new UsageError(`--manifest ${quoteName(String(manifest))} would be written into what is copied`);
    }
    const single = copyOptions(parsed);
    if (isOne) {
      return await withSignals(async (signal) =>
        Math.max(wrong.length === 0 ? 0 : 1, await copyFiles(files, single, values, signal))
      );
    }
    // loaded here: a copy of one file does without
    const [{ treeOptions }, { withManifest }] = await Promise.all([
      import("./tree_options.ts"),
      import("./transfer_report.ts"),
    ]);
    const [{ copyList }, { copyFolders }] = await Promise.all([import("./copy_list.ts"), import("./copy_folders.ts")]);
    const options = treeOptions(parsed);
    return await withSignals(async (signal) => {
      const ends = [wrong.length === 0 ? 0 : 1];
      await withManifest(values.manifest, async (record) => {
        if (isList(files, values)) ends.push(await copyList(files, options, values, signal, record));
        else if (files.length > 0) ends.push(await copyFiles(files, single, values, signal));
        if (folders.length > 0 && !recursive) {
          for (const { source } of folders) {
            complain(`${quoteName(source)} is a folder (EISDIR): -r copies it with all that is in it`);
          }
          ends.push(1);
        }
        const stopped = signal.aborted || values["stop-on-error"] === true && Math.max(...ends) > 0;
        if (recursive && !stopped) ends.push(await copyFolders(folders, options, values, signal, record));
      });
      return Math.max(...ends);
    });
  },
};

/** Where each source goes: into the target if that is a folder, as with cp; else there is one source, and that is its name. */
function tasksOf(sources: readonly string[], target: string, isList: boolean): CopyTask[] {
  const to = target === "-" ? "/dev/stdout" : target;
  const into = isFolder(to);
  if (!into && (sources.length > 1 || isList)) {
    throw new UsageError(`the target "${target}" is no directory, and there are ${sources.length} sources`);
  }
  const folder = path.dirname(to.replace(/\/+$/, "") || "/");
  if (!into && isMissing(folder)) {
    throw new Error(`the folder "${folder}" of the target does not exist (ENOENT): make it first`);
  }
  if (!into && to.endsWith("/") && isMissing(to) && !sources.every(isFolder)) {
    throw new Error(`the folder "${to}" does not exist (ENOENT): make it first`);
  }
  return sources.map((name) => {
    const source = name === "-" ? "/dev/stdin" : name;
    const base = path.basename(source.replace(/\/+$/, "") || "/");
    const inner = base === "." || base === ".." || source === "/" ? to : path.join(to, base);
    const named = into ? inner : to;
    return { source, target: named, name: path.relative(into || isFolder(source) ? to : folder, named) };
  });
}

/** Whether there is nothing, as far as this process may know. */
function isMissing(name: string): boolean {
  try {
    fs.statSync(name);
    return false;
  } catch (error) {
    return (error as { code?: string }).code === "ENOENT";
  }
}

/** Whether both are there, and one file; what is written to does not matter of devices. */
function isSameFile(one: string | boolean | undefined, other: string): boolean {
  if (typeof one !== "string") return false;
  if (path.resolve(one) === path.resolve(other)) return true;
  try {
    const [{ dev, ino }, found] = [one, other].map((name) => fs.statSync(name, { bigint: true }));
    return found.isFile() && found.dev === dev && found.ino === ino;
  } catch {
    return false;
  }
}

function isFolder(name: string): boolean {
  try {
    return fs.statSync(name).isDirectory();
  } catch {
    return false;
  }
}
