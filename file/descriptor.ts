/**
 * Descriptors: paths and flags become one through `node:fs`, never through FFI, so that the permissions of Deno and Node
 * keep their meaning; what the system refuses becomes an `AioError`.
 *
 * @module
 */

import fs from "node:fs";
import { fileURLToPath } from "node:url";
import { AioError } from "../ffi/errno.ts";
import { text } from "../queue/check.ts";
import { openFifo } from "./fifo.ts";
import { platform } from "../structs/platform.ts";

const FLAGS = /^(?:r|rs|sr|w|wx|xw|a|ax|xa|as|sa)\+?$/;

/**
 * The number for the flags of `node:fs`.
 *
 * @param flags A number as open(2) takes it, or one of `"r"`, `"r+"`, `"w"`, `"wx"`, `"a"`, ... as `node:fs` takes them.
 * @returns The number.
 * @throws {TypeError} If they are neither.
 */
export function flagsNumber(flags: unknown): number {
  if (typeof flags === "number" && Number.isInteger(flags) && flags >= 0) return flags;
  if (typeof flags !== "string" || !FLAGS.test(flags)) {
    throw new TypeError(`Cannot use flags ${String(flags)}: expected a number or r, r+, w, w+, wx, wx+, a, a+, ...`);
  }
  const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_SYNC } = platform().openFlags;
  const reads = flags.includes("r");
  let number = flags.includes("+") ? O_RDWR : reads ? O_RDONLY : O_WRONLY;
  if (!reads) number |= O_CREAT | (flags.includes("a") ? O_APPEND : O_TRUNC);
  if (flags.includes("x")) number |= O_EXCL;
  if (flags.includes("s")) number |= O_SYNC;
  return number;
}

/**
 * A path as text.
 *
 * @param path A path, the bytes of one in UTF-8, or a `file:` URL.
 * @returns The path.
 * @throws {TypeError} If it is none of these.
 */
export function pathText(path: unknown): string {
  if (path instanceof URL) return fileURLToPath(path);
  if (typeof path === "string") return path;
  if (!(path instanceof Uint8Array)) {
    throw new TypeError(`Cannot use path ${text(path)}: expected a string, a Buffer or a URL`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(path);
  } catch {
    const shown = JSON.stringify(new TextDecoder().decode(path));
    throw new TypeError(`Cannot use path ${shown}: its bytes are no UTF-8, which not every runtime can open`);
  }
}

/**
 * Opens a file without holding up the event loop; a FIFO waits for its other end, and holds no thread of the runtime's
 * meanwhile.
 *
 * @param path The path.
 * @param flags The number that open(2) takes.
 * @param mode The permissions of a new file.
 * @param signal Ends the wait for the other end of a FIFO.
 * @returns The descriptor, close-on-exec.
 * @throws {AioError} What open(2) refused.
 */
export async function openDescriptor(
  path: string,
  flags: number,
  mode: number,
  signal?: AbortSignal,
): Promise<number> {
  if ((flags & platform().openFlags.O_RDWR) === 0 && await isFifo(path)) {
    return await openFifo(path, flags, signal).catch((error) => {
      throw signal?.aborted ? error : fileError("open", error, path);
    });
  }
  return await new Promise((resolve, reject) => {
    fs.open(path, flags, mode, (error, fd) => {
      if (error === null || error === undefined) resolve(fd);
      else reject(fileError("open", error, path));
    });
  });
}

/** Whether a path leads to a FIFO, which waits unless it is opened both ways; who may not ask opens it as any file. */
async function isFifo(path: string): Promise<boolean> {
  return await fs.promises.stat(path).then((found) => found.isFIFO(), () => false);
}

/**
 * Closes a descriptor.
 *
 * @param fd The descriptor.
 * @param path Its path, for the error.
 * @throws {AioError} What close(2) reports, such as ENOSPC for data that could not be stored.
 */
export function closeDescriptor(fd: number, path: string): void {
  try {
    fs.closeSync(fd);
  } catch (error) {
    throw fileError("close", error, path);
  }
}

/**
 * Turns what `node:fs` threw into an `AioError`; what is no system error (a missing permission of the runtime, a wrong
 * argument) stays what it is.
 *
 * @param syscall The C function.
 * @param error What was thrown.
 * @param tried What was tried.
 * @returns What to throw.
 */
export function fileError(syscall: string, error: unknown, tried: string): unknown {
  const { code } = error as { code?: unknown };
  if (typeof code !== "string" || !(code in platform().errno)) return error;
  return new AioError(syscall, code, tried, { cause: error });
}
