/**
 * Temporary files: what a copy writes before it gets the target's name.
 *
 * The name says for which target it is, and which host and process made it; a lock (`flock`) says that it is in use. What
 * becomes of those that killed copies have left is in left_overs.ts.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { door } from "../../ffi/door.ts";
import { libc } from "../../ffi/libc.ts";
import { map } from "../../ffi/memory.ts";
import { platform } from "../../structs/platform.ts";
import { open } from "./open.ts";
import { isKnownLocal } from "./places.ts";
import { openDirect } from "./source.ts";

const LOCK_EX = 2;
const LOCK_NB = 4;

/** A file name is at most 255 bytes long; the rest of a temporary name needs some 90. */
const LABEL_BYTES_MAX = 150;
const HOST_LENGTH_MAX = 40;

/** `<limits.h>`: bytes of a path, with the NUL at its end. */
const PATH_MAX_LINUX = 4096, PATH_MAX_BSD = 1024;

/** How often a name is tried again that another copy took or cleaned up. */
const TRIES_MAX = 20;

/** What the names of a temporary file that can be gone on with, and of its journal, end with. */
export const PART_ENDING = ".part.aio-copy";
export const JOURNAL_ENDING = ".journal.aio-copy";

const RANDOM_BYTES = 600;
let random: Buffer = Buffer.alloc(0);
let randomAt = 0;
let hostName: string | undefined;

/** A temporary file, made and locked. */
export interface Temporary {
  /** Its path. */
  readonly path: string;
  /** Its descriptor, which holds the lock. */
  readonly fd: number;
  /** It is written past the page cache. */
  readonly direct: boolean;
  /** The number of its device. */
  readonly device: bigint;
}

/**
 * Makes and locks a temporary file beside a target.
 *
 * @param target The target.
 * @param mode The mode of the file, of which the system takes the umask.
 * @param direct Write past the page cache, where the file system can.
 * @param isPart Whether it may be gone on with: its name says so, where there is room for it.
 * @returns The file.
 */
export async function makeTemporary(
  target: string,
  mode: number,
  direct: boolean,
  isPart: boolean = false,
): Promise<Temporary> {
  const { O_WRONLY, O_CREAT, O_EXCL } = fs.constants;
  for (let tries = 1;; tries++) {
    const name = temporaryPath(target, isPart);
    const flags = O_WRONLY | O_CREAT | O_EXCL;
    let directFd: number | undefined;
    try {
      if (direct) directFd = await openDirect(name, flags, mode);
      // a file system without O_DIRECT may have made the file before it refused to open it
      if (direct && directFd === undefined) await fs.promises.rm(name, { force: true });
      const fd = directFd ?? (isKnownLocal(target) ? fs.openSync(name, flags, mode) : await open(name, flags, mode));
      // whoever looks for left-overs may have seen the name before the lock: then the file is gone
      const taken = lock(fd) === "taken";
      const { nlink, dev } = fs.fstatSync(fd, { bigint: true });
      if (!taken && nlink > 0n) return { path: name, fd, direct: directFd !== undefined, device: dev };
      fs.closeSync(fd);
    } catch (error) {
      if ((error as { code?: string }).code !== "EEXIST" || tries === TRIES_MAX) throw error;
    }
    if (tries === TRIES_MAX) throw new Error(`Cannot make a temporary file beside ${target}: all were taken away`);
  }
}

/**
 * Opens a temporary file of a copy that was interrupted, and locks it.
 *
 * @param name Its path.
 * @param direct Write past the page cache, where the file system can.
 * @returns The file, or `undefined` if it is in use, or gone.
 */
export async function openPart(name: string, direct: boolean): Promise<Temporary | undefined> {
  const flags = fs.constants.O_WRONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK;
  try {
    const directFd = direct ? await openDirect(name, flags) : undefined;
    const fd = directFd ?? await open(name, flags);
    const stat = fs.fstatSync(fd, { bigint: true });
    if (stat.isFile() && lock(fd) === "held" && fs.fstatSync(fd).nlink > 0) {
      return { path: name, fd, direct: directFd !== undefined, device: stat.dev };
    }
    fs.closeSync(fd);
  } catch {
    // gone, or not ours
  }
  return undefined;
}

/**
 * The name of the journal of a temporary file.
 *
 * @param part The path of the temporary file.
 * @returns The path, or `undefined` of one that cannot be gone on with.
 */
export function journalOf(part: string): string | undefined {
  return part.endsWith(PART_ENDING) ? part.slice(0, -PART_ENDING.length) + JOURNAL_ENDING : undefined;
}

/**
 * Tries to lock a temporary file.
 *
 * @param fd The file.
 * @returns Held by this descriptor now, taken by another one, or unknown where there are no locks.
 */
export function lock(fd: number): "held" | "taken" | "unknown" {
  const { call, errno } = libc();
  if (call.flock(fd, LOCK_EX | LOCK_NB) === 0) return "held";
  return errno() === platform().errno.EAGAIN ? "taken" : "unknown";
}

/** Twelve hexadecimal digits; random bytes come cheaper many at a time. */
function randomName(): string {
  if (randomAt === random.length) {
    random = randomBytes(RANDOM_BYTES);
    randomAt = 0;
  }
  return random.toString("hex", randomAt, randomAt += 6);
}

/** A name that nobody has, beside the target; a short one, without its maker, where the path would become too long. */
function temporaryPath(target: string, isPart: boolean): string {
  const folder = path.dirname(target);
  const base = path.basename(target);
  const random = randomName();
  const name = `.${label(base)}.${temporaryOwner()}.${random}${isPart ? PART_ENDING : ".aio-copy"}`;
  const bytes = (text: string) => Buffer.byteLength(text);
  const most = platform().name.startsWith("linux") ? PATH_MAX_LINUX : PATH_MAX_BSD;
  if (bytes(folder) + 1 + bytes(name) < most) return path.join(folder, name);
  return path.join(folder, `.${random}`.slice(0, Math.max(4, bytes(base))));
}

/**
 * How temporary names say for which target they are.
 *
 * @param base The target's name in its folder.
 * @returns It, or as much of it as leaves room, and then something that tells it from others.
 */
export function label(base: string): string {
  const bytes = new TextEncoder().encode(base);
  if (bytes.length <= LABEL_BYTES_MAX) return base;
  let hash = 0;
  for (const byte of bytes) hash = (Math.imul(hash, 31) + byte) >>> 0;
  let short = base;
  while (new TextEncoder().encode(short).length > LABEL_BYTES_MAX) short = short.slice(0, -1);
  return `${short}~${hash.toString(16)}`;
}

/**
 * Who makes temporary files here: host and process, as their names say it.
 *
 * @returns Both, with a dot between them.
 */
export function temporaryOwner(): string {
  return `${thisHost()}.${process.pid}`;
}

/**
 * This host's name as temporary names have it; from libc, since Deno asks for a permission of its own before it tells.
 *
 * @returns The name.
 */
export function thisHost(): string {
  if (hostName !== undefined) return hostName;
  const memory = map(256);
  const name = libc().call.gethostname(door().pointer(memory.address), 255) === 0 ? textAt(memory.address, 256) : "";
  return hostName = name.replace(/[^\w-]/g, "_").slice(0, HOST_LENGTH_MAX) || "localhost";
}

function textAt(address: number, bytes: number): string {
  const found = new Uint8Array(door().view(address, bytes));
  return new TextDecoder().decode(found.slice(0, found.indexOf(0)));
}
