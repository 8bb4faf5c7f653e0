/**
 * Targets that cannot be replaced: a file that is mounted over another, one in a folder where nothing can be made or
 * renamed, another user's in a folder with the sticky bit, file systems without rename. cp writes into such a file itself.
 * That is never done silently, since what fails midway has damaged it.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import { door } from "../../ffi/door.ts";
import { libc } from "../../ffi/libc.ts";
import type { AioError } from "../../ffi/errno.ts";
import { giveBlock, takeBlock } from "../../ffi/memory.ts";
import type { CopySettings } from "../options.ts";
import { open } from "./open.ts";
import type { Paths } from "./paths.ts";
import { isKnownLocal } from "./places.ts";
import type { Source } from "./source.ts";
import type { Target } from "./opened.ts";

/** `<fcntl.h>`, `<linux/stat.h>` of Linux: the descriptor itself; `stx_attributes` at 8, STATX_ATTR_MOUNT_ROOT. */
const AT_EMPTY_PATH = 0x1000;
const STATX_BYTES = 256;
const ATTRIBUTES_AT = 8;
const MOUNT_ROOT = 0x2000;
/** STATX_ATTR_APPEND: `chattr +a` */
const APPEND_ONLY = 0x20;

/** `<sys/stat.h>`: S_ISVTX */
const STICKY = 0o1000n;

/** What a folder answers in which no temporary file can be made, while the file in it could be written. */
const REFUSALS = ["EACCES", "ENOENT", "EPERM", "EROFS", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "ENOSPC", "EDQUOT"];

/** For how long it is believed of a folder that files in it can be renamed, in milliseconds, and of how many. */
const BELIEVED_MS = 1000;
const FOLDERS_MAX = 256;
const renaming = new Map<string, number>();

/** The target cannot be replaced. */
export class InPlaceNeeded extends Error {
  readonly #code: string;
  readonly #syscall: string;

  constructor(syscall: string, code: string, why: string) {
    super(why);
    this.#syscall = syscall;
    this.#code = code;
  }

  /** What to throw instead of what the folder of a target answered. */
  static because(error: unknown, existing: fs.BigIntStats | null): unknown {
    const { code = "", syscall = "open" } = error as { code?: string; syscall?: string };
    if (existing === null || !REFUSALS.includes(code)) return error;
    return new InPlaceNeeded(syscall, code, "no temporary file can be made in its folder");
  }

  /** The error for who did not allow it. */
  said(paths: Paths): AioError {
    const hint = 'inPlace: "auto" (--in-place) writes into the file itself; if that fails midway, the file is damaged';
    return paths.failure(this.#syscall, this.#code, `replace the target: ${this.message}; ${hint}`);
  }
}

/** Looks that come before any data is moved. */
export const whyNotReplaced = {
  /**
   * A place whose file cannot be taken away.
   *
   * @param fd The file, open.
   * @param name Its name.
   * @param existing What it is.
   * @throws {InPlaceNeeded} If so.
   */
  place(fd: number, name: string, existing: fs.BigIntStats): void {
    if (isMountRoot(fd)) throw new InPlaceNeeded("rename", "EBUSY", "another file is mounted there");
    const { call, has } = libc();
    const user = has("geteuid") ? BigInt(call.geteuid() >>> 0) : 0n;
    if (user === 0n || user === existing.uid) return;
    const folder = fs.statSync(path.dirname(name), { bigint: true });
    if ((folder.mode & STICKY) !== 0n && folder.uid !== user) {
      throw new InPlaceNeeded("rename", "EPERM", "it is another user's, in a folder with the sticky bit");
    }
  },

  /**
   * A folder that only takes additions, so that a temporary file in it could neither be renamed nor removed.
   *
   * @param name The file that is to be in it.
   * @throws {InPlaceNeeded} If so.
   */
  async folder(name: string): Promise<void> {
    if (await addsOnly(name)) {
      throw new InPlaceNeeded("rename", "EPERM", "its folder only takes additions (chattr +a)");
    }
  },

  /**
   * A file system without rename.
   *
   * @param temporary An empty file of ours there; it keeps its name.
   * @throws {InPlaceNeeded} If so.
   */
  async rename(temporary: string): Promise<void> {
    const other = `${temporary.slice(0, -1)}~`;
    try {
      await fs.promises.rename(temporary, other);
    } catch (error) {
      const { code = "ENOSYS" } = error as { code?: string };
      throw new InPlaceNeeded("rename", code, "its file system cannot rename files");
    }
    await fs.promises.rename(other, temporary);
  },
};

function isMountRoot(fd: number): boolean {
  return (attributesOf(fd) & MOUNT_ROOT) !== 0;
}

async function addsOnly(name: string): Promise<boolean> {
  if (!libc().has("statx")) return false;
  const folder = path.dirname(name);
  if (performance.now() - (renaming.get(folder) ?? -Infinity) < BELIEVED_MS) return false;
  const flags = fs.constants.O_RDONLY | fs.constants.O_DIRECTORY;
  let fd: number;
  try {
    fd = isKnownLocal(name) ? fs.openSync(folder, flags) : await open(folder, flags);
  } catch {
    return false; // it may be written to without being read
  }
  const found = (attributesOf(fd) & APPEND_ONLY) !== 0;
  fs.closeSync(fd);
  if (renaming.size >= FOLDERS_MAX) renaming.clear();
  if (!found) renaming.set(folder, performance.now());
  return found;
}

/** What statx(2) calls attributes; 0 where there is none. */
function attributesOf(fd: number): number {
  const { call, has } = libc();
  if (!has("statx")) return 0;
  const block = takeBlock(STATX_BYTES + 8);
  try {
    block.array.fill(0, 0, STATX_BYTES + 8);
    const empty = door().pointer(block.address + STATX_BYTES);
    if (call.statx(fd, empty, AT_EMPTY_PATH, 0, door().pointer(block.address)) !== 0) return 0;
    return new Uint32Array(block.array.buffer, ATTRIBUTES_AT, 1)[0];
  } finally {
    giveBlock(block);
  }
}

/**
 * Opens a regular file to be written over, or makes it.
 *
 * @param name The file.
 * @param existing What is there.
 * @param source The source.
 * @param settings The copy's options.
 * @returns The target, emptied.
 */
export async function openOver(
  name: string,
  existing: fs.BigIntStats | null,
  source: Source,
  settings: CopySettings,
): Promise<Target> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_TRUNC } = fs.constants;
  const mode = Number(source.stat.mode & (settings.preserve.mode ? 0o700n : 0o777n));
  const fd = existing === null
    ? await open(name, O_WRONLY | O_CREAT | O_EXCL, mode)
    : await open(name, O_WRONLY | O_TRUNC);
  const { dev: device } = fs.fstatSync(fd, { bigint: true });
  const damaged = existing !== null || await addsOnly(name); // there, what is new cannot be taken away either
  return {
    ...{ path: name, fd, base: 0, given: false, temporary: null, ordered: true, stream: false, direct: false },
    ...{ device, local: false, onDisk: false, existing, damaged, old: null, journal: null, anew: "" },
  };
}
