/**
 * The work of `copyMany`: looks at each pair and hands files over to be copied, as there is room.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import type { AioError } from "../../ffi/errno.ts";
import { Paths } from "../single/paths.ts";
import { deadLink } from "../single/resolve.ts";
import "./ahead.ts";
import { decide } from "./decide.ts";
import { statOf } from "./entry.ts";
import type { EntryStat } from "./entry.ts";
import { TAKEN } from "./file_reports.ts";
import { isReadAgain, TreeFiles } from "./files.ts";
import type { Item, TreeResult } from "./item.ts";
import { Judge } from "./judge.ts";
import { Made } from "./made.ts";
import type { TreeSettings } from "./options.ts";
import type { CopyPair } from "./pair.ts";
import { TreeCounter } from "./progress.ts";
import type { TreeSummary } from "./progress.ts";
import { Reporter } from "./reporter.ts";
import type { Emit } from "./results.ts";
import { isSame } from "./same.ts";
import { isInShard, isLeftOut } from "./select.ts";

/** Pairs that are looked at together: small ones are copied with one message to a thread. */
const TOGETHER = 64;

/** Copies the files of a list. */
export class Many {
  readonly #settings: TreeSettings;
  readonly #counter: TreeCounter;
  readonly #reporter: Reporter;
  readonly #files: TreeFiles;
  readonly #judge: Judge;
  readonly #made = new Made();
  readonly #halt: SharedArrayBuffer = new SharedArrayBuffer(4);
  readonly #stop: AbortController = new AbortController();

  constructor(settings: TreeSettings, emit: Emit<TreeResult>, wanted: () => boolean) {
    const signal = AbortSignal.any([settings.signal as AbortSignal, this.#stop.signal]);
    this.#settings = { ...settings, signal, dereference: true, copy: { ...settings.copy, signal } };
    this.#counter = new TreeCounter(settings.onProgress);
    this.#reporter = new Reporter(emit, wanted, this.#counter, (error) => {
      if (settings.stopOnError) this.#stop.abort(error);
    });
    this.#files = new TreeFiles(this.#settings, this.#counter, this.#reporter, this.#halt);
    this.#judge = new Judge(this.#settings, this.#counter, this.#reporter, this.#files);
  }

  async run(pairs: Iterable<CopyPair> | AsyncIterable<CopyPair>): Promise<TreeSummary> {
    const signal = this.#settings.signal as AbortSignal;
    const onAbort = () => Atomics.store(new Int32Array(this.#halt), 0, 1);
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
    let together: Item[] = [];
    const copyThem = async () => {
      const items = together;
      together = [];
      await this.#files.copy(items);
    };
    try {
      try {
        for await (const pair of untilAborted(pairs, signal)) {
          const item = await this.#take(pair);
          if (item !== undefined) together.push(item);
          if (together.length >= TOGETHER) await copyThem();
        }
      } finally {
        this.#counter.complete = true;
        if (!signal.aborted) await copyThem(); // also where the list broke off: what it gave before is copied
      }
    } finally {
      await this.#files.settled();
      signal.removeEventListener("abort", onAbort);
    }
    signal.throwIfAborted();
    this.#counter.tell(true);
    return this.#counter.summary();
  }

  /** Looks at a pair; `undefined` if nothing more is to be done with it. */
  async #take(pair: CopyPair): Promise<Item | undefined> {
    const paths = new Paths(pair?.source, pair?.target);
    const source = path.resolve(paths.source), target = path.resolve(paths.target);
    if (isLeftOut(this.#settings, paths.source, false) || !isInShard(this.#settings, paths.source)) return undefined;
    if (!await this.#settings.filter(paths.source, paths.target)) return undefined;
    const named = { path: paths.source, source, target, stat: { kind: "unknown" } } as const;
    try {
      const found = fs.statSync(source, { bigint: true });
      const existing = lookAt(target, paths);
      const item: Item = {
        ...{ path: paths.source, source, target },
        ...{ stat: statOf(found), existing, through: true, done: () => {} },
      };
      this.#counter.found(item.stat.size);
      if (this.#made.has(target)) {
        this.#counter.done(item.stat.size);
        throw paths.failure("copy", "EEXIST", TAKEN);
      }
      this.#made.add(target);
      if (item.stat.kind === "folder") {
        throw paths.failure("open", "EISDIR", "copy a folder: copyTree() (-r) does that");
      }
      this.#mustReadAgain(item, paths);
      const decision = decide(item.stat, existing, this.#settings);
      if (decision.action === "fail") throw paths.failure("copy", decision.code, decision.reason);
      const reason = decision.action === "skip"
        ? decision.reason
        : decision.action === "compare" && await isSame(item)
        ? "the same content"
        : "";
      const skipped = reason !== "";
      if (!skipped && !this.#settings.dryRun) return item;
      this.#counter.done(item.stat.size);
      if (skipped) {
        await this.#judge.keep(item, reason);
      } else {
        this.#counter.files++;
        this.#counter.bytes += item.stat.size;
        await this.#reporter.tell(item, "copied", { bytes: item.stat.size });
      }
    } catch (error) {
      await this.#reporter.fail(named, paths.error("look at both ends", error) as AioError);
    }
    return undefined;
  }

  /** A digest needs one end that can be read again, and a comparison both. */
  #mustReadAgain({ source, stat, target, existing }: Item, paths: Paths): void {
    const { verify, digest } = this.#settings;
    const ends = [isReadAgain(stat, source), existing === null || isReadAgain(existing, target)];
    if (verify && ends.includes(false) || digest !== "" && !ends.includes(true)) {
      throw paths.failure("verify", "EINVAL", "read a pipe, device or standard stream again, for its digest");
    }
  }
}

/** What is at a target, links followed; `null` if nothing is. A link that leads nowhere is an error, as with `copy`. */
function lookAt(target: string, paths: Paths): EntryStat | null {
  if (fs.lstatSync(target, { throwIfNoEntry: false }) === undefined) return null;
  try {
    return statOf(fs.statSync(target, { bigint: true }));
  } catch (error) {
    throw deadLink(error, paths);
  }
}

/** What a list gives until an abort, which does not wait for what the list is waiting for. */
async function* untilAborted<Value>(
  list: Iterable<Value> | AsyncIterable<Value>,
  signal: AbortSignal,
): AsyncGenerator<Value, void, void> {
  if (!(Symbol.asyncIterator in list)) {
    for (const value of list) {
      if (signal.aborted) return;
      yield value;
    }
    return;
  }
  const iterator = list[Symbol.asyncIterator]();
  let wake = () => {};
  const onAbort = () => wake();
  signal.addEventListener("abort", onAbort);
  let ended = false;
  try {
    while (!signal.aborted) {
      const step = await new Promise<IteratorResult<Value>>((resolve, reject) => {
        wake = () => resolve({ done: true, value: undefined });
        Promise.resolve(iterator.next()).then(resolve, reject);
      }).catch((error) => {
        ended = true;
        throw error;
      });
      ended = step.done === true && !signal.aborted;
      if (step.done === true) return;
      yield step.value;
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    if (!ended) void Promise.resolve(iterator.return?.()).catch(() => {}); // it may be waiting still
  }
}
