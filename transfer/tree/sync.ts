/**
 * Makes everything durable that was written to a file system.
 *
 * @module
 */

import fs from "node:fs";
import { AioError } from "../../ffi/errno.ts";
import { libc } from "../../ffi/libc.ts";
import { takeCopyThread } from "../threads/copy_thread.ts";

/**
 * Syncs the file system of a folder by syncfs(2), on a thread; where there is no such call, the folder alone.
 *
 * @param folder The folder.
 * @throws {AioError} What the system refused: data may be lost then.
 */
export async function syncFileSystem(folder: string): Promise<void> {
  const fd = fs.openSync(folder, fs.constants.O_RDONLY);
  try {
    if (!libc().has("syncfs")) return fs.fsyncSync(fd);
    const thread = await takeCopyThread(undefined);
    try {
      const { result, errno } = await thread.call("syncfs", fd);
      if (result !== 0) throw new AioError("syncfs", errno, `make what was copied to ${folder} durable`);
    } finally {
      thread.giveBack();
    }
  } finally {
    fs.closeSync(fd);
  }
}
