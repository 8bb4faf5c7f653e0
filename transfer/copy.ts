/**
 * `copy`: one file from here to there, by the kernel's calls or by asynchronous I/O. What does it is loaded with the first
 * copy, so that a program that copies nothing starts without it.
 *
 * @module
 */

import { checkOptions } from "./options.ts";
import type { CopyOptions } from "./options.ts";
import { Paths } from "./single/paths.ts";
import type { CopyResult } from "./single/result.ts";

/**
 * Copies a file.
 *
 * A target that is absent or a regular file gets its new content and its name at once, by a temporary file beside it:
 * whatever happens, there is the old content, or the new one, or none if there was none. Other hard links to the old
 * file keep its content. A device or FIFO is written in place. If the target is a directory, the copy goes into it under
 * the source's name. Symbolic links are followed at both ends. Holes stay holes. `/dev/stdin` and `/dev/stdout` are what is
 * open there already, from its position on: nothing is replaced or emptied.
 *
 * A new file has the source's mode without what the umask takes away; a file that is replaced keeps its owner, group, mode,
 * access control list and attributes, and is never accessible to more than before. A source that grows meanwhile is copied up to the size that it had; one that shrinks is
 * an error.
 *
 * @example
 * ```ts
 * import { copy } from "@posix/aio";
 *
 * const { bytes, method, milliseconds } = await copy("README.md", "/tmp/README.copy", { sync: true });
 * console.log(`${bytes} bytes by ${method} in ${Math.round(milliseconds)} ms`);
 * ```
 *
 * @param source The file to copy.
 * @param target The file to write, or the directory to write to.
 * @param options See {@linkcode CopyOptions}.
 * @returns Which way was taken and why, how much was moved, how long it took.
 * @throws {AioError} What the system refused; the message names both ends. EISDIR if the source is a directory, EINVAL
 * if both are the same file, EIO if the source has shrunk. After an abort, the signal's reason is thrown as it is.
 * @throws {TypeError | RangeError} If an argument is wrong.
 */
export async function copy(
  source: string | URL,
  target: string | URL,
  options: CopyOptions = {},
): Promise<CopyResult> {
  const settings = checkOptions(options);
  new Paths(source, target); // wrong names are told before anything is loaded
  const { copyWith } = await import("./single/copy_file.ts");
  return await copyWith(source, target, settings);
}
