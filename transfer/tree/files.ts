/**
 * Copies the files of a tree: small ones many at a time on the files threads, big ones and those that take the place of
 * others one by one, by {@linkcode copy}, which has the care for it.
 *
 * @module
 */

import type { FileOutcome, FilePath, FilesHow, Listed, ThreadError } from "../../ffi/files_thread.ts";
import { AioError } from "../../ffi/errno.ts";
import { copyWith } from "../single/copy_file.ts";
import type { CopyProgress } from "../single/progress.ts";
import { errorOf, filesThread, threadCount } from "../threads/files_threads.ts";
import type { FilesThread } from "../threads/files_threads.ts";
import { Gate } from "../threads/gate.ts";
import { isStandardInput, isStandardOutput } from "../single/standard.ts";
import type { EntryStat } from "./entry.ts";
import { BY_THREAD, FileReports } from "./file_reports.ts";
import type { Folder } from "./folder.ts";
import type { Item } from "./item.ts";
import type { TreeSettings } from "./options.ts";
import type { TreeCounter } from "./progress.ts";
import { howOdd, isOdd } from "./odd.ts";
import type { OddCopy } from "./odd.ts";
import { isForSingle, retried } from "./reopen.ts";
import type { Reporter } from "./reporter.ts";
import { textOf } from "./path.ts";
import { throttle } from "./throttle.ts";

/** Up to this size a thread copies a file by itself: above, the kernel's own calls on another thread are faster. */
const SMALL_BYTES = 1 << 20;

/** What goes to a thread at a time: enough that the message costs nothing, and little enough that others get their turn. */
const BATCH_FILES = 64;
const BATCH_BYTES = 1 << 22;

/** Messages that a thread may have waiting. */
const BATCHES_EACH = 2;

/** Copies files. */
export class TreeFiles {
  readonly #settings: TreeSettings;
  readonly #counter: TreeCounter;
  readonly #reporter: Reporter;
  readonly #reports: FileReports;
  readonly #how: FilesHow;
  readonly #batches: Gate = new Gate(threadCount() * BATCHES_EACH);
  readonly #singles: Gate;
  readonly #throttle: ((bytes: number) => Promise<void>) | undefined;
  readonly #underWay = new Set<Promise<void>>();

