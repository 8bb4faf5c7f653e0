/**
 * A folder of a tree that is being copied, until everything in it is done with.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import fs from "node:fs";
import type { FilePath } from "../../ffi/files_thread.ts";
import { changesOf, lookAt } from "../metadata/look.ts";
import { orByName } from "../metadata/owner.ts";
import { preserve } from "../metadata/preserve.ts";
import type { Preserved } from "../metadata/preserve.ts";
import { removeStuck } from "../single/stuck.ts";
import type { EntryStat } from "./entry.ts";
import { Made } from "./made.ts";
import { nodePath, textOf } from "./path.ts";
import { mustBeWritable } from "./update.ts";
import type { Updated } from "./update.ts";

/** Of a folder that others can write to: read, write and enter, for its owner. */
const OWNER_BITS = 0o700;

/** In such a folder, others' files are safe. */
const STICKY = 0o1000;

/** Deno's mkdir knows nothing of it. */
function keepSticky(folder: string | Buffer): void {
  const mode = fs.lstatSync(folder).mode & 0o7777;
  if ((mode & STICKY) === 0) fs.chmodSync(folder, mode | STICKY);
}

/** A folder under way. */
export class Folder {
  readonly path: FilePath;
  readonly source: FilePath;
  readonly target: FilePath;
  readonly parent: Folder | undefined;
  /** Its source; the whole tree's root is asked for by its name. */
  readonly identity: string;
  #existed: boolean;
  #made: Made | undefined;
  /** It could not be read. */
  failed = false;
  /** Its target had its times already: that they are to be set anew is nothing to tell. */
  isTimely = false;
  readonly #mode: number;
  /** The mode that it had before it was opened. */
  #closed: number | undefined;
  #pending = 1;
  readonly #whenDone: (folder: Folder) => void;

  constructor(
    names: Pick<Folder, "path" | "source" | "target">,
    parent: Folder | undefined,
    stat: Pick<EntryStat, "identity" | "mode">,
    existed: boolean,
    whenDone: (folder: Folder) => void,
  ) {
    this.path = names.path;
    this.source = names.source;
    this.target = names.target;
    this.parent = parent;
    this.identity = stat.identity;
    this.#mode = stat.mode & 0o7777;
    this.#existed = existed;
    this.#made = existed ? new Made() : undefined;
    this.#whenDone = whenDone;
    parent?.begin();
  }

  /** Whether its target was there before. */
  get existed(): boolean {
    return this.#existed;
  }

  /** What was copied into it, where it was there before. */
  get made(): Made | undefined {
    return this.#made;
  }

  /** Something in it is to be done. */
  begin(): void {
    this.#pending++;
  }

  /** Something in it, or its own listing, is done with; bound, so that it can be handed on. */
  readonly end = (): void => {
    if (--this.#pending > 0) return;
    this.#whenDone(this);
    this.parent?.end();
  };

  /** Opens the target to its owner, until it is finished; bound, so that it can be handed on. Returns whether it is open. */
  readonly reopen = (): boolean => {
    const target = nodePath(this.target);
    try {
      const mode = fs.lstatSync(target).mode & 0o7777;
      if ((mode & OWNER_BITS) === OWNER_BITS) return true; // by now
      fs.chmodSync(target, mode | OWNER_BITS);
      this.#closed ??= mode;
      return true;
    } catch {
      return false; // another's
    }
  };

  /** Whether it is one of the folders that it is in: links lead round in a circle. */
  get isCircle(): boolean {
    for (let other = this.parent; other !== undefined; other = other.parent) {
      if (other.identity === this.identity) return true;
    }
    return false;
  }

  /**
   * Makes the target, so that it can be filled.
   *
   * @returns Whether it did: another copy may have been faster, of another part of the same tree.
   */
  make(): boolean {
    const target = nodePath(this.target);
    try {
      fs.mkdirSync(target, { mode: this.#mode & (0o777 | STICKY) | OWNER_BITS });
      if ((this.#mode & STICKY) !== 0) keepSticky(target);
      return true;
    } catch (error) {
      if ((error as { code?: string }).code !== "EEXIST" || !fs.lstatSync(target).isDirectory()) throw error;
      this.#existed = true;
      this.#made = new Made();
      return false;
    }
  }

  /**
   * Gives the filled target what it takes from its source.
   *
   * @param preserved What that is.
   * @param sync Whether to make its names durable.
   * @returns What was changed of a target that was there before, and what could not be kept, in words.
   * @throws {Error} If it may not be changed.
   */
  finish(preserved: Preserved, sync: boolean): Updated {
    const { mode, ownership, timestamps, attributes } = preserved;
    if (typeof this.target === "string") removeStuck(this.target, this.reopen);
    const narrower = !this.existed && !mode && (this.#mode & OWNER_BITS) !== OWNER_BITS;
    const closes = narrower || this.#closed !== undefined && !mode;
    if (!mode && !ownership && !timestamps && !attributes && !sync && !closes) {
      return { changed: [], notKept: [] };
    }
    const { O_RDONLY, O_DIRECTORY } = fs.constants;
    const target = fs.openSync(nodePath(this.target), O_RDONLY | O_DIRECTORY);
    const path = textOf(this.target);
    try {
      if (closes) {
        const present = fs.fstatSync(target).mode & 0o7777;
        const narrow = this.#closed ?? present & ~(OWNER_BITS & ~this.#mode);
        orByName(() => fs.fchmodSync(target, narrow), () => fs.chmodSync(nodePath(this.target), narrow));
      }
      if (sync) fs.fsyncSync(target);
      if (this.failed || !mode && !ownership && !timestamps && !attributes) return { changed: [], notKept: [] };
      const source = fs.openSync(nodePath(this.source), O_RDONLY | O_DIRECTORY);
      try {
        const from = { fd: source, stat: fs.fstatSync(source, { bigint: true }) };
        if (!this.existed) return { changed: [], notKept: preserve(target, path, from, preserved) };
        const wanted = lookAt(source, preserved), before = lookAt(target, preserved);
        if (changesOf(wanted, before, preserved).length === 0) return { changed: [], notKept: [] };
        mustBeWritable(this.target);
        const notKept = preserve(target, path, from, preserved, true);
        const was = this.#closed === undefined ? before : { ...before, mode: BigInt(this.#closed) };
        const changed = changesOf(was, lookAt(target, preserved), preserved);
        return { changed: changed.filter((word) => word !== "times" || !this.isTimely), notKept };
      } finally {
        fs.closeSync(source);
      }
    } finally {
      fs.closeSync(target);
    }
  }
}
