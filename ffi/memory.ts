/**
 * Native memory from `mmap`, and the process's pool of buffers in it.
 *
 * libc writes into a request's memory from its own threads, so it only ever gets memory that no engine manages. A
 * mapping is never unmapped: a script may still hold a view of it, and reading one after `munmap` ends the process.
 * Memory that is no longer needed is recycled by size instead.
 *
 * @module
 */

import { platform } from "../structs/platform.ts";
import { door } from "./door.ts";
import { AioError } from "./errno.ts";
import { libc } from "./libc.ts";

/** The unit of alignment and of the smallest pool block, in bytes: right for O_DIRECT on every usual device. */
export const PAGE_BYTES = 4096;

/** Pool blocks below this size are cut from larger mappings; from it on, each has a mapping of its own. */
const ARENA_BYTES = 1 << 20;

/** The largest pool block, in bytes. */
export const BLOCK_BYTES_MAX: number = 2 ** 31;

const PROT_READ_WRITE = 3;

/** A piece of native memory. */
export interface NativeMemory {
  /** The address of the first byte. */
  readonly address: number;
  /** Its size in bytes. */
  readonly bytes: number;
}

/**
 * Maps zeroed, page-aligned memory for the rest of the process's life.
 *
 * @param bytes How many bytes; rounded up to whole pages.
 * @returns Where it lies.
 * @throws {AioError} ENOMEM if the system has none.
 */
export function map(bytes: number): NativeMemory {
  const { call, errno } = libc();
  const size = Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
  const address = call.mmap(door().pointer(0), size, PROT_READ_WRITE, platform().mmapFlags, -1, 0);
  // MAP_FAILED is (void *) -1: beyond every address that user space has
  if (address >= 2 ** 48 || address <= 0) throw new AioError("mmap", errno(), `map ${size} bytes`);
  return { address, bytes: size };
}

/** A block of the pool. */
export interface Block extends NativeMemory {
  /** The whole block. Its `ArrayBuffer` is the block's own. */
  readonly array: Uint8Array<ArrayBuffer>;
}

/** Free blocks by the binary logarithm of their size. */
const free: Block[][] = [];
let arena: NativeMemory = { address: 0, bytes: 0 };
let mappedBytes = 0;

/**
 * Takes a block from the pool.
 *
 * @param bytes The least size in bytes, 0 to 2 GiB.
 * @returns A block of at least that size, aligned to a page; its content is undefined.
 * @throws {AioError} ENOMEM if the system has no memory.
 */
export function takeBlock(bytes: number): Block {
  const sizeLog = bytes <= PAGE_BYTES ? 12 : 32 - Math.clz32(bytes - 1);
  const list = free[sizeLog] ??= [];
  const block = list.pop();
  if (block === undefined) return cut(2 ** sizeLog);
  if (block.array.byteLength !== 0) return block;
  return takeBlock(bytes); // a script transferred it away: it is dropped
}

/**
 * Gives a block back to the pool.
 *
 * @param block A block that nothing in flight uses any more.
 */
export function giveBlock(block: Block): void {
  if (block.array.byteLength === 0) return; // transferred away by a script: it never comes back
  free[31 - Math.clz32(block.bytes - 1) + 1].push(block);
}

/**
 * How much memory the pool has mapped so far in this thread.
 *
 * @returns A size in bytes.
 */
export function pooledBytes(): number {
  return mappedBytes;
}

function cut(bytes: number): Block {
  let memory: NativeMemory;
  if (bytes >= ARENA_BYTES) {
    memory = map(bytes);
    mappedBytes += bytes;
  } else {
    if (arena.bytes < bytes) {
      arena = map(ARENA_BYTES);
      mappedBytes += ARENA_BYTES;
    }
    memory = { address: arena.address, bytes };
    arena = { address: arena.address + bytes, bytes: arena.bytes - bytes };
  }
  return { ...memory, array: new Uint8Array(door().view(memory.address, bytes)) };
}
