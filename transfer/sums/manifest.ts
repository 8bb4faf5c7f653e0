/**
 * Lists of digests as `sha256sum` writes and reads them: a line for each file, with the digest, or in the form of BSD
 * (`--tag`) with the algorithm too. A backslash, newline or carriage return in a name is written as `\\`, `\n`, `\r`, and the
 * line begins with a backslash then.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { FilePath } from "../../ffi/files_thread.ts";

/**
 * A line of a list.
 *
 * @example
 * ```ts
 * import { parseManifest } from "@posix/aio";
 * import type { ManifestEntry } from "@posix/aio";
 *
 * const [entry]: ManifestEntry[] = parseManifest(`SHA256 (a.txt) = ${"0".repeat(64)}\n`).entries;
 * console.log(entry.path, entry.algorithm); // a.txt sha256
 * ```
 */
export interface ManifestEntry {
  /** The name; bytes where it is no UTF-8. */
  readonly path: string | Uint8Array;
  /** The digest in hexadecimal digits. */
  readonly digest: string;
  /** The algorithm that the line names, as `node:crypto` calls it; a line in GNU's form names none. */
  readonly algorithm: string | undefined;
}

/**
 * A line that is none.
 *
 * @example
 * ```ts
 * import { parseManifest } from "@posix/aio";
 * import type { ManifestError } from "@posix/aio";
 *
 * const [error]: ManifestError[] = parseManifest("what is this\n").errors;
 * console.log(error.line, error.reason); // 1 no line of a list of digests
 * ```
 */
export interface ManifestError {
  /** Its number, from 1. */
  readonly line: number;
  /** What is wrong with it. */
  readonly reason: string;
}

/** What BSD's form calls the algorithms, where that is not their name in capitals. */
const TAGS: Readonly<Record<string, string>> = { blake2b512: "BLAKE2b", "sha512-256": "SHA512/256" };
const LENGTHS: Readonly<Record<number, string>> = {
  32: "md5",
  40: "sha1",
  56: "sha224",
  64: "sha256",
  96: "sha384",
  128: "sha512",
};

/**
 * Writes a line, with its newline.
 *
 * @example
 * ```ts
 * import { formatManifestLine } from "@posix/aio";
 *
 * console.log(new TextDecoder().decode(formatManifestLine("a.txt", "00ff"))); // 00ff  a.txt
 * ```
 *
 * @param path The name.
 * @param digest The digest in hexadecimal digits.
 * @param tag The algorithm, for BSD's form. Default: GNU's form.
 * @returns The line's bytes.
 */
export function formatManifestLine(path: string | Uint8Array, digest: string, tag?: string): Uint8Array {
  const name = Buffer.from(path).toString("latin1");
  const escaped = name.replaceAll(/[\\\n\r]/g, (one) => one === "\\" ? "\\\\" : one === "\n" ? "\\n" : "\\r");
  const mark = escaped === name ? "" : "\\";
  const line = tag === undefined
    ? `${mark}${digest}  ${escaped}\n`
    : `${mark}${TAGS[tag] ?? tag.toUpperCase()} (${escaped}) = ${digest}\n`;
  return new Uint8Array(Buffer.from(line, "latin1"));
}

/**
 * Reads a list.
 *
 * @example
 * ```ts
 * import { parseManifest } from "@posix/aio";
 *
 * const { entries } = parseManifest(`${"0".repeat(64)}  a.txt\n`);
 * console.log(entries[0].path); // a.txt
 * ```
 *
 * @param content What is in it.
 * @returns Its entries in their order, and the lines that are none. Empty lines and comments (`#`) are passed over.
 */
export function parseManifest(content: string | Uint8Array): { entries: ManifestEntry[]; errors: ManifestError[] } {
  const entries: ManifestEntry[] = [];
  const errors: ManifestError[] = [];
  const lines = Buffer.from(content).toString("latin1").split("\n");
  for (const [index, raw] of lines.entries()) {
    const text = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    if (text === "" || text.startsWith("#")) continue;
    const entry = parseLine(text);
    if (typeof entry === "string") errors.push({ line: index + 1, reason: entry });
    else entries.push(entry);
  }
  return { entries, errors };
}

function parseLine(text: string): ManifestEntry | string {
  const escaped = text.startsWith("\\");
  const line = escaped ? text.slice(1) : text;
  const gnu = /^([0-9a-fA-F]+) [ *](.+)$/s.exec(line);
  const bsd = gnu === null ? /^([A-Za-z0-9/-]+) ?\((.+)\) ?= ?([0-9a-fA-F]+)$/s.exec(line) : null;
  const [name, digest, tag] = gnu !== null ? [gnu[2], gnu[1], undefined] : bsd !== null ? [bsd[2], bsd[3], bsd[1]] : [];
  if (name === undefined || digest === undefined) return "no line of a list of digests";
  const algorithm = tag === undefined ? undefined : algorithmOf(tag);
  if (digest.length % 2 !== 0 || digest.length < 32) return `a digest of ${digest.length} digits`;
  const plain = escaped ? unescape(name) : name;
  if (plain === undefined) return "an escape that is none";
  return { path: fromBytes(plain), digest: digest.toLowerCase(), algorithm };
}

function algorithmOf(tag: string): string {
  return Object.entries(TAGS).find(([, known]) => known === tag)?.[0] ?? tag.toLowerCase();
}

function unescape(name: string): string | undefined {
  let wrong = false;
  const plain = name.replaceAll(/\\(.?)/gs, (_, letter: string) => {
    if (letter === "\\") return "\\";
    if (letter === "n") return "\n";
    if (letter === "r") return "\r";
    wrong = true;
    return "";
  });
  return wrong ? undefined : plain;
}

function fromBytes(latin1: string): FilePath {
  const bytes = Buffer.from(latin1, "latin1");
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) ? text : new Uint8Array(bytes);
}

/**
 * The algorithm that a digest is likely of, by its length.
 *
 * @param digest The digest in hexadecimal digits.
 * @returns A name that `node:crypto` knows, or `undefined`.
 */
export function algorithmByLength(digest: string): string | undefined {
  return LENGTHS[digest.length];
}
