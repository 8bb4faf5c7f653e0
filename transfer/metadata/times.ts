/**
 * Times of files to the nanosecond, also before 1970: node:fs takes and gives them as floating point numbers in places,
 * which lose the last digits.
 *
 * @module
 */

import fs from "node:fs";
import { door } from "../../ffi/door.ts";
import { AioError } from "../../ffi/errno.ts";
import { libc } from "../../ffi/libc.ts";
import { giveBlock, takeBlock } from "../../ffi/memory.ts";
import { platform } from "../../structs/platform.ts";

/** `<fcntl.h>` of Linux: the descriptor itself is meant. */
const AT_EMPTY_PATH = 0x1000;
/** `<linux/stat.h>`: STATX_ATIME and STATX_MTIME. */
const STATX_TIMES = 0x60;
/** `struct statx`: 256 bytes, `stx_atime` at 64, `stx_mtime` at 112; each an `__s64` of seconds, a `__u32` of nanoseconds. */
const STATX_BYTES = 256;
const ATIME_AT = 64;
const MTIME_AT = 112;
const BILLION = 1_000_000_000n;

/** When a file was last read and changed, in nanoseconds since 1970. */
export interface FileTimes {
  readonly accessed: bigint;
  readonly modified: bigint;
}

/**
 * Asks for the times of an open file.
 *
 * @param fd The file.
 * @returns The times.
 */
export function timesOf(fd: number): FileTimes {
  const { call, has } = libc();
  if (has("statx")) {
    const block = takeBlock(STATX_BYTES + 8);
    try {
      block.array.fill(0, 0, STATX_BYTES + 8);
      const empty = door().pointer(block.address + STATX_BYTES);
      if (call.statx(fd, empty, AT_EMPTY_PATH, STATX_TIMES, door().pointer(block.address)) === 0) {
        const view = new DataView(block.array.buffer);
        const at = (offset: number) =>
          view.getBigInt64(offset, true) * BILLION + BigInt(view.getUint32(offset + 8, true));
        return { accessed: at(ATIME_AT), modified: at(MTIME_AT) };
      }
    } finally {
      giveBlock(block);
    }
  }
  const { atimeNs, mtimeNs } = fs.fstatSync(fd, { bigint: true });
  return { accessed: atimeNs, modified: mtimeNs };
}

/**
 * Sets the times of an open file.
 *
 * @param fd The file, or a symbolic link that was opened as such.
 * @param times The times.
 * @param isLink Whether it is a link, of which the descriptor only names the place (`O_PATH`).
 * @throws {AioError} What the system refused.
 */
export function setTimes(fd: number, { accessed, modified }: FileTimes, isLink: boolean = false): void {
  const block = takeBlock(40);
  try {
    const view = new DataView(block.array.buffer);
    for (const [index, time] of [accessed, modified].entries()) {
      const nanoseconds = (time % BILLION + BILLION) % BILLION;
      view.setBigInt64(index * 16, (time - nanoseconds) / BILLION, true);
      view.setBigInt64(index * 16 + 8, nanoseconds, true);
    }
    view.setBigInt64(32, 0n, true);
    const pointer = door().pointer(block.address);
    const { call, errno } = libc();
    const result = isLink
      ? call.utimensat(fd, door().pointer(block.address + 32), pointer, AT_EMPTY_PATH)
      : call.futimens(fd, pointer);
    if (result !== 0) throw new AioError("futimens", errno(), `set the times of descriptor ${fd}`);
  } finally {
    giveBlock(block);
  }
}

/** Whether the times of links can be set: where a descriptor can stand for one. */
export function canSetLinkTimes(): boolean {
  return platform().name.startsWith("linux") && libc().has("utimensat");
}
