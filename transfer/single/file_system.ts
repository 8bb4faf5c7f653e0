/**
 * What a copy wants to know of the file system that the target is on.
 *
 * @module
 */

import { door } from "../../ffi/door.ts";
import { libc } from "../../ffi/libc.ts";
import { giveBlock, takeBlock } from "../../ffi/memory.ts";
import type { Block } from "../../ffi/memory.ts";
import { platform } from "../../structs/platform.ts";

/** `<linux/magic.h>`: EXT4_SUPER_MAGIC, which ext2 and ext3 have too. */
const EXT4_SUPER_MAGIC = 0xef53;

/** `<linux/magic.h>`: FUSE_SUPER_MAGIC */
const FUSE_SUPER_MAGIC = 0x65735546;

/** What is known of where a file lies. */
export interface FileSystem {
  /** A program's (FUSE): some take writes in their order only, and some cannot rename. */
  readonly fuse: boolean;
  /** A file is written when its writes have ended: nothing is told at a close, as network file systems do (close(2)). */
  readonly local: boolean;
  /** It has no disk. */
  readonly memory: boolean;
}

/** tmpfs and ramfs; a long's lower half is signed. */
const MEMORY: readonly number[] = [0x01021994, 0x858458f6 | 0];
/** These, ext2 to ext4, XFS, btrfs, f2fs. */
const LOCAL: readonly number[] = [...MEMORY, 0xef53, 0x58465342, 0x9123683e | 0, 0xf2f52010 | 0];
/** For how long an answer is believed, in milliseconds: something else may be mounted then. */
const BELIEVED_MS = 1000;
/** Most devices that are remembered. */
const DEVICES_MAX = 64;
const asked = new Map<bigint, { readonly at: number; readonly fileSystem: FileSystem }>();

/** Where nothing is known. */
const UNKNOWN: FileSystem = { fuse: false, local: false, memory: false };

/** More than a `struct statfs` has on any 64-bit Linux: 120 bytes. */
const STATFS_BYTES = 128;

/** Makes the call fstatfs(2), which may wait for a server: with a descriptor, and an address for what it tells. */
export type AskFileSystem = (fd: number, address: number) => Promise<{ readonly result: number }>;

/**
 * Whether a file is filled faster when it gets its blocks beforehand, by fallocate(2).
 *
 * Measured against writing alone, for copies of 1 GiB: on ext4, which else looks for blocks bit by bit, it took 0.5 to
 * 0.9 times as long; on xfs and btrfs there was no difference, and tmpfs was slower.
 *
 * @param fd A descriptor of the file.
 * @param ask Makes the call.
 * @returns Whether it is on such a file system.
 */
export async function gainsByBlocks(fd: number, ask: AskFileSystem): Promise<boolean> {
  const { has } = libc();
  if (!onLinux() || !has("fallocate") || !has("fstatfs")) return false;
  const block = takeBlock(STATFS_BYTES);
  try {
    if ((await ask(fd, block.address)).result !== 0) return false;
    return typeIn(block) === EXT4_SUPER_MAGIC;
  } finally {
    giveBlock(block);
  }
}

/**
 * Looks where a file lies.
 *
 * @param fd The file, just opened or made there: its server answers.
 * @param device The number of its device.
 * @returns What is known.
 */
export function fileSystemOf(fd: number, device: bigint): FileSystem {
  const now = performance.now();
  const known = asked.get(device);
  if (known !== undefined && now - known.at < BELIEVED_MS) return known.fileSystem;
  if (asked.size >= DEVICES_MAX) asked.clear();
  const fileSystem = ask(fd);
  asked.set(device, { at: now, fileSystem });
  return fileSystem;
}

function ask(fd: number): FileSystem {
  const { call, has } = libc();
  if (!onLinux() || !has("fstatfs")) return UNKNOWN;
  const block = takeBlock(STATFS_BYTES);
  try {
    if (call.fstatfs(fd, door().pointer(block.address)) !== 0) return UNKNOWN;
    const type = typeIn(block);
    return { fuse: type === FUSE_SUPER_MAGIC, local: LOCAL.includes(type), memory: MEMORY.includes(type) };
  } finally {
    giveBlock(block);
  }
}

/** struct statfs { __fsword_t f_type; ... }: a long, of which the lower half tells (statfs(2)). */
function typeIn(block: Block): number {
  return new Int32Array(block.array.buffer, 0, 1)[0];
}

/** Whether the calls are there that only Linux has, or has in this form. */
export function onLinux(): boolean {
  return platform().name.startsWith("linux");
}
