/**
 * Copying a small file by one read and one write, at once: what is in the page cache takes microseconds, less than handing
 * it to anybody else. What is not is left to others, for a disk takes its time.
 *
 * @module
 */

import { door } from "../../ffi/door.ts";
import { libc } from "../../ffi/libc.ts";
import { takeBlock } from "../../ffi/memory.ts";
import type { Block } from "../../ffi/memory.ts";
import { platform } from "../../structs/platform.ts";
import type { CopyJob, CopyOutcome } from "./job.ts";

/** Files up to this size: some tens of microseconds. */
export const PLAIN_BYTES_MAX: number = 1 << 18;

/** `<linux/fs.h>`: fail with EAGAIN instead of waiting for the disk. */
const RWF_NOWAIT = 8;

/** `struct iovec` and the data behind it. */
const IOVEC_BYTES = 4096;

let memory: Block | undefined;

/**
 * Whether a file may be copied so.
 *
 * @param job The copy.
 * @returns Whether it is small, and both ends are known to answer at once.
 */
export function isPlain({ source, target }: CopyJob): boolean {
  return source.size !== null && source.size <= PLAIN_BYTES_MAX && !source.sparse && !source.direct && !target.direct &&
    source.fileSystem.local && target.local && target.temporary !== null && libc().has("preadv2");
}

/**
 * Copies a small file.
 *
 * @param job The copy.
 * @returns What was moved, or `undefined` if the data has to be waited for; nothing has been written then.
 * @throws {AioError} What the system refused.
 */
export function copyPlain({ source, target, paths, progress }: CopyJob): CopyOutcome | undefined {
  const size = source.size as number;
  const { call, errno } = libc();
  const read = readNow(source.fd, size, source.fileSystem.memory ? 0 : RWF_NOWAIT);
  if (read !== size) return undefined; // not all of it is there, or it has changed meanwhile
  const block = memory as Block;
  for (let written = 0; written < size;) {
    const moved = call.write(target.fd, door().pointer(block.address + IOVEC_BYTES + written), size - written);
    if (moved > 0) written += moved;
    else if (moved === 0) throw paths.failure("write", "EIO", "write the target: nothing was taken");
    else if (errno() !== platform().errno.EINTR) throw paths.failure("write", errno(), "write the target");
  }
  progress.add(size);
  return { bytes: size, size, how: "one read(2) and write(2)" };
}

/** Reads what is in memory already. */
function readNow(fd: number, bytes: number, flags: number): number {
  memory ??= takeBlock(IOVEC_BYTES + PLAIN_BYTES_MAX);
  const { iovec } = platform().structs;
  const view = new DataView(memory.array.buffer);
  view.setBigUint64(iovec.members.iov_base.offset, BigInt(memory.address + IOVEC_BYTES), true);
  view.setBigUint64(iovec.members.iov_len.offset, BigInt(bytes), true);
  return libc().call.preadv2(fd, door().pointer(memory.address), 1, 0, flags);
}
