/**
 * What becomes of a file before anything is copied: whether it is, or is left as it is, or gets only what its source has
 * besides the content.
 *
 * @module
 */

import { AioError } from "../../ffi/errno.ts";
import { decide } from "./decide.ts";
import type { TreeFiles } from "./files.ts";
import type { Item } from "./item.ts";
import type { TreeSettings } from "./options.ts";
import { textOf } from "./path.ts";
import type { TreeCounter } from "./progress.ts";
import type { Reporter } from "./reporter.ts";
import { isSame } from "./same.ts";
import { update } from "./update.ts";
import type { Updated } from "./update.ts";

/** Updates block: after so many milliseconds others get their turn. */
const TURN_MS = 5;

/**
 * What was decided: it is to be copied; the target stays, and further names of the source may become names of it; or nothing
 * more is to be done with it.
 */
export type Verdict = "copy" | "kept" | "ended";

/** Decides, and tells what is not copied. */
export class Judge {
  readonly #settings: TreeSettings;
  readonly #counter: TreeCounter;
  readonly #reporter: Reporter;
  readonly #files: TreeFiles;
  #turnEnds = 0;

  /**
   * @param settings The options.
   * @param counter Counts.
   * @param reporter Tells.
   * @param files Knows the digests of files.
   */
  constructor(settings: TreeSettings, counter: TreeCounter, reporter: Reporter, files: TreeFiles) {
    this.#settings = settings;
    this.#counter = counter;
    this.#reporter = reporter;
    this.#files = files;
  }

  /**
   * Decides on an entry that is no folder.
   *
   * @param item The entry.
   * @returns What was decided; all but what is to be copied is counted and told.
   */
  async settle(item: Item): Promise<Verdict> {
    const { stat, existing } = item;
    const decision = decide(stat, existing, this.#settings);
    if (decision.action === "copy" && !this.#settings.dryRun) return "copy";
    this.#counter.done(stat.size);
    if (decision.action === "fail") {
      const tried = `copy "${textOf(item.source)}" to "${textOf(item.target)}": ${decision.reason}`;
      await this.#reporter.fail(item, new AioError("copy", decision.code, tried));
      return "ended";
    }
    if (decision.action === "skip") return await this.keep(item, decision.reason);
    if (decision.action === "compare" && await isSame(item)) return await this.keep(item, "the same content");
    if (!this.#settings.dryRun) return "copy";
    this.#counter.files++;
    this.#counter.bytes += stat.size;
    await this.#reporter.tell(item, "copied", { bytes: stat.size });
    return "ended";
  }

  /**
   * Leaves the content of a target as it is.
   *
   * @param item The entry.
   * @param reason Why, in words.
   * @returns That it is kept, if nothing failed.
   */
  async keep(item: Item, reason: string): Promise<Verdict> {
    const { overwrite, copy: { preserve }, dereference, dryRun } = this.#settings;
    let updated: Updated = { changed: [], notKept: [] };
    if (overwrite === "different" && item.existing?.kind === item.stat.kind) {
      try {
        updated = update(item, { preserved: preserve, dereference, dryRun });
      } catch (error) {
        const { code = "EIO", syscall = "open" } = error as Partial<AioError>;
        const tried = `update "${textOf(item.target)}", which has the content of "${textOf(item.source)}"`;
        await this.#reporter.fail(item, new AioError(syscall, code, tried, { cause: error }));
        return "ended";
      }
    }
    const digest = await this.#files.digestOf(item);
    if (updated.changed.length > 0) {
      await this.#reporter.update(item, updated, digest);
      await this.#turn();
    } else {
      await this.#reporter.skip(item, reason, digest, updated.notKept);
    }
    return "kept";
  }

  /** Lets timers and others in, now and then. */
  async #turn(): Promise<void> {
    if (performance.now() < this.#turnEnds) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.#turnEnds = performance.now() + TURN_MS;
  }
}
