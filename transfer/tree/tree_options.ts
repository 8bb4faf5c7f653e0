/**
 * What a copy of a tree or of many files can be told, under the names that people know from `fs.cp`, cp and rsync.
 *
 * @module
 */

import type { CopyOptions, PreserveOptions } from "../options.ts";
import type { Shard } from "../shard.ts";
import type { TreeProgress } from "./progress.ts";

/**
 * Which targets that exist are replaced.
 *
 * @example
 * ```ts
 * import { copyTree } from "@posix/aio";
 * import type { Overwrite } from "@posix/aio";
 *
 * const overwrite: Overwrite = "newer";
 * console.log((await copyTree("docs", "/tmp/docs.newer", { overwrite }).summary).failed); // 0
 * ```
 */
export type Overwrite = "always" | "never" | "newer" | "different";

/**
 * How {@linkcode copyTree} and {@linkcode copyMany} go about it.
 *
 * @example
 * ```ts
 * import { copyTree } from "@posix/aio";
 * import type { TreeOptions } from "@posix/aio";
 *
 * const options: TreeOptions = { overwrite: "different", exclude: "*.tmp", preserve: true, fsync: "end" };
 * console.log((await copyTree("docs", "/tmp/docs.options", options).summary).failed); // 0
 * ```
 */
export interface TreeOptions
  extends Pick<CopyOptions, "method" | "engine" | "chunkBytes" | "depth" | "direct" | "inPlace"> {
  /**
   * Which targets that exist are replaced: every one, none, those older than their source, or those whose size or time differ
   * (with `checksum`, whose content does). The others are skipped; with `"different"` they get what else is preserved and
   * differs (`preserve`, `preserveTimestamps`), and are told as `"updated"` then. `true` and `false` are `"always"` and `"never"`.
   *
   * @default {"always"}
   */
  readonly overwrite?: Overwrite | boolean | undefined;
  /**
   * With `overwrite: "different"`: compare contents where sizes are the same, instead of times.
   *
   * @default {false}
   */
  readonly checksum?: boolean | undefined;
  /** As in `fs.cp`: `false` is `overwrite: "never"`. */
  readonly force?: boolean | undefined;
  /**
   * As in `fs.cp`: with `force: false` a target that exists is a failure of that entry instead of being skipped.
   *
   * @default {false}
   */
  readonly errorOnExist?: boolean | undefined;
  /** As in `fs.cp`, where it has to be said; here it is always so. */
  readonly recursive?: true | undefined;
  /** As in `fs.cp`: links keep their text as it is, also where it is relative. Here it is always so. */
  readonly verbatimSymlinks?: true | undefined;
  /** As in `fs.cp`: whether to copy a file, or a folder with what is in it. */
  readonly filter?: ((source: string, target: string) => boolean | Promise<boolean>) | undefined;
  /** Glob patterns (`path.matchesGlob`): only files of which one matches the path within the tree, or the name alone. */
  readonly include?: string | readonly string[] | undefined;
  /** Glob patterns of files and folders that are left out. */
  readonly exclude?: string | readonly string[] | undefined;
  /**
   * Go on where an earlier transfer was interrupted: files that are there already, of the same size and with the source's time,
   * or without `preserveTimestamps` one that is not before it, are skipped, and big files are gone on with (see
   * {@linkcode CopyOptions.resume}).
   *
   * @default {false}
   */
  readonly resume?: boolean | undefined;
  /**
   * Tell what would be done, and do nothing.
   *
   * @default {false}
   */
  readonly dryRun?: boolean | undefined;
  /** As in `fs.cp`: the times of last access and modification, to the nanosecond. */
  readonly preserveTimestamps?: boolean | undefined;
  /** What is taken from the source besides the content, as with {@linkcode copy}; `true` is `cp -a`. */
  readonly preserve?: boolean | PreserveOptions | undefined;
  /**
   * As in `fs.cp`: copy what symbolic links lead to, instead of the links as they are.
   *
   * @default {false}
   */
  readonly dereference?: boolean | undefined;
  /**
   * Keep hard links within the tree: a file with several names is copied once.
   *
   * @default {true}
   */
  readonly hardLinks?: boolean | undefined;
  /**
   * FIFOs, sockets and devices: made anew (`"copy"`, where the system lets this process), or left out.
   *
   * @default {"copy"}
   */
  readonly special?: "copy" | "skip" | undefined;
  /**
   * When copies are durable: whenever the system likes, each before it gets its name, or all at the end (`syncfs`).
   *
   * @default {"none"}
   */
  readonly fsync?: "none" | "file" | "end" | undefined;
  /** Bytes a second at most, of all files together. */
  readonly bandwidthLimit?: number | undefined;
  /**
   * Remove from the target what the source lacks, at the end, if everything else went well. What is excluded stays.
   *
   * @default {false}
   */
  readonly delete?: boolean | undefined;
  /**
   * A digest of each file's content, from the same pass: a name that `node:crypto` knows, such as `"sha256"`. Files that are
   * skipped, and further names of a file, are read in the target for it, so that the digests are those of all that is there.
   */
  readonly digest?: string | undefined;
  /**
   * Read each copy again, past the page cache, and compare it with what was read (`digest`, else sha256).
   *
   * @default {false}
   */
  readonly verify?: boolean | undefined;
  /** How many files are under way at a time, 1 to 64. Default: as many as are useful. */
  readonly concurrency?: number | undefined;
  /** Gives a file's path within the target for its path within the source; `undefined` leaves it out. */
  readonly rename?: ((path: string) => string | undefined) | undefined;
  /**
   * Put all files directly into the target, under their own names.
   *
   * @default {false}
   */
  readonly flat?: boolean | undefined;
  /** A part of the files, by their paths: see {@linkcode shardOf}. */
  readonly shard?: Shard | string | undefined;
  /**
   * End with the first failure, instead of going on with the other entries.
   *
   * @default {false}
   */
  readonly stopOnError?: boolean | undefined;
  /** Ends the transfer: what is whole stays, nothing is half. */
  readonly signal?: AbortSignal | null | undefined;
  /** Told how far it is, at most ten times a second and once at the end. */
  readonly onProgress?: ((progress: TreeProgress) => void) | undefined;
}
