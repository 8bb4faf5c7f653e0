/**
 * What of a tree is no plain file: symbolic links, files with several names, FIFOs, sockets and devices.
 *
 * @module
 */

import fs from "node:fs";
import type { FilePath } from "../../ffi/files_thread.ts";
import { AioError } from "../../ffi/errno.ts";
import { errorOf, filesThread } from "../threads/files_threads.ts";
import { statOf } from "./entry.ts";
import type { EntryStat } from "./entry.ts";
import type { TreeFiles } from "./files.ts";
import type { Item } from "./item.ts";
import type { TreeSettings } from "./options.ts";
import { nodePath, textOf } from "./path.ts";
import type { TreeCounter } from "./progress.ts";
import { retried } from "./reopen.ts";
import type { Reporter } from "./reporter.ts";
import { canMakeSpecial, copyTimes, makeSpecial } from "./special.ts";

/** A file with several names, of which the first was copied. */
interface Original {
  readonly target: FilePath;
  readonly ready: Promise<void>;
  /** How many more names it has. */
  left: number;
}

/** Makes links and special files. */
export class TreeLinks {
  readonly #settings: TreeSettings;
  readonly #counter: TreeCounter;
  readonly #reporter: Reporter;
  readonly #files: TreeFiles;
  readonly #originals = new Map<string, Original>();
  /** Names of files none of which is there yet: another one may be. */
  readonly #waiting = new Map<string, Item[]>();

  constructor(settings: TreeSettings, counter: TreeCounter, reporter: Reporter, files: TreeFiles) {
    this.#settings = settings;
    this.#counter = counter;
    this.#reporter = reporter;
    this.#files = files;
  }

  /** Whether a file has other names, which are to be kept. */
  isLinked({ links }: EntryStat): boolean {
    return links > 1 && this.#settings.hardLinks && !this.#settings.dereference;
  }

  /** Makes what stands for an entry that is no plain file. */
  async make(item: Item): Promise<void> {
    switch (item.stat.kind) {
      case "file":
        return await this.#name(item);
      case "link":
        return await this.#symbolic(item);
      default:
        return await this.#special(item);
    }
  }

  /** What is at a place that the listing has not told of. */
  lookAt(target: FilePath): EntryStat | null {
    const found = fs.lstatSync(nodePath(target), { bigint: true, throwIfNoEntry: false });
    return found === undefined ? null : statOf(found);
  }

  /** Whether a file is there already under another name, or is being copied. */
  isNamed({ stat }: Item): boolean {
    return this.#originals.has(stat.identity);
  }

  /** The copy of a file is there under this name; those that wait become names of it. */
  async keep({ stat, target }: Item): Promise<void> {
    this.#originals.set(stat.identity, { target, ready: Promise.resolve(), left: stat.links - 1 });
    await this.#releaseOne(stat.identity);
  }

  /** Puts a name by until another one of the same file is found in the target, or all have been found. */
  async wait(item: Item): Promise<void> {
    const { identity, links } = item.stat;
    const waiting = this.#waiting.get(identity) ?? [];
    this.#waiting.set(identity, [...waiting, item]);
    if (waiting.length + 1 === links) await this.#releaseOne(identity);
  }

  /** Nothing more will be found: makes what waits. Returns whether there was anything. */
  async release(): Promise<boolean> {
    const identities = [...this.#waiting.keys()];
    for (const identity of identities) await this.#releaseOne(identity);
    return identities.length > 0;
  }

  async #releaseOne(identity: string): Promise<void> {
    const items = this.#waiting.get(identity) ?? [];
    this.#waiting.delete(identity);
    for (const item of items) await this.#name(item);
  }

  /** The first name of a file is copied, the others become names of that copy. */
  async #name(item: Item): Promise<void> {
    const { stat, target } = item;
    const original = this.#originals.get(stat.identity);
    if (original === undefined) {
      let ready = () => {};
      const done = new Promise<void>((resolve) => ready = resolve);
      this.#originals.set(stat.identity, { target, ready: done, left: stat.links - 1 });
      const both = () => {
        ready();
        item.done();
      };
      if (this.#settings.dryRun) {
        this.#counter.files++;
        this.#counter.bytes += stat.size;
        this.#counter.done(stat.size);
        await this.#reporter.tell(item, "copied", { bytes: stat.size });
        return both();
      }
      return await this.#files.copy([{ ...item, done: both }]);
    }
    if (--original.left === 0) this.#originals.delete(stat.identity);
    // not awaited: the first name may be copied for a long time
    void original.ready.then(() => this.#further(item, original.target));
  }

