/**
 * How digests are asked for, and what comes of it: the public types of `hash` and `verify`.
 *
 * @module
 */

import type { Shard } from "./shard.ts";

/**
 * How {@linkcode hash} goes about it.
 *
 * @example
 * ```ts
 * import { hash } from "@posix/aio";
 * import type { HashOptions } from "@posix/aio";
 *
 * const options: HashOptions = { algorithm: "sha512", include: ["*.md"] };
 * for await (const { digest, path } of hash("docs", options)) console.log(digest, path);
 * ```
 */
export interface HashOptions {
  /**
   * The digest: a name that `node:crypto` knows.
   *
   * @default {"sha256"}
   */
  readonly algorithm?: string | undefined;
  /** Glob patterns: only files of which one matches. */
  readonly include?: readonly string[] | undefined;
  /** Glob patterns of what is left out. */
  readonly exclude?: readonly string[] | undefined;
  /** A part of the files, by their paths within the tree: see {@linkcode shardOf}. */
  readonly shard?: Shard | string | undefined;
  /**
   * End with the first failure, instead of going on with the other files.
   *
   * @default {false}
   */
  readonly stopOnError?: boolean | undefined;
  /** Ends it. */
  readonly signal?: AbortSignal | null | undefined;
}

/**
 * How {@linkcode verify} goes about it.
 *
 * @example
 * ```ts
 * import { hash, verify } from "@posix/aio";
 * import type { VerifyOptions } from "@posix/aio";
 *
 * const options: VerifyOptions = { base: "docs" };
 * for await (const { digest } of hash("docs/start.md")) {
 *   console.log((await verify(`${digest}  start.md\n`, options).summary).mismatched); // 0
 * }
 * ```
 */
export interface VerifyOptions extends Pick<HashOptions, "stopOnError" | "signal"> {
  /** The digest, where the list does not name it. Default: by its length, 64 digits are sha256. */
  readonly algorithm?: string | undefined;
  /** The folder that names in the list begin at. Default: the working directory. */
  readonly base?: string | undefined;
}

/**
 * The digest of a file, or why there is none.
 *
 * @example
 * ```ts
 * import { hash } from "@posix/aio";
 * import type { HashResult } from "@posix/aio";
 *
 * const line = ({ path, digest, error }: HashResult) => error === undefined ? `${digest}  ${path}` : error.message;
 * for await (const result of hash(["LICENSE", "missing"])) console.log(line(result));
 * ```
 */
export interface HashResult {
  /** The name: a path that was given, or below it; shown with U+FFFD where it is no UTF-8, see `exact`. */
  readonly path: string;
  /** The digest in hexadecimal digits. */
  readonly digest: string | undefined;
  /** Of what algorithm. */
  readonly algorithm: string;
  /** Bytes of the file. */
  readonly bytes: number;
  /** Why it failed. */
  readonly error: Error | undefined;
  /** For {@linkcode verify}: whether it is as the list says. */
  readonly matches: boolean | undefined;
  /** The name as bytes, where it is no UTF-8. */
  readonly exact?: Uint8Array | undefined;
}

/**
 * What was done in all.
 *
 * @example
 * ```ts
 * import { hash } from "@posix/aio";
 * import type { HashSummary } from "@posix/aio";
 *
 * const { files, failed }: HashSummary = await hash(["LICENSE", "missing"]).summary;
 * console.log(files, failed); // 1 1
 * ```
 */
export interface HashSummary {
  /** Files with a digest. */
  readonly files: number;
  /** Their bytes. */
  readonly bytes: number;
  /** Files without one. */
  readonly failed: number;
  /** For {@linkcode verify}: files with another digest than in the list. */
  readonly mismatched: number;
  /** For {@linkcode verify}: lines of the list that are none. */
  readonly malformed: number;
  /** How long it took, in milliseconds. */
  readonly milliseconds: number;
}
