/**
 * Copies a tree: goes through its folders, depth first and a part of a folder at a time, so that neither the tree nor a
 * folder is ever held whole, and gives each entry to who copies its kind.
 *
 * @module
 */

import type fs from "node:fs";
import type { FilePath } from "../../ffi/files_thread.ts";
import { AioError } from "../../ffi/errno.ts";
import { errorOf, filesThread, threadCount } from "../threads/files_threads.ts";
import type { FilesThread } from "../threads/files_threads.ts";
import { entriesOf, unreadable, whyNotFound } from "./entry.ts";
import type { Entry } from "./entry.ts";
import { TAKEN } from "./file_reports.ts";
import { TreeFiles } from "./files.ts";
import { Folder } from "./folder.ts";
import { TreeFolders } from "./folders.ts";
import type { Item } from "./item.ts";
import { Judge } from "./judge.ts";
import { Made } from "./made.ts";
import { TreeLinks } from "./links.ts";
import { everything, sameName } from "./options.ts";
import type { TreeSettings } from "./options.ts";
import { joinPath, textOf } from "./path.ts";
import type { TreeCounter } from "./progress.ts";
import type { Reporter } from "./reporter.ts";
import { isInShard, isLeftOut, targetOf } from "./select.ts";

/** Entries that are asked for at a time. */
const ENTRIES = 256;

/** A folder that is gone through, from its beginning or where it was left. */
interface Visit {
  readonly folder: Folder;
  readonly thread?: FilesThread;
  readonly cursor: number;
}

/** Copies one tree. */
export class TreeCopier {
  readonly #settings: TreeSettings;
  readonly #counter: TreeCounter;
  readonly #reporter: Reporter;
  readonly #folders: TreeFolders;
  readonly #files: TreeFiles;
  readonly #links: TreeLinks;
  readonly #judge: Judge;
  readonly #target: FilePath;
  readonly #visits: Visit[] = [];
  /** Visits that are under way. */
  #active = 0;
  /** The target was there before. */
  #existed = false;
  /** Every file takes part under its own name. */
  readonly #plain: boolean;
  /** Files get other names, so that any two may get the same. */
  readonly #moves: boolean;
  readonly #made = new Made();

  constructor(
    target: FilePath,
    settings: TreeSettings,
    counter: TreeCounter,
    reporter: Reporter,
    halt: SharedArrayBuffer,
  ) {
    this.#target = target;
    this.#settings = settings;
    this.#counter = counter;
    this.#reporter = reporter;
    this.#folders = new TreeFolders(settings, counter, reporter);
    this.#files = new TreeFiles(settings, counter, reporter, halt);
    const { filter, include, exclude, shard, rename, flat, dryRun, dereference } = settings;
    this.#moves = flat || rename !== sameName;
    this.#plain = filter === everything && rename === sameName && shard === undefined &&
      include.length + exclude.length === 0 && !flat && !dryRun && !dereference;
    this.#links = new TreeLinks(settings, counter, reporter, this.#files);
    this.#judge = new Judge(settings, counter, reporter, this.#files);
  }

  /**
   * Copies everything in a folder.
   *
   * @param source The folder.
   * @param stat What it is.
   * @param existed Whether the target was there.
   * @throws The signal's reason after an abort.
   */
  async run(source: FilePath, stat: fs.BigIntStats, existed: boolean): Promise<void> {
    let ended = () => {};
    const done = new Promise<void>((resolve) => ended = resolve);
    this.#existed = existed;
    const known = { identity: `${stat.dev}:${stat.ino}`, mode: Number(stat.mode) };
    const root = new Folder({ path: "", source, target: this.#target }, undefined, known, existed, (folder) => {
      this.#folders.finish(folder);
      if (folder === root) ended();
    });
    root.isTimely = existed && this.#links.lookAt(this.#target)?.modified === stat.mtimeNs;
    this.#visits.push({ folder: root, cursor: 0 });
    try {
      await Promise.all(Array.from({ length: threadCount() }, () => this.#work(done)));
    } finally {
      await this.#files.settled();
    }
    this.#settings.signal?.throwIfAborted();
    await done;
  }

  /** Visits folders until there are none left, or no more will come. */
  async #work(done: Promise<void>): Promise<void> {
    let over = false;
    done.then(() => over = true);
    while (!over) {
      const visit = this.#visits.pop();
      if (visit === undefined) {
        if (this.#active === 0 && await this.#links.release()) continue;
        // another one may be about to find some
        await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 1))]);
        if (this.#settings.signal?.aborted) return;
        continue;
      }
      if (this.#settings.signal?.aborted) {
        if (visit.cursor !== 0) await visit.thread!.call({ kind: "close", cursor: visit.cursor });
        continue;
      }
      this.#active++;
      try {
        await this.#visit(visit);
      } catch (error) {
        if (this.#settings.signal?.aborted) continue;
        visit.folder.failed = true;
        await this.#reporter.fail({ ...visit.folder, stat: { kind: "folder" } }, error as Error);
        visit.folder.end();
      } finally {
        this.#active--;
      }
    }
  }

