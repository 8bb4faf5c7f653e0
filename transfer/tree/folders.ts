/**
 * The folders of a tree: made or cleared up when they are entered, and completed when all that is in them is there.
 *
 * @module
 */

import fs from "node:fs";
import { AioError } from "../../ffi/errno.ts";
import { sweepLeftOvers } from "../single/left_overs.ts";
import { isShortened, label } from "../single/temporary_names.ts";
import type { Entry } from "./entry.ts";
import { Folder } from "./folder.ts";
import { sameName } from "./options.ts";
import type { TreeSettings } from "./options.ts";
import { joinPath, nodePath, textOf } from "./path.ts";
import type { TreeCounter } from "./progress.ts";
import { retried } from "./reopen.ts";
import type { Reporter } from "./reporter.ts";

/** Makes and completes folders. */
export class TreeFolders {
  readonly #settings: TreeSettings;
  readonly #counter: TreeCounter;
  readonly #reporter: Reporter;

  /**
   * @param settings The options.
   * @param counter Counts.
   * @param reporter Tells.
   */
  constructor(settings: TreeSettings, counter: TreeCounter, reporter: Reporter) {
    this.#settings = settings;
    this.#counter = counter;
    this.#reporter = reporter;
  }

  /**
   * Whether folders that are closed to their owner are opened: where they get their sources' modes, or one part of a tree may
   * close what others still fill.
   */
  get reopens(): boolean {
    const { copy: { preserve }, shard, dryRun, flat } = this.#settings;
    return (preserve.mode || shard !== undefined) && !dryRun && !flat;
  }

  /** Makes the target of a folder, or clears up in it. */
  async enter(folder: Folder): Promise<void> {
    const { dryRun, flat } = this.#settings;
    if (folder.isCircle) {
      throw new AioError("open", "ELOOP", `enter "${textOf(folder.source)}": its links lead back to a folder it is in`);
    }
    if (folder.existed) {
      if (!dryRun && typeof folder.target === "string") {
        await sweepLeftOvers(folder.target, (name) => this.#isGoneOnWith(folder, name));
      }
      return;
    }
    if (flat && folder.parent !== undefined) return;
    const { parent } = folder;
    if (!dryRun && !await retried({ reopen: this.reopens ? parent?.reopen : undefined }, () => folder.make())) return;
    this.#counter.folders++;
    await this.#reporter.tell({ ...folder, stat: { kind: "folder" } }, "made");
  }

  /** Whether what was copied of a file may be of use. */
  #isGoneOnWith(folder: Folder, name: string): boolean {
    const { resume, rename, flat } = this.#settings;
    if (!resume) return false;
    if (rename !== sameName || flat || fs.existsSync(nodePath(joinPath(folder.source, name)))) return true;
    // of a long name it has only a part
    return isShortened(name) && fs.readdirSync(nodePath(folder.source)).some((entry) => label(entry) === name);
  }

  /** A folder is complete: it gets what it takes from its source. */
  finish(folder: Folder): void {
    const { dryRun, flat, copy: { preserve }, fsync, signal } = this.#settings;
    if (dryRun || signal?.aborted || flat && folder.parent !== undefined) return;
    try {
      const updated = folder.finish(preserve, fsync === "file");
      // not awaited: who waits for the end of the folder is not to wait for a reader
      if (updated.changed.length > 0) void this.#reporter.update({ ...folder, stat: { kind: "folder" } }, updated);
    } catch (error) {
      void this.#reporter.fail({ ...folder, stat: { kind: "folder" } }, error as Error);
    }
  }

  /** A folder within one. */
  found(
    parent: Folder,
    names: Pick<Folder, "path" | "source" | "target">,
    { stat, target }: Entry,
    folders: Folder[],
  ): void {
    const existed = target?.kind === "folder" || this.#settings.flat;
    if (target !== null && !existed) {
      const error = new AioError(
        "mkdir",
        "ENOTDIR",
        `make the folder "${textOf(names.target)}": there is something else`,
      );
      void this.#reporter.fail({ ...names, stat }, error);
      return;
    }
    const folder = new Folder(names, parent, stat, existed, (folder) => this.finish(folder));
    folder.isTimely = target?.modified === stat.modified;
    folders.push(folder);
  }
}
