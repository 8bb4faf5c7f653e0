/**
 * Folders that are closed to their owner, as their sources are: another part of the same tree may have completed one, or an
 * earlier copy. They are opened again while something is put into them, as rsync does it.
 *
 * @module
 */

import type { ThreadError } from "../../ffi/files_thread.ts";
import { rememberStuck } from "../single/stuck.ts";
import type { Item } from "./item.ts";

/** How often an entry is tried again: other parts may close the folder again, each once. */
const TRIES_MAX = 16;

/**
 * Does what may be refused since the target's folder is closed.
 *
 * @param item What it is done for.
 * @param action What to do; once more, where it is refused and the folder could be opened.
 * @returns What it gives.
 */
export async function retried<Result>(
  item: Pick<Item, "reopen">,
  action: () => Result | Promise<Result>,
): Promise<Result> {
  for (let tries = 1;; tries++) {
    try {
      return await action();
    } catch (error) {
      if (tries === TRIES_MAX || !isReopened(item, (error as { code?: string }).code)) throw error;
    }
  }
}

/**
 * Whether something was refused and is worth another try.
 *
 * @param item What it was done for.
 * @param code What the system said.
 * @returns Whether the folder is open by now.
 */
function isReopened({ reopen }: Pick<Item, "reopen">, code: string | undefined): boolean {
  return code === "EACCES" && reopen !== undefined && reopen();
}

/**
 * Whether a file that a thread could not copy is tried once more, in a folder that is open by now.
 *
 * @param item The file.
 * @param error What the thread said.
 * @returns Whether it is; what the thread could not remove is removed later.
 */
export function isForSingle(item: Item, { code, left }: ThreadError): boolean {
  if (typeof item.source !== "string" || typeof item.target !== "string" || !isReopened(item, code)) return false;
  if (left !== undefined) rememberStuck(left);
  return true;
}
