/**
 * What a transfer has made, so that no second source takes its place: neither under the same name, nor under one that the
 * file system takes for the same (`x` and `X` on exFAT, or in a folder of ext4 with `+F`).
 *
 * @module
 */

import fs from "node:fs";
import type { FilePath } from "../../ffi/files_thread.ts";
import { baseName, nodePath, textOf } from "./path.ts";

/** Targets, by hashes of their names: a million of them take less than 100 MB. */
export class Made {
  readonly #exact = new Set<number>();
  readonly #folded = new Set<number>();

  /** Remembers a target. */
  add(target: FilePath): void {
    const text = textOf(target);
    this.#exact.add(hashOf(text));
    this.#folded.add(hashOf(fold(text)));
  }

  /**
   * Whether a target was made before.
   *
   * @param target Where something else is to be copied.
   * @returns Whether it has the name of one that was remembered, or the file system takes it for one.
   */
  has(target: FilePath): boolean {
    const text = textOf(target);
    if (!this.#folded.has(hashOf(fold(text)))) return false;
    return this.#exact.has(hashOf(text)) || isFolded(target);
  }
}

/** Whether something is there that its folder lists under another name. */
function isFolded(target: FilePath): boolean {
  if (typeof target !== "string") return false;
  if (fs.lstatSync(nodePath(target), { throwIfNoEntry: false }) === undefined) return false;
  const name = textOf(baseName(target));
  const folder = target.slice(0, target.length - name.length) || ".";
  return !fs.readdirSync(folder).includes(name);
}

/** Upper case first: `ß` and `ẞ`, `ſ` and `s` are one then. */
function fold(text: string): string {
  return text.normalize("NFKC").toUpperCase().toLowerCase();
}

/** 53 bits: of a million names, two have the same in one of ten thousand transfers. */
function hashOf(text: string): number {
  let low = 0x811c9dc5, high = 0x1234567;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x5bd1e995) ^ (high >>> 15);
  }
  return (high & 0x1fffff) * 0x100000000 + (low >>> 0);
}