  async #visit({ folder, thread = filesThread(), cursor }: Visit): Promise<void> {
    const { dereference: follow, dryRun, flat, overwrite, checksum } = this.#settings;
    if (cursor === 0) await this.#folders.enter(folder);
    const looks = folder.existed && !flat || this.#counter.complete;
    const target = looks || dryRun && folder.existed ? folder.target : null;
    const request = {
      kind: "list",
      source: folder.source,
      target,
      cursor,
      most: ENTRIES,
      follow,
      sorted: false,
      same: this.#plain && overwrite === "different" && !checksum && !this.#reporter.wanted,
      ...(overwrite === "different" ? { kept: this.#settings.copy.preserve } : {}),
    } as const;
    const listing = this.#plain && !folder.existed
      ? this.#files.fill(folder, thread, cursor)
      : thread.call(request).then(({ listed }) => listed!);
    const listed = await listing.catch((error) => {
      if (error.message.includes("--allow-") || error.syscall === "thread") throw error;
      const why = whyNotFound(folder.source, error.code);
      throw new AioError(error.syscall, error.code, `read the folder "${textOf(folder.source)}"${why}`, {
        cause: error,
      });
    });
    this.#counter.same(...listed.same);
    const folders: Folder[] = [];
    const files: Item[] = [];
    for (const entry of entriesOf(listed)) await this.#entry(folder, entry, folders, files);
    // depth first: what is in here comes before the rest of this folder
    if (listed.cursor !== 0) this.#visits.push({ folder, thread, cursor: listed.cursor });
    for (const found of folders) this.#visits.push({ folder: found, cursor: 0 });
    await this.#files.copy(files, thread);
    if (listed.cursor === 0) folder.end();
  }

  async #entry(folder: Folder, entry: Entry, folders: Folder[], files: Item[]): Promise<void> {
    const { name, stat, error } = entry;
    const path = joinPath(folder.path, name);
    const source = joinPath(folder.source, name);
    const isFolder = stat.kind === "folder";
    if (isLeftOut(this.#settings, path, isFolder) || !isFolder && !isInShard(this.#settings, path)) return;
    if (error !== undefined) {
      const target = joinPath(folder.target, name);
      return void await this.#reporter.fail(
        { path, source, target, stat },
        unreadable(name, source, errorOf(error)),
      );
    }
    const target = isFolder
      ? joinPath(folder.target, name)
      : targetOf(this.#settings, this.#target, folder.target, path);
    if (target === undefined) return;
    const { filter } = this.#settings;
    if (filter !== everything && !await filter(textOf(source), textOf(target))) return;
    if (isFolder) return this.#folders.found(folder, { path, source, target }, entry, folders);
    this.#counter.found(stat.size);
    const moved = this.#settings.flat || target !== joinPath(folder.target, name);
    const made = moved || this.#moves ? this.#made : folder.made;
    if (made?.has(target)) {
      this.#counter.done(stat.size);
      const tried = `copy "${textOf(source)}" to "${textOf(target)}": ${TAKEN}`;
      return void await this.#reporter.fail({ path, source, target, stat }, new AioError("copy", "EEXIST", tried));
    }
    made?.add(target);
    const existing = moved ? this.#links.lookAt(target) : entry.target;
    folder.begin();
    const marked = moved ? undefined : entry.marked;
    const reopen = this.#folders.reopens && !moved ? folder.reopen : undefined;
    const item: Item = { path, source, target, stat, existing, marked, reopen, done: folder.end };
    try {
      const isLinked = stat.kind === "file" && this.#links.isLinked(stat);
      if (isLinked && this.#settings.overwrite === "different") return await this.#linked(item);
      if (await this.#judge.settle(item) !== "copy") return item.done();
      if (stat.kind === "file" && !isLinked) files.push(item);
      else await this.#links.make(item);
    } catch (failure) {
      await this.#reporter.fail(item, failure as Error);
      folder.end();
    }
  }

  /** A name of a file with several: of one that is there already, or is copied, it becomes another name. */
  async #linked(item: Item): Promise<void> {
    if (this.#links.isNamed(item)) return await this.#links.make(item);
    if (this.#existed && item.existing === null) return await this.#links.wait(item);
    const verdict = await this.#judge.settle(item);
    if (verdict === "kept") await this.#links.keep(item);
    if (verdict !== "copy") item.done();
    else if (this.#existed) await this.#links.wait(item);
    else await this.#links.make(item);
  }
}
