/**
 * Paths of trees: strings, or bytes where a name in them is no UTF-8.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { FilePath } from "../../ffi/files_thread.ts";

/**
 * A name in a folder.
 *
 * @param folder The folder; the empty string for a relative path's beginning.
 * @param name The name.
 * @returns The path.
 */
export function joinPath(folder: FilePath, name: FilePath): FilePath {
  if (folder === "") return name;
  if (typeof folder === "string" && typeof name === "string") {
    return folder.endsWith("/") ? folder + name : `${folder}/${name}`;
  }
  return Buffer.concat([Buffer.from(folder), Buffer.from("/"), Buffer.from(name)]);
}

/**
 * A path as text: what is no UTF-8 in it is shown as U+FFFD.
 *
 * @param path The path.
 * @returns The text.
 */
export function textOf(path: FilePath): string {
  return typeof path === "string" ? path : Buffer.from(path).toString();
}

/**
 * A path for `node:fs`.
 *
 * @param path The path.
 * @returns A string or a `Buffer`.
 */
export function nodePath(path: FilePath): string | Buffer {
  return typeof path === "string" ? path : Buffer.from(path);
}

/**
 * The last name of a path.
 *
 * @param path The path.
 * @returns The name.
 */
export function baseName(path: FilePath): FilePath {
  if (typeof path === "string") return path.slice(path.lastIndexOf("/") + 1);
  return path.subarray(path.lastIndexOf(47) + 1);
}
