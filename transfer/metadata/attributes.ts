/**
 * Extended attributes of open files, by the calls that Linux has for descriptors (xattr(7)). Elsewhere there are none.
 *
 * Names and values are bytes; a name is kept as a string with a character for each byte.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { door } from "../../ffi/door.ts";
import { libc } from "../../ffi/libc.ts";
import { giveBlock, takeBlock } from "../../ffi/memory.ts";
import type { Block } from "../../ffi/memory.ts";
import { platform } from "../../structs/platform.ts";

/** Room for most lists and values; XATTR_SIZE_MAX and XATTR_LIST_MAX are 65536. */
const FIRST_BYTES = 4096;
const BYTES_MAX = 65536;

/** `<asm-generic/errno.h>` of Linux: there is no such attribute. */
const ENODATA = 61;

/** What the system calls them by, with what they hold. */
export type Attributes = ReadonlyMap<string, Uint8Array>;

/** Whether the system has such attributes. */
export function hasAttributes(): boolean {
  return libc().has("fsetxattr") && libc().has("flistxattr");
}

/**
 * Lists the attributes of an open file.
 *
 * @param fd The file.
 * @returns Their names; none where the file system has no attributes.
 */
export function attributeNames(fd: number): string[] {
  if (!hasAttributes()) return [];
  const list = measure((pointer, bytes) => libc().call.flistxattr(fd, pointer, bytes));
  return list === undefined ? [] : Buffer.from(list).toString("latin1").split("\0").filter((name) => name !== "");
}

/**
 * Reads an attribute.
 *
 * @param fd The file.
 * @param name Its name.
 * @returns What it holds, or `undefined` if there is none that may be read.
 */
export function attribute(fd: number, name: string): Uint8Array | undefined {
  if (!hasAttributes()) return undefined;
  return withName(name, (address) => {
    return measure((pointer, bytes) => libc().call.fgetxattr(fd, door().pointer(address), pointer, bytes));
  });
}

/**
 * Sets an attribute.
 *
 * @param fd The file.
 * @param name Its name.
 * @param value What it is to hold.
 * @returns 0 or an error number.
 */
export function setAttribute(fd: number, name: string, value: Uint8Array): number {
  return withName(name, (address) => {
    const block = takeBlock(value.length);
    try {
      block.array.set(value);
      const { call, errno } = libc();
      const pointer = door().pointer(block.address);
      return call.fsetxattr(fd, door().pointer(address), pointer, value.length, 0) === 0 ? 0 : errno();
    } finally {
      giveBlock(block);
    }
  });
}

/**
 * Removes an attribute.
 *
 * @param fd The file.
 * @param name Its name.
 * @returns 0 or an error number; 0 too where there was none, or can be none.
 */
export function removeAttribute(fd: number, name: string): number {
  if (!hasAttributes()) return 0;
  const { EOPNOTSUPP } = platform().errno;
  const error = withName(name, (address) => {
    const { call, errno } = libc();
    return call.fremovexattr(fd, door().pointer(address)) === 0 ? 0 : errno();
  });
  return error === ENODATA || error === EOPNOTSUPP ? 0 : error;
}

/** Makes a call that fills memory, with more of it where there was too little. */
function measure(fill: (pointer: number | bigint, bytes: number) => number): Uint8Array | undefined {
  for (const bytes of [FIRST_BYTES, BYTES_MAX]) {
    const block = takeBlock(bytes);
    try {
      const filled = fill(door().pointer(block.address), bytes);
      if (filled >= 0) return block.array.slice(0, filled);
    } finally {
      giveBlock(block);
    }
  }
  return undefined;
}

function withName<Result>(name: string, use: (address: number) => Result): Result {
  const bytes = Buffer.from(`${name}\0`, "latin1");
  const block: Block = takeBlock(bytes.length);
  try {
    block.array.set(bytes);
    return use(block.address);
  } finally {
    giveBlock(block);
  }
}
