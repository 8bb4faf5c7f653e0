/**
 * What is told and counted of the files of a tree: which were copied and how, and which have failed and why.
 *
 * @module
 */

import { AioError } from "../../ffi/errno.ts";
import type { FileOutcome, FilePath } from "../../ffi/files_thread.ts";
import { errorOf } from "../threads/files_threads.ts";
import { whyNotFound } from "./entry.ts";
import type { Folder } from "./folder.ts";
import type { Item } from "./item.ts";
import type { TreeSettings } from "./options.ts";
import { joinPath, textOf } from "./path.ts";
import type { TreeCounter } from "./progress.ts";
import type { Reporter } from "./reporter.ts";

/** What is the matter where a name is there that was not. */
export const TAKEN = "another entry was copied there just now, or the file system takes both names for one";

/** How a thread copies. */
export const BY_THREAD = "by read(2) and write(2) on a thread";

/** Tells of files. */
export class FileReports {
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

  /** What became of one that was copied as its folder was listed. */
  async ofFolder(folder: Folder, name: FilePath, outcome: Exclude<FileOutcome, "care">): Promise<void> {
    const named = {
      path: joinPath(folder.path, name),
      source: joinPath(folder.source, name),
      target: joinPath(folder.target, name),
      stat: { kind: "file" },
    } as const;
    if ("code" in outcome) {
      this.#counter.found(0);
      this.#counter.done(0);
      return void await this.#reporter.fail(named, this.explained(errorOf(outcome), named));
    }
    const [bytes, digest] = outcome;
    this.#counter.copied(bytes);
    await this.#reporter.tell(named, "copied", {
      reason: BY_THREAD,
      bytes,
      digest: digest === "" ? undefined : digest,
    });
  }

  /** Says which entry it was: the thread's errors name a temporary file at times. */
  explained(error: AioError, { source, target }: Pick<Item, "source" | "target">): Error {
    if (error.code === "ECANCELED" && this.#settings.signal?.aborted) return this.#settings.signal.reason;
    const permission = /[^.:]*--allow-[^.]*/.exec(error.message)?.[0] ?? "";
    const there = error.code === "EEXIST" && this.#settings.overwrite !== "never" ? `: ${TAKEN}` : "";
    const why = permission === "" ? there || whyNotFound(source, error.code) : `:${permission}`;
    const tried = `copy "${textOf(source)}" to "${textOf(target)}"${why}`;
    return new AioError(error.syscall, error.code, tried, { cause: error });
  }

  /** One was copied. */
  async copied(item: Item, bytes: number, reason: string, digest: string, notKept: readonly string[]): Promise<void> {
    this.#counter.files++;
    this.#counter.bytes += bytes;
    this.#counter.done(item.stat.size);
    await this.#reporter.tell(item, "copied", { reason, bytes, digest: digest === "" ? undefined : digest, notKept });
    item.done();
  }

  /** All have failed, and the thread with them. */
  async allFailed(items: readonly Item[], error: Error): Promise<void> {
    for (const item of items) await this.failed(item, error);
  }

  /** One has failed. */
  async failed(item: Item, error: Error): Promise<void> {
    this.#counter.done(item.stat.size);
    await this.#reporter.fail(item, error);
    item.done();
  }
}
