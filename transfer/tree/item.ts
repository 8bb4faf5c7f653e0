/**
 * What a transfer of many files works on: the entry of a tree, and what is told when it is done with.
 *
 * @module
 */

import type { FilePath } from "../../ffi/files_thread.ts";
import type { EntryKind, EntryStat } from "./entry.ts";

/**
 * What was done with an entry; `"updated"`: it has the same content, and got the mode, owner, attributes or times of its source.
 *
 * @example
 * ```ts
 * import { copyTree } from "@posix/aio";
 * import type { TreeAction } from "@posix/aio";
 *
 * const counts = new Map<TreeAction, number>();
 * for await (const { action } of copyTree("docs", "/tmp/docs.counted")) counts.set(action, (counts.get(action) ?? 0) + 1);
 * console.log(counts.get("failed")); // undefined
 * ```
 */
export type TreeAction = "copied" | "updated" | "linked" | "made" | "skipped" | "deleted" | "failed";

/**
 * What came of one entry.
 *
 * @example
 * ```ts
 * import { copyTree } from "@posix/aio";
 * import type { TreeResult } from "@posix/aio";
 *
 * const line = ({ action, kind, path, bytes }: TreeResult) => `${action} ${kind} ${path}, ${bytes} bytes`;
 * for await (const result of copyTree("docs", "/tmp/docs.lines")) console.log(line(result));
 * ```
 */
export interface TreeResult {
  /** Its path within the tree, or of a list the source as it was given. */
  readonly path: string;
  /** The source. */
  readonly source: string;
  /** The target. */
  readonly target: string;
  /** What it is. */
  readonly kind: EntryKind;
  /** What was done: with `dryRun`, what would be. */
  readonly action: TreeAction;
  /** Why it was skipped, how it was done, or what was updated. */
  readonly reason: string;
  /** Bytes that were moved. */
  readonly bytes: number;
  /** Why it failed. */
  readonly error: Error | undefined;
  /** The digest of the content, in hexadecimal digits, if one was asked for. */
  readonly digest: string | undefined;
  /** What could not be kept, in words. */
  readonly notKept: readonly string[];
  /** The path, source and target as bytes, where they are no UTF-8 and the texts only show them. */
  readonly exact?: { readonly path: Uint8Array; readonly source: Uint8Array; readonly target: Uint8Array };
}

/** An entry that is to be done with. */
export interface Item {
  readonly path: FilePath;
  readonly source: FilePath;
  readonly target: FilePath;
  readonly stat: EntryStat;
  readonly existing: EntryStat | null;
  /** Whether one of the two has attributes or lists; `undefined` if that is not known. */
  readonly marked?: boolean | undefined;
  /** What is at the target is written as `copy` does it: links are followed, FIFOs and devices written to. */
  readonly through?: boolean;
  /** Opens the target's folder, where it is closed to its owner and may be opened; returns whether it is open. */
  readonly reopen?: (() => boolean) | undefined;
  /** Told when it is done with. */
  readonly done: () => void;
}
