/**
 * The end of a file: its descriptors are closed when libc has let go of them, also when the program forgot to ask for it.
 *
 * @module
 */

import { tellForgotten } from "../ffi/forgotten.ts";
import { engineOf } from "../queue/queue.ts";
import { closeDescriptor } from "./descriptor.ts";
import type { Opened } from "./opened.ts";

/** Files that were not closed. When one is collected, nothing of it is under way but what was aborted. */
export const forgotten: FinalizationRegistry<Opened> = new FinalizationRegistry((opened: Opened) => {
  tellForgotten(
    "An AioFile was not closed and has been collected: its descriptor is closed now. " +
      "Open it with `await using`, or call its close()",
  );
  closeOpened(opened).catch(() => {}); // nobody is left to be told
});

/**
 * Closes the descriptors of a file.
 *
 * @param opened The file, which takes nothing more.
 * @throws {AioError} What close(2) reports.
 */
export async function closeOpened({ fd, path, direct, queue }: Opened): Promise<void> {
  // an aborted request was answered at once, but libc may still run it on this number
  await engineOf(queue).disown(fd);
  try {
    if (direct?.bufferedFd !== undefined) {
      await engineOf(queue).disown(direct.bufferedFd);
      closeDescriptor(direct.bufferedFd, path);
    }
  } finally {
    closeDescriptor(fd, path);
  }
}
