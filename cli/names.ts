/**
 * Names of files as they were typed: runtimes give arguments as text, in which what is no UTF-8 has become U+FFFD.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import fs from "node:fs";
import process from "node:process";

/**
 * Whether a name is surely what was typed.
 *
 * @param name The name.
 * @returns Whether it is; where the arguments cannot be read again, one with U+FFFD is not.
 */
export function isAsTyped(name: string): boolean {
  return !name.includes("\ufffd") || rawArguments().some((raw) => raw.equals(Buffer.from(name)));
}

/** The arguments of this process, or of the one that has started it for a user, as bytes. */
function rawArguments(): Buffer[] {
  try {
    const starter = process.env.AIO_STARTED_BY === String(process.ppid) ? process.ppid : "self";
    const bytes = fs.readFileSync(`/proc/${starter}/cmdline`);
    const list: Buffer[] = [];
    for (let at = 0; at < bytes.length;) {
      const end = bytes.indexOf(0, at);
      list.push(bytes.subarray(at, end < 0 ? bytes.length : end));
      at = end < 0 ? bytes.length : end + 1;
    }
    return list;
  } catch {
    return []; // no /proc, or no right to it
  }
}

/**
 * Reads a list of names.
 *
 * @param file The file, or `-` for standard input.
 * @param nul Whether names end with a NUL instead of a newline.
 * @returns The names.
 * @throws {Error} If one of them is no UTF-8.
 */
export function readNames(file: string, nul: boolean): string[] {
  const bytes = fs.readFileSync(file === "-" ? 0 : file);
  const text = bytes.toString();
  if (!Buffer.from(text).equals(bytes)) throw new Error(`${file}: a name in it is no UTF-8; copy its folder with -r`);
  return text.split(nul ? "\0" : "\n").filter((name) => name !== "");
}
