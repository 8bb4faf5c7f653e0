/**
 * Temporary files: what a copy writes before it gets the target's name, and what is left over of copies that were
 * killed.
 *
 * The name says for which target it is, and which host and process made it; a lock (`flock`) says that it is in use. A
 * left-over is removed only when its lock can be had: the kernel drops a lock with the process that held it.
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

/** After this many milliseconds a directory is searched for left-overs again. */
const SEARCH_MS = 60_000;

const OWN_PATTERN = /^([\w-]+)\.(\d+)\.([0-9a-f]{12})\.aio-copy$/;

/** The name of whosever temporary file. */
const ANY_PATTERN = /^\..*\.([\w-]+)\.(\d+)\.[0-9a-f]{12}\.aio-copy$/s;

const RANDOM_BYTES = 600;
let random: Buffer = Buffer.alloc(0);
let randomAt = 0;
let hostName: string | undefined;
const searched = new Map<string, { readonly at: number; readonly names: Promise<string[]> }>();

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
 * @returns The file.
 */
export async function makeTemporary(target: string, mode: number, direct: boolean): Promise<Temporary> {
  const { O_WRONLY, O_CREAT, O_EXCL } = fs.constants;
  for (let tries = 1;; tries++) {
    const name = temporaryPath(target);
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
 * Removes what killed copies to a target have left over. What cannot be removed stays: it is in nobody's way.
 *
 * @param target The target.
 */
export async function removeLeftOvers(target: string): Promise<void> {
  const directory = path.dirname(target);
  const prefix = `.${label(path.basename(target))}.`;
  for (const name of await temporariesIn(directory)) {
    if (!name.startsWith(prefix)) continue;
    const [, host, maker] = OWN_PATTERN.exec(name.slice(prefix.length)) ?? [];
    if (isLeftOver(host, maker)) await removeUnlocked(path.join(directory, name));
  }
}

async function removeUnlocked(name: string): Promise<void> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  try {
    const fd = await open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      if (fs.fstatSync(fd).isFile() && lock(fd) === "held") await fs.promises.unlink(name);
    } finally {
      fs.closeSync(fd);
    }
  } catch {
    // gone already, or not ours to remove
  }
}

/** The names of all temporary files in a directory, read at most once a minute. */
function temporariesIn(directory: string): Promise<string[]> {
  const key = path.resolve(directory);
  const known = searched.get(key);
  if (known !== undefined && performance.now() - known.at < SEARCH_MS) return known.names;
  const names = fs.promises.readdir(directory).then(
    (all) => all.filter((name) => name.startsWith(".") && name.endsWith(".aio-copy")),
    () => [],
  );
  if (searched.size > 1000) searched.clear();
  searched.set(key, { at: performance.now(), names });
  return names;
}

/**
 * Removes what killed copies have left over in a folder, whatever their targets were.
 *
 * @param folder The folder.
 */
export async function sweepLeftOvers(folder: string): Promise<void> {
  for (const name of await temporariesIn(folder)) {
    const [, host, maker] = ANY_PATTERN.exec(name) ?? [];
    if (isLeftOver(host, maker)) await removeUnlocked(path.join(folder, name));
  }
}

/**
 * Whether nobody is at work on a file with such a name: small files are copied without a lock, so the process that made it
 * must be gone. On another host it would be out of sight.
 */
function isLeftOver(host: string | undefined, maker: string | undefined): boolean {
  if (host !== thisHost() || maker === undefined) return false;
  const { call, has, errno } = libc();
  if (!has("kill")) return Number(maker) !== process.pid;
  return call.kill(Number(maker), 0) !== 0 && errno() === platform().errno.ESRCH;
}

/** Tries to lock: held by this descriptor now, taken by another one, or unknown where there are no locks. */
function lock(fd: number): "held" | "taken" | "unknown" {
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
function temporaryPath(target: string): string {
  const folder = path.dirname(target);
  const base = path.basename(target);
  const random = randomName();
  const name = `.${label(base)}.${temporaryOwner()}.${random}.aio-copy`;
  const bytes = (text: string) => Buffer.byteLength(text);
  const most = platform().name.startsWith("linux") ? PATH_MAX_LINUX : PATH_MAX_BSD;
  if (bytes(folder) + 1 + bytes(name) < most) return path.join(folder, name);
  return path.join(folder, `.${random}`.slice(0, Math.max(4, bytes(base))));
}

/** The target's name, or as much of it as leaves room, and then something that tells it from others. */
function label(base: string): string {
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

/** From libc, since Deno asks for a permission of its own before it tells. */
function thisHost(): string {
  if (hostName !== undefined) return hostName;
  const memory = map(256);
  const name = libc().call.gethostname(door().pointer(memory.address), 255) === 0 ? textAt(memory.address, 256) : "";
  return hostName = name.replace(/[^\w-]/g, "_").slice(0, HOST_LENGTH_MAX) || "localhost";
}

function textAt(address: number, bytes: number): string {
  const found = new Uint8Array(door().view(address, bytes));
  return new TextDecoder().decode(found.slice(0, found.indexOf(0)));
}
