/**
 * Tells what came of each entry, and counts what failed.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { FilePath } from "../../ffi/files_thread.ts";
import type { EntryKind } from "./entry.ts";
import type { TreeAction, TreeResult } from "./item.ts";
import { textOf } from "./path.ts";
import type { TreeCounter } from "./progress.ts";
import type { Emit } from "./results.ts";

/** What an entry is known by. */
export interface Named {
  readonly path: FilePath;
  readonly source: FilePath;
  readonly target: FilePath;
  readonly stat: { readonly kind: EntryKind };
}

/** Tells results. */
export class Reporter {
  readonly #emit: Emit<TreeResult>;
  readonly #wanted: () => boolean;
  readonly #counter: TreeCounter;
  readonly #onFailure: (error: Error) => void;

  /**
   * A reporter.
   *
   * @param emit Takes results.
   * @param wanted Whether anybody reads them.
   * @param counter Counts failures.
   * @param onFailure Told of each.
   */
  constructor(emit: Emit<TreeResult>, wanted: () => boolean, counter: TreeCounter, onFailure: (error: Error) => void) {
    this.#emit = emit;
    this.#wanted = wanted;
    this.#counter = counter;
    this.#onFailure = onFailure;
  }

  /** Whether anybody reads the results. */
  get wanted(): boolean {
    return this.#wanted();
  }

  /** Tells one. */
  tell(named: Named, action: TreeAction, more: Partial<TreeResult> = {}): Promise<void> | undefined {
    if (!this.#wanted()) return undefined;
    const { path, source, target, stat: { kind } } = named;
    const texts = { path: textOf(path), source: textOf(source), target: textOf(target) };
    const result: TreeResult = {
      ...texts,
      ...{ kind, action, reason: "", bytes: 0, error: undefined, digest: undefined, notKept: [] },
      ...more,
    };
    if (typeof path === "string" && typeof target === "string") return this.#emit(result);
    const exact = { path: Buffer.from(path), source: Buffer.from(source), target: Buffer.from(target) };
    return this.#emit({ ...result, exact });
  }

  /** Tells that one failed. */
  fail(named: Named, error: Error): Promise<void> | undefined {
    this.#counter.failed++;
    this.#onFailure(error);
    return this.tell(named, "failed", { error, reason: error.message });
  }

  /** Tells that one was left as it is. */
  skip(
    named: Named,
    reason: string,
    digest?: string | undefined,
    notKept: readonly string[] = [],
  ): Promise<void> | undefined {
    this.#counter.skipped++;
    return this.tell(named, "skipped", { reason, digest, notKept });
  }

  /** Tells that one got what its source has, besides the content. */
  update(
    named: Named,
    { changed, notKept }: { readonly changed: readonly string[]; readonly notKept: readonly string[] },
    digest?: string | undefined,
  ): Promise<void> | undefined {
    this.#counter.updated++;
    return this.tell(named, "updated", { reason: changed.join(", "), digest, notKept });
  }
}