  constructor(settings: TreeSettings, counter: TreeCounter, reporter: Reporter, halt: SharedArrayBuffer) {
    this.#settings = settings;
    this.#counter = counter;
    this.#reporter = reporter;
    this.#reports = new FileReports(settings, counter, reporter);
    this.#singles = new Gate(settings.concurrency);
    const { copy: { preserve }, digest, verify, fsync, bandwidthLimit, dereference } = settings;
    const next = new SharedArrayBuffer(8);
    this.#throttle = bandwidthLimit === 0 ? undefined : throttle(next, bandwidthLimit, settings.signal);
    this.#how = {
      ...{ mode: preserve.mode, ownership: preserve.ownership, timestamps: preserve.timestamps, verify, halt },
      careful: preserve.attributes || preserve.mode,
      alone: false,
      sync: fsync === "file",
      exclusive: settings.overwrite === "never",
      fresh: true,
      follow: dereference,
      smallBytes: 0,
      likeMode: -1,
      likeOwner: null,
      algorithm: digest,
      bytesPerSecond: bandwidthLimit,
      next,
    };
  }

  /**
   * Begins to copy files; what they do is told to the reporter.
   *
   * @param items The files.
   * @param thread Who copies the small ones: for those of a folder the same, since a folder is changed by one at a time.
   * @returns Kept when there is room for more.
   */
  async copy(items: readonly Item[], thread: FilesThread = filesThread()): Promise<void> {
    let batch: Item[] = [];
    let bytes = 0;
    for (const item of items) {
      if (isOdd(item.source, item.target)) {
        await this.#odd(item, thread);
        continue;
      }
      if (!this.#goesToThread(item)) {
        await this.#single(item);
        continue;
      }
      batch.push(item);
      bytes += item.stat.size;
      if (batch.length < BATCH_FILES && bytes < BATCH_BYTES) continue;
      await this.#batch(batch, thread);
      batch = [];
      bytes = 0;
    }
    if (batch.length > 0) await this.#batch(batch, thread);
  }

  /**
   * Goes on with a folder whose target is new and all of whose files take part: its small files are copied as it is listed.
   *
   * @param folder The folder.
   * @param thread Who does it.
   * @param cursor Where it goes on.
   * @returns Its other entries.
   */
  async fill(folder: Folder, thread: FilesThread, cursor: number): Promise<Listed> {
    const { source, target } = folder;
    const how = { ...this.#how, smallBytes: SMALL_BYTES };
    const limits = { most: BATCH_FILES, bytesMost: BATCH_BYTES };
    const { listed, copied, outcomes } = await thread.call({ kind: "folder", source, target, cursor, ...limits, how });
    for (const [index, name] of copied!.entries()) {
      const outcome = outcomes![index] as Exclude<FileOutcome, "care">;
      if ("code" in outcome) await this.#reports.ofFolder(folder, name, outcome);
      else if (this.#reporter.wanted) await this.#reports.ofFolder(folder, name, outcome);
      else this.#counter.copied(outcome[0]);
    }
    return listed!;
  }

  /** Kept when nothing is under way any more: after an abort, when what was has cleaned up after itself. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** Keeps account of work that nobody waits for; what waits within it for its turn is ended by an abort. */
  #begin(work: Promise<void>, leave: () => void): void {
    const running = work.catch((error) => {
      if (!this.#settings.signal?.aborted) throw error;
    }).finally(() => {
      leave();
      this.#underWay.delete(running);
    });
    this.#underWay.add(running);
  }

  /**
   * Whether a thread copies it: what takes no other file's place and is small, or is read here anyway for its digest. Pipes and
   * devices are opened but once, by who waits for them.
   */
  #goesToThread({ source, stat, existing, through }: Item): boolean {
    if (stat.kind !== "file" || !isReadAgain(stat, source)) return false;
    if (existing !== null) return existing.kind !== "file" && through !== true;
    return stat.size <= SMALL_BYTES || this.#settings.digest !== "";
  }

  /** A file with a name that is no UTF-8, for which node:fs has to be given bytes: only a thread does. */
  async #odd(item: Item, thread: FilesThread): Promise<void> {
    let found;
    try {
      found = howOdd(item, this.#how, this.#settings.copy.preserve);
    } catch (error) {
      return await this.#reports.failed(item, this.#reports.explained(error as AioError, item));
    }
    await this.#batch([item], thread, found.how, found.finish);
  }

  async #batch(
    batch: readonly Item[],
    thread: FilesThread,
    given: FilesHow = this.#how,
    finish: OddCopy["finish"] = () => [],
  ): Promise<void> {
    const how = batch.some(({ existing }) => existing !== null) ? { ...given, fresh: false } : given;
    const leave = await this.#batches.take(1, this.#settings.signal);
    const files = batch.map(({ source, target }) => [source, target] as const);
    const told = thread.call({ kind: "files", files, how })
      .then(({ outcomes }) => this.#told(batch, outcomes!, finish), (error) => this.#reports.allFailed(batch, error));
    this.#begin(told, leave);
  }

  async #told(batch: readonly Item[], outcomes: readonly FileOutcome[], finish: OddCopy["finish"]): Promise<void> {
    for (const [index, item] of batch.entries()) {
      const outcome = outcomes[index];
      if (outcome === "care" || "code" in outcome && isForSingle(item, outcome)) await this.#single(item);
      else if ("code" in outcome) await this.#reports.failed(item, this.#reports.explained(errorOf(outcome), item));
      else await this.#finished(item, outcome, finish);
    }
  }

  async #finished(
    item: Item,
    [bytes, digest, lost = false]: Exclude<FileOutcome, ThreadError | "care">,
    finish: OddCopy["finish"],
  ): Promise<void> {
    try {
      await this.#reports.copied(item, bytes, BY_THREAD, digest, finish(lost));
    } catch (error) {
      await this.#reports.failed(item, this.#reports.explained(error as AioError, item));
    }
  }

  async #single(item: Item): Promise<void> {
    const leave = await this.#singles.take(1, this.#settings.signal);
    this.#begin(this.#copyOne(item), leave);
  }

  async #copyOne(item: Item): Promise<void> {
    const { copy: settings, digest, verify } = this.#settings;
    const watch = this.#counter.watch(textOf(item.path), item.stat.size);
    try {
      const onProgress = ({ bytes }: CopyProgress) => watch.update(bytes);
      const overwrite = settings.overwrite && item.existing !== null;
      const bound = { ...settings, overwrite, onProgress, throttle: this.#throttle };
      const ends = [item.source as string, item.target as string] as const;
      const { bytes, method, reason, notKept, target } = await retried(item, () => copyWith(...ends, bound));
      // what came through a pipe is there no more
      const again = isReadAgain(item.stat, item.source) ? [item.source] : [target];
      const found = digest === "" ? "" : await this.#digest(verify ? [...again, target] : again);
      watch.end();
      await this.#reports.copied(item, bytes, `by ${method}: ${reason}`, found, notKept);
    } catch (error) {
      watch.end();
      await this.#reports.failed(item, error as Error);
    }
  }

  /** The digest, in hexadecimal digits, of a file whose target is there without being copied, if it is to be told. */
  async digestOf({ stat: { kind }, target }: Item): Promise<string | undefined> {
    if (kind !== "file" || !this.#settings.digestsAll || !this.#reporter.wanted) return undefined;
    return await this.#digest([target]);
  }

  /** The digest of files that are to be the same: a copy that did not pass through this process, and its source. */
  async #digest(files: readonly FilePath[]): Promise<string> {
    const { algorithm, halt } = this.#how;
    const { outcomes } = await filesThread().call({ kind: "digests", files: [...files], algorithm, halt });
    const digests = outcomes!.map((outcome) => {
      if (outcome === "care" || "code" in outcome) throw outcome === "care" ? new Error(outcome) : errorOf(outcome);
      return outcome[1];
    });
    if (digests[0] === digests.at(-1)) return digests[0];
    throw new AioError("verify", "EIO", `${textOf(files.at(-1)!)} differs from its source`);
  }
}

/** Whether what is read from a file, or written to it, can be read again: not of pipes, nor what somebody else goes on with. */
export function isReadAgain({ kind }: Pick<EntryStat, "kind">, name: FilePath): boolean {
  return kind === "file" && !(typeof name === "string" && (isStandardInput(name) || isStandardOutput(name)));
}
