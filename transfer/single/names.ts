/**
 * Giving a finished file a name that nobody has, and that is not taken from anybody who has it by then.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import { Buffer } from "node:buffer";
import { door } from "../../ffi/door.ts";
import { AioError } from "../../ffi/errno.ts";
import { libc } from "../../ffi/libc.ts";
import { giveBlock, takeBlock } from "../../ffi/memory.ts";
import { removeTemporary } from "./stuck.ts";
import { open } from "./open.ts";

/** `<linux/fs.h>`: it is an error if the new name exists. */
const RENAME_NOREPLACE = 1;

/** What a file system answers that has no hard links. */
const NO_LINKS = ["EPERM", "EOPNOTSUPP", "ENOTSUP", "ENOSYS", "EMLINK"];

/**
 * Renames a file to a name that must be free.
 *
 * @param from The file.
 * @param to Its new name, in the same directory.
 * @throws EEXIST if somebody else has it.
 */
export async function giveNewName(from: string, to: string): Promise<void> {
  try {
    // unlike a rename, a link never takes the place of a file that has come up meanwhile
    await fs.promises.link(from, to);
    return await removeTemporary(from); // it has its name, whatever becomes of the other one
  } catch (error) {
    if (!NO_LINKS.includes((error as { code?: string }).code ?? "")) throw error;
  }
  if (await renameExclusively(from, to)) return;
  // nobody can have the name without finding it taken; the rename takes the place of our own empty file
  fs.closeSync(await open(to, fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_EXCL, 0o600));
  try {
    await fs.promises.rename(from, to);
  } catch (error) {
    await fs.promises.unlink(to).catch(() => {});
    throw error;
  }
}

/** The system's own call, for two names in a directory that node:fs has opened; false where there is none. */
async function renameExclusively(from: string, to: string): Promise<boolean> {
  const { call, has, errno } = libc();
  if (!has("renameat2")) return false;
  const folder = await open(path.dirname(to), fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
  const block = takeBlock(1024);
  try {
    const names = [from, to].map((name) => Buffer.from(`${path.basename(name)}\0`));
    block.array.set(names[0]);
    block.array.set(names[1], 512);
    const [old, wanted] = [0, 512].map((offset) => door().pointer(block.address + offset));
    if (call.renameat2(folder, old, folder, wanted, RENAME_NOREPLACE) === 0) return true;
    const error = new AioError("renameat2", errno(), to);
    if (error.code === "EEXIST") throw error;
    return false;
  } finally {
    giveBlock(block);
    fs.closeSync(folder);
  }
}
