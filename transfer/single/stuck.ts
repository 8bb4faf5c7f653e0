/**
 * Temporary files that could not be removed, since somebody had closed their folder meanwhile: they are when it is open again.
 *
 * @module
 */

import fs from "node:fs";

const stuck = new Set<string>();

/**
 * Removes a temporary file, now or when its folder is open.
 *
 * @param path Its path; it may be gone.
 */
export async function removeTemporary(path: string): Promise<void> {
  try {
    await fs.promises.unlink(path);
  } catch (error) {
    if ((error as { code?: string }).code === "EACCES") stuck.add(path);
  }
}

/**
 * Remembers one.
 *
 * @param path Its path.
 */
export function rememberStuck(path: string): void {
  stuck.add(path);
}

/**
 * Tries again to remove what is stuck in a folder.
 *
 * @param folder Its path.
 * @param open Opens the folder; called only if there is something.
 */
export function removeStuck(folder: string, open: () => boolean): void {
  for (const path of stuck) {
    if (path.slice(0, path.lastIndexOf("/")) !== folder) continue;
    for (let tries = 0; tries < 8 && stuck.has(path); tries++) {
      try {
        if (open()) fs.rmSync(path, { force: true });
        stuck.delete(path);
      } catch (error) {
        if ((error as { code?: string }).code !== "EACCES") stuck.delete(path);
      }
    }
  }
}
