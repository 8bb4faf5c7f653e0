/**
 * An entry of a folder as the files thread lists it: its name, and what stat(2) says.
 *
 * @module
 */

import type { BigIntStats } from "node:fs";
import { STAT_WORDS } from "../../ffi/files_thread_list.ts";
import type { FilePath, Listed, ThreadError } from "../../ffi/files_thread.ts";
import { AioError } from "../../ffi/errno.ts";
import { textOf } from "./path.ts";

/**
 * What an entry is.
 *
 * @example
 * ```ts
 * import { copyTree } from "@posix/aio";
 * import type { EntryKind } from "@posix/aio";
 *
 * const kinds = new Set<EntryKind>();
 * for await (const { kind } of copyTree("docs", "/tmp/docs.kinds", { dryRun: true })) kinds.add(kind);
 * console.log(kinds.has("file")); // true
 * ```
 */
export type EntryKind = "file" | "folder" | "link" | "fifo" | "socket" | "device" | "unknown";

/** `<sys/stat.h>`: the bits of the mode that say what a file is. */
const S_IFMT = 0o170000;
const KINDS: Readonly<Record<number, EntryKind>> = {
  0o100000: "file",
  0o040000: "folder",
  0o120000: "link",
  0o010000: "fifo",
  0o140000: "socket",
  0o060000: "device",
  0o020000: "device",
};

/** What stat(2) says of a file. */
export class EntryStat {
  readonly #words: BigInt64Array;
  readonly #at: number;

  /**
   * A view of the thread's answer.
   *
   * @param words Its numbers.
   * @param index Which entry.
   */
  constructor(words: BigInt64Array, index: number) {
    this.#words = words;
    this.#at = index * STAT_WORDS;
  }

  /** What it is. */
  get kind(): EntryKind {
    return KINDS[this.mode & S_IFMT] ?? "unknown";
  }

  /** Type and rights; 0 if there is none. */
  get mode(): number {
    return Number(this.#words[this.#at]);
  }

  /** Its size in bytes. */
  get size(): number {
    return Number(this.#words[this.#at + 1]);
  }

  /** When it was last changed, in nanoseconds since 1970. */
  get modified(): bigint {
    return this.#words[this.#at + 2];
  }

  /** How many names it has. */
  get links(): number {
    return Number(this.#words[this.#at + 3]);
  }

  /** The number of its device. */
  get device(): bigint {
    return this.#words[this.#at + 4];
  }

  /** Its inode. */
  get inode(): bigint {
    return this.#words[this.#at + 5];
  }

  /** Its owner. */
  get uid(): bigint {
    return this.#words[this.#at + 6];
  }

  /** Its group. */
  get gid(): bigint {
    return this.#words[this.#at + 7];
  }

  /** Blocks of 512 bytes that it takes. */
  get blocks(): number {
    return Number(this.#words[this.#at + 8]);
  }

  /** Which device it is. */
  get rdev(): bigint {
    return this.#words[this.#at + 9];
  }

  /** What makes it one and the same file under all its names. */
  get identity(): string {
    return `${this.device}:${this.inode}`;
  }
}

/**
 * What stat(2) said, as an {@linkcode EntryStat}.
 *
 * @param found What node:fs gave.
 * @returns The same.
 */
export function statOf(found: BigIntStats): EntryStat {
  const { mode, size, mtimeNs, nlink, dev, ino, uid, gid, blocks, rdev } = found;
  const words = new BigInt64Array(STAT_WORDS);
  words.set([mode, size, mtimeNs, nlink, dev, ino, uid, gid, blocks, rdev]);
  return new EntryStat(words, 0);
}

/** An entry of a folder. */
export interface Entry {
  readonly name: FilePath;
  readonly stat: EntryStat;
  /** Its counterpart, if there is one. */
  readonly target: EntryStat | null;
  /** Whether one of the two has attributes or lists; `undefined` if that was not asked. */
  readonly marked: boolean | undefined;
  /** Why nothing is known of it. */
  readonly error: ThreadError | undefined;
}

/**
 * The entries of an answer.
 *
 * @param listed The answer.
 * @returns The entries.
 */
export function* entriesOf({ names, stats, targets, marks, errors }: Listed): Generator<Entry, void, void> {
  const failed = new Map(errors);
  for (const [index, name] of names.entries()) {
    const there = targets.length > 0 && targets[index * STAT_WORDS] !== 0n;
    yield {
      name,
      stat: new EntryStat(stats, index),
      target: there ? new EntryStat(targets, index) : null,
      marked: marks.length > 0 ? marks[index] !== 0 : undefined,
      error: failed.get(index),
    };
  }
}

/**
 * The error of an entry of which nothing is known.
 *
 * @param name Its name.
 * @param source Its path.
 * @param error What the system said.
 * @returns The error; of a name that the runtime cannot give back as it is, it says so.
 */
export function unreadable(name: FilePath, source: FilePath, error: AioError): AioError {
  const tried = `look at "${textOf(source)}"${whyNotFound(name, error.code)}`;
  return new AioError(error.syscall, error.code, tried, { cause: error });
}

/**
 * Why something that was listed is not found when it is to be opened, besides that it has gone.
 *
 * @param path Its path.
 * @param code What the system said.
 * @returns The reason, to follow what was tried, or nothing.
 */
export function whyNotFound(path: FilePath, code: string): string {
  if (code !== "ENOENT" || !textOf(path).includes("\ufffd")) return "";
  return ": its name is no UTF-8, which this runtime cannot open; Node and Bun can";
}
