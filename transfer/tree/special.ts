/**
 * FIFOs, sockets and devices, made anew as `cp -a` does: by the system's call for a name in a folder that node:fs has opened.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import fs from "node:fs";
import type { FilePath } from "../../ffi/files_thread.ts";
import { door } from "../../ffi/door.ts";
import { AioError } from "../../ffi/errno.ts";
import { libc } from "../../ffi/libc.ts";
import { giveBlock, takeBlock } from "../../ffi/memory.ts";
import { canSetLinkTimes, setTimes, timesOf } from "../metadata/times.ts";
import type { EntryStat } from "./entry.ts";
import { baseName, nodePath, textOf } from "./path.ts";

/** `<fcntl.h>` of Linux: the descriptor stands for the place, not for what is in it. */
const O_PATH = 0o10000000;

/** Whether the system has the call. */
export function canMakeSpecial(): boolean {
  return libc().has("mknodat");
}

/**
 * Gives one the times of another, to the nanosecond where a descriptor can stand for what cannot be opened.
 *
 * @param source The one.
 * @param target The other.
 */
export function copyTimes(source: FilePath, target: FilePath): void {
  if (!canSetLinkTimes()) {
    const { atimeMs, mtimeMs } = fs.lstatSync(nodePath(source));
    return fs.lutimesSync(nodePath(target), atimeMs / 1000, mtimeMs / 1000);
  }
  const opened: number[] = [];
  try {
    for (const path of [source, target]) opened.push(fs.openSync(nodePath(path), O_PATH | fs.constants.O_NOFOLLOW));
    setTimes(opened[1], timesOf(opened[0]), true);
  } finally {
    for (const fd of opened) fs.closeSync(fd);
  }
}

/**
 * Makes one.
 *
 * @param target Where; nothing must be there.
 * @param stat What it is like.
 * @throws {AioError} What the system refused: EPERM for a device where that is not allowed.
 */
export function makeSpecial(target: FilePath, stat: EntryStat): void {
  const path = Buffer.from(target);
  const folder = fs.openSync(nodePath(path.subarray(0, path.lastIndexOf(47))), fs.constants.O_RDONLY);
  const block = takeBlock(512);
  try {
    // whether this process may write here is for node:fs to say
    fs.closeSync(fs.openSync(nodePath(target), "wx", 0o600));
    fs.unlinkSync(nodePath(target));
    block.array.set([...Buffer.from(baseName(target)), 0]);
    const { call, errno } = libc();
    if (call.mknodat(folder, door().pointer(block.address), stat.mode, Number(stat.rdev)) !== 0) {
      throw new AioError("mknod", errno(), `make ${textOf(target)}`);
    }
    fs.chmodSync(nodePath(target), stat.mode & 0o777);
  } finally {
    giveBlock(block);
    fs.closeSync(folder);
  }
}
