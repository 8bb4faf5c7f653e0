/**
 * Goes through a tree lazily, a part of a folder at a time, so that neither the tree nor a folder of a million entries is
 * ever held whole. For those who read trees without copying them; a copy goes its own way (see copier.ts).
 *
 * @module
 */

import fs from "node:fs";
import type { FilePath, Listed } from "../../ffi/files_thread.ts";
import { AioError } from "../../ffi/errno.ts";
import type { Shard } from "../shard.ts";
import { errorOf, filesThread } from "../threads/files_threads.ts";
import type { FilesThread } from "../threads/files_threads.ts";
import { entriesOf, statOf, unreadable } from "./entry.ts";
import type { EntryKind, EntryStat } from "./entry.ts";
import { joinPath, nodePath, textOf } from "./path.ts";
import { isInShard, isLeftOut } from "./select.ts";

/** Entries that are asked for at a time. */
const ENTRIES = 256;

/** Which entries a walk brings, and in which order. */
export interface WalkOptions {
  /** Glob patterns: only files of which one matches the path within the tree, or the name alone. */
  readonly include?: readonly string[] | undefined;
  /** Glob patterns of files and folders that are left out. */
  readonly exclude?: readonly string[] | undefined;
  /** Whether to bring an entry, and to enter it if it is a folder. */
  readonly filter?: ((path: string) => boolean | Promise<boolean>) | undefined;
  /** A part of the files, by their paths. */
  readonly shard?: Shard | undefined;
  /** Follow symbolic links; a link that leads back to a folder that it is in is an error of that entry. */
  readonly dereference?: boolean | undefined;
  /** By the bytes of their names within each folder; a folder's names are held whole then. */
  readonly sorted?: boolean | undefined;
  /** Ends the walk. */
  readonly signal?: AbortSignal | undefined;
}

/** An entry of a tree. */
export interface WalkEntry {
  /** Its path within the tree, with `/` between names: a string, or the exact bytes where those are no UTF-8. */
  readonly path: FilePath;
  /** The path that it is opened by. */
  readonly source: FilePath;
  readonly kind: EntryKind;
  /** What stat(2) says of it; `undefined` after an error. */
  readonly stat: EntryStat | undefined;
  /** Why it could not be looked at, or a folder not be read; the walk goes on. */
  readonly error: AioError | undefined;
}

/** A folder that is gone through. */
interface Visit {
  readonly path: FilePath;
  readonly source: FilePath;
  readonly identity: string;
  readonly parent: Visit | undefined;
  readonly thread: FilesThread;
  cursor: number;
}

/**
 * Goes through a tree, depth first; a folder comes before what is in it, the tree's own root does not come.
 *
 * @param root The folder.
 * @param options Which entries.
 * @returns The entries, as they are asked for. Ending the iteration closes everything.
 * @throws {AioError} If the root cannot be looked at or read. After an abort, the signal's reason.
 */
export async function* walk(root: string, options: WalkOptions = {}): AsyncGenerator<WalkEntry, void, void> {
  const { include = [], exclude = [], filter, shard, signal } = options;
  const stack: Visit[] = [visitOf("", root, await rootOf(root), undefined)];
  try {
    for (let visit = stack.at(-1); visit !== undefined; visit = stack.at(-1)) {
      signal?.throwIfAborted();
      let listed: Listed;
      try {
        listed = await list(visit, options);
      } catch (error) {
        stack.pop();
        const { code = "EIO", syscall = "open" } = error as Partial<AioError>;
        const tried = `read the folder "${textOf(visit.source)}"`;
        const failure = new AioError(syscall, code, tried, { cause: error });
        if (visit.parent === undefined) throw failure;
        yield { path: visit.path, source: visit.source, kind: "folder", stat: undefined, error: failure };
        continue;
      }
      visit.cursor = listed.cursor;
      if (listed.cursor === 0) stack.pop();
      const folders: Visit[] = [];
      for (const { name, stat, error } of entriesOf(listed)) {
        const path = joinPath(visit.path, name), source = joinPath(visit.source, name);
        const isFolder = stat.kind === "folder";
        if (isLeftOut({ include, exclude, shard }, path, isFolder)) continue;
        if (!isFolder && !isInShard({ include, exclude, shard }, path)) continue;
        if (filter !== undefined && !await filter(textOf(path))) continue;
        if (error !== undefined) {
          const failure = unreadable(name, source, errorOf(error));
          yield { path, source, kind: "unknown", stat: undefined, error: failure };
        } else if (isFolder && isCircle(visit, stat.identity)) {
          const tried = `enter "${textOf(source)}": its links lead back to a folder it is in`;
          yield { path, source, kind: "folder", stat, error: new AioError("open", "ELOOP", tried) };
        } else {
          yield { path, source, kind: stat.kind, stat, error: undefined };
          if (isFolder) folders.push(visitOf(path, source, stat.identity, visit));
        }
      }
      stack.push(...folders.reverse());
    }
  } finally {
    for (const { thread, cursor } of stack) if (cursor !== 0) await thread.call({ kind: "close", cursor });
  }
}

async function rootOf(root: string): Promise<string> {
  try {
    return statOf(await fs.promises.stat(nodePath(root), { bigint: true })).identity;
  } catch (error) {
    const { code = "EIO", syscall = "stat" } = error as Partial<AioError>;
    throw new AioError(syscall, code, `look at the folder "${root}"`, { cause: error });
  }
}

function visitOf(path: FilePath, source: FilePath, identity: string, parent: Visit | undefined): Visit {
  return { path, source, identity, parent, thread: parent?.thread ?? filesThread(), cursor: 0 };
}

async function list({ source, thread, cursor }: Visit, options: WalkOptions): Promise<Listed> {
  const { dereference: follow = false, sorted = false } = options;
  const request = { kind: "list", source, target: null, cursor, most: ENTRIES, follow, sorted } as const;
  return (await thread.call(request)).listed!;
}

function isCircle(visit: Visit, identity: string): boolean {
  for (let other: Visit | undefined = visit; other !== undefined; other = other.parent) {
    if (other.identity === identity) return true;
  }
  return false;
}
