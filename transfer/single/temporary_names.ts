/**
 * The names of temporary files: for which target, and which host and process made it.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import path from "node:path";
import process from "node:process";
import { door } from "../../ffi/door.ts";
import { libc } from "../../ffi/libc.ts";
import { giveBlock, map, takeBlock } from "../../ffi/memory.ts";
import { platform } from "../../structs/platform.ts";

/** A file name is at most 255 bytes long; the rest of a temporary name needs some 90. */
const LABEL_BYTES_MAX = 150;
const HOST_LENGTH_MAX = 40;

/** `<limits.h>`: bytes of a path, with the NUL at its end. */
const PATH_MAX_LINUX = 4096, PATH_MAX_BSD = 1024;

/** What the names of a temporary file that can be gone on with, and of its journal, end with. */
export const PART_ENDING = ".part.aio-copy";
export const JOURNAL_ENDING = ".journal.aio-copy";

/** What the name of a temporary file tells. */
export interface TemporaryName {
  /** The name of its target, or what stands for it: see {@linkcode label}. */
  readonly base: string;
  /** Who made it: the host ... */
  readonly host: string;
  /** ... and the process. */
  readonly maker: string;
  /** `".part"` of one that can be gone on with, `".journal"` of what stands beside that; else nothing. */
  readonly kind: string | undefined;
}

const PATTERN = /^\.(.*)\.([\w-]+)\.(\d+)\.[0-9a-f]{12}(\.part|\.journal)?\.aio-copy$/s;

/**
 * Reads the name of a temporary file.
 *
 * @param name Its name in its folder.
 * @returns What it tells; `undefined` if it is none of ours, or a short one.
 */
export function parseTemporary(name: string): TemporaryName | undefined {
  const found = PATTERN.exec(name);
  if (found === null) return undefined;
  const [, base, host, maker, kind] = found;
  return { base, host, maker, kind };
}

/** No more than getentropy(3) gives at once, for 42 names. */
const RANDOM_BYTES = 252;
let random: Buffer = Buffer.alloc(0);
let randomAt = 0;
let hostName: string | undefined;

/**
 * The name of the journal of a temporary file.
 *
 * @param part The path of the temporary file.
 * @returns The path, or `undefined` of one that cannot be gone on with.
 */
export function journalOf(part: string): string | undefined {
  return part.endsWith(PART_ENDING) ? part.slice(0, -PART_ENDING.length) + JOURNAL_ENDING : undefined;
}

/** Twelve hexadecimal digits; random bytes come cheaper many at a time. */
function randomName(): string {
  if (randomAt === random.length) {
    random = randomBytes();
    randomAt = 0;
  }
  return random.toString("hex", randomAt, randomAt += 6);
}

/** The system's, from libc: node:crypto takes as long to load as a small copy takes in all. */
function randomBytes(): Buffer {
  const { call, has } = libc();
  if (has("getentropy")) {
    const block = takeBlock(RANDOM_BYTES);
    try {
      if (call.getentropy(door().pointer(block.address), RANDOM_BYTES) === 0) {
        return Buffer.from(block.array.subarray(0, RANDOM_BYTES)); // a copy
      }
    } finally {
      giveBlock(block);
    }
  }
  return process.getBuiltinModule("node:crypto").randomBytes(RANDOM_BYTES);
}

/**
 * A name that nobody has, beside a target; a short one, without its maker, where the path would become too long.
 *
 * @param target The target.
 * @param isPart Whether what it is for may be gone on with.
 * @returns The path.
 */
export function temporaryPath(target: string, isPart: boolean): string {
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
  // whole characters: half of one would be another in a listing
  while (new TextEncoder().encode(short).length > LABEL_BYTES_MAX) short = short.replace(/.$/su, "");
  return `${short}~${hash.toString(16)}`;
}

/**
 * Whether a label may stand for a longer name.
 *
 * @param text The label.
 * @returns Whether it is as short as labels are made.
 */
export function isShortened(text: string): boolean {
  return /~[0-9a-f]{1,8}$/.test(text) && new TextEncoder().encode(text).length > LABEL_BYTES_MAX - 4;
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