  /** A further name of a copy. */
  async #further(item: Item, original: FilePath): Promise<void> {
    const { target, existing } = item;
    const { overwrite, dryRun } = this.#settings;
    if (overwrite === "different" && existing !== null && isOneFile(original, target)) {
      this.#counter.done(item.stat.size);
      await this.#reporter.skip(item, "a name of the same file", await this.#files.digestOf(item));
      return item.done();
    }
    await this.#settle(item, () => {
      if (dryRun) return undefined;
      if (existing?.kind === "folder") throw new AioError("link", "EISDIR", "make a name where there is a folder");
      linkTo(original, target, existing !== null);
      return this.#files.digestOf(item);
    });
  }

  async #symbolic(item: Item): Promise<void> {
    const { source, target, existing } = item;
    const { preserve } = this.#settings.copy;
    const { mode, ownership, timestamps } = preserve;
    const how = {
      ...{
        mode,
        ownership,
        timestamps,
        careful: false,
        alone: false,
        sync: false,
        exclusive: false,
        fresh: false,
        follow: false,
      },
      ...{
        algorithm: "",
        verify: false,
        bytesPerSecond: 0,
        smallBytes: 0,
        likeMode: -1,
        likeOwner: null,
        next: new SharedArrayBuffer(8),
        halt: new SharedArrayBuffer(4),
      },
    };
    const links = [[source, target, existing !== null]] as const;
    await this.#settle(item, async () => {
      const { outcomes } = await filesThread().call({ kind: "links", links, how });
      const [outcome] = outcomes!;
      if (outcome !== "care" && "code" in outcome) throw errorOf(outcome);
      return undefined;
    });
  }

  async #special(item: Item): Promise<void> {
    const { target, stat, existing, done } = item;
    if (this.#settings.special === "skip" || !canMakeSpecial() || stat.kind === "unknown") {
      await this.#reporter.skip(item, this.#settings.special === "skip" ? "a special file" : "cannot be made here");
      return done();
    }
    try {
      await retried(item, () => {
        if (existing !== null) fs.rmSync(nodePath(target), { force: true });
        makeSpecial(target, stat);
      });
      this.#dress(item);
      this.#counter.specials++;
      await this.#reporter.tell(item, "made");
    } catch (error) {
      await this.#reporter.fail(item, error as Error);
    }
    done();
  }

  /** Owner, mode and times of what cannot be opened. */
  #dress({ source, target, stat }: Item): void {
    const { ownership, mode, timestamps } = this.#settings.copy.preserve;
    const path = nodePath(target);
    if (ownership) {
      try {
        fs.lchownSync(path, Number(stat.uid), Number(stat.gid));
      } catch {
        // not allowed: it stays ours
      }
    }
    if (mode) fs.chmodSync(path, stat.mode & 0o7777);
    if (timestamps) copyTimes(source, target);
  }

  async #settle(item: Item, action: () => Promise<string | undefined> | string | undefined): Promise<void> {
    try {
      const digest = await retried(item, action);
      this.#counter.links++;
      this.#counter.done(item.stat.size);
      await this.#reporter.tell(item, "linked", { digest });
    } catch (error) {
      this.#counter.done(item.stat.size);
      const { code = "EIO", syscall = "link" } = error as Partial<AioError>;
      const tried = `link "${textOf(item.target)}", for "${textOf(item.source)}"`;
      await this.#reporter.fail(item, new AioError(syscall, code, tried, { cause: error }));
    }
    item.done();
  }
}

function linkTo(original: FilePath, target: FilePath, replaces: boolean): void {
  const [from, to] = [nodePath(original), nodePath(target)];
  if (!replaces) return fs.linkSync(from, to);
  if (isOneFile(original, target)) return;
  fs.unlinkSync(to);
  fs.linkSync(from, to);
}

/** Whether both are names of one file. */
function isOneFile(one: FilePath, other: FilePath): boolean {
  const [first, second] = [one, other].map((path) =>
    fs.lstatSync(nodePath(path), { bigint: true, throwIfNoEntry: false })
  );
  return first !== undefined && second !== undefined && first.ino === second.ino && first.dev === second.dev;
}
