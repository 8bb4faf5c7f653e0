/**
 * Removes from a target what its source lacks: after everything was copied, and only if all of it was.
 *
 * @module
 */

import fs from "node:fs";
import { AioError } from "../../ffi/errno.ts";
import type { FilePath } from "../../ffi/files_thread.ts";
import { filesThread } from "../threads/files_threads.ts";
import { entriesOf } from "./entry.ts";
import type { TreeSettings } from "./options.ts";
import { joinPath, nodePath, textOf } from "./path.ts";
import type { TreeCounter } from "./progress.ts";
import type { Reporter } from "./reporter.ts";
import { isLeftOut } from "./select.ts";

const ENTRIES = 256;

/** Temporary files of copies that run: the next copy removes those of killed ones. */
const TEMPORARY = /^\..*\.aio-copy$/s;

/**
 * Removes what the source lacks.
 *
 * @param source The source.
 * @param target The target.
 * @param settings The options; what they leave out stays.
 * @param counter Tells whether everything went well.
 * @param reporter Told of each entry.
 * @throws {AioError} ECANCELED if something failed before; ENOENT if the source has nothing at all.
 */
export async function deleteOthers(
  source: string,
  target: string,
  settings: TreeSettings,
  counter: TreeCounter,
  reporter: Reporter,
): Promise<void> {
  if (counter.failed > 0) {
    const why = `nothing is deleted in "${target}", since ${counter.failed} entries failed before`;
    throw new AioError("unlink", "ECANCELED", why);
  }
  if (fs.readdirSync(source).length === 0) {
    throw new AioError(
      "unlink",
      "ENOENT",
      `nothing is deleted in "${target}", since the source "${source}" is empty`,
    );
  }
  if (settings.dryRun && !fs.existsSync(target)) return;
  await sweep({ path: "", source, target }, settings, counter, reporter);
}

interface Pair {
  readonly path: FilePath;
  readonly source: FilePath;
  readonly target: FilePath;
}

async function sweep(pair: Pair, settings: TreeSettings, counter: TreeCounter, reporter: Reporter): Promise<void> {
  const thread = filesThread();
  let cursor = 0;
  do {
    settings.signal?.throwIfAborted();
    const request = { kind: "list", source: pair.target, target: pair.source, cursor, most: ENTRIES } as const;
    const { listed } = await thread.call({ ...request, follow: false, sorted: false });
    cursor = listed!.cursor;
    for (const { name, stat, target: counterpart, error } of entriesOf(listed!)) {
      const inner = {
        path: joinPath(pair.path, name),
        source: joinPath(pair.source, name),
        target: joinPath(pair.target, name),
      };
      if (error !== undefined) throw new AioError(error.syscall, error.code, `look for "${textOf(inner.source)}"`);
      const isFolder = stat.kind === "folder";
      if (isLeftOut(settings, inner.path, isFolder) || TEMPORARY.test(textOf(name))) continue;
      if (counterpart !== null) {
        if (isFolder && counterpart.kind === "folder") await sweep(inner, settings, counter, reporter);
        continue;
      }
      if (!await settings.filter(textOf(inner.source), textOf(inner.target))) continue;
      if (!settings.dryRun) await fs.promises.rm(nodePath(inner.target), { recursive: true });
      counter.deleted++;
      await reporter.tell({ ...inner, stat }, "deleted", { reason: "the source lacks it" });
    }
  } while (cursor !== 0);
}
