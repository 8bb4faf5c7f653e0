/**
 * What a copy can be told, and the checks that turn bad input into an error that names it.
 *
 * @module
 */

import { PAGE_BYTES } from "../ffi/memory.ts";
import { AioQueue } from "../queue/queue.ts";
import { checkInteger } from "../queue/request.ts";
import type { CopyProgress } from "./single/progress.ts";

/** The way a copy goes: by the kernel's own copy calls, or by asynchronous reads and writes. */
export type CopyMethod = "kernel" | "aio";

/**
 * Bytes of one request, unless a program asks for another number. Writes of a mebibyte and more make some kernels look
 * for great pieces of free memory for the page cache: measured on ext4 in a virtual machine, they took twice the time.
 */
export const CHUNK_BYTES_DEFAULT: number = 1 << 19;

/** Chunks under way at a time, unless a program asks for another number. */
export const DEPTH_DEFAULT = 8;

/** How {@linkcode copy} goes about it. */
export interface CopyOptions {
  /**
   * `"kernel"`: `copy_file_range` or `sendfile` on a thread; `"aio"`: reads and writes through an {@linkcode AioQueue};
   * `"auto"`: whichever is faster here. Pipes, devices and files that do not tell their size always go by `"aio"`.
   *
   * @default {"auto"}
   */
  readonly method?: "auto" | CopyMethod;
  /**
   * For `"aio"`: bytes of one read or write, 4096 bytes to 64 MiB, a multiple of 4096.
   *
   * @default {524288}
   */
  readonly chunkBytes?: number;
  /**
   * For `"aio"`: how many chunks are under way at a time, 1 to 64. Memory is `depth` times `chunkBytes`.
   *
   * @default {8}
   */
  readonly depth?: number;
  /**
   * Return only when the copy would survive a power cut: the data is synced before it gets its name, and the directory
   * after.
   *
   * @default {false}
   */
  readonly sync?: boolean;
  /**
   * For `"aio"`: move the data past the page cache (`O_DIRECT`) where the file systems can.
   *
   * @default {false}
   */
  readonly direct?: boolean;
  /**
   * Replace a target that exists; else that is an error (`EEXIST`).
   *
   * @default {true}
   */
  readonly overwrite?: boolean;
  /**
   * Give the target the source's times of last access and modification.
   *
   * @default {false}
   */
  readonly preserveTimestamps?: boolean;
  /** Ends the copy early: it is rejected, and the target is as it was before. */
  readonly signal?: AbortSignal;
  /** Told how far the copy is, at most ten times a second and once at the end. What it throws ends the copy. */
  readonly onProgress?: (progress: CopyProgress) => void;
  /** For `"aio"`: the queue to use; it stays open. Default: one of the copy's own. */
  readonly queue?: AioQueue;
}

/** Options with their defaults. */
export type CopySettings =
  & Required<Omit<CopyOptions, "signal" | "onProgress" | "queue">>
  & Pick<CopyOptions, "signal" | "onProgress" | "queue">;

/**
 * Checks options and fills in the defaults.
 *
 * @param options What the caller gave.
 * @returns The options.
 * @throws {TypeError} If one is of the wrong type.
 * @throws {RangeError} If one is out of range.
 */
export function checkOptions(options: CopyOptions): CopySettings {
  if (options === null || typeof options !== "object") {
    throw new TypeError(`Cannot use options ${options}: expected an object`);
  }
  const { method = "auto", chunkBytes = CHUNK_BYTES_DEFAULT, depth = DEPTH_DEFAULT, signal, onProgress, queue } =
    options;
  if (!["auto", "kernel", "aio"].includes(method)) {
    throw new TypeError(`Cannot use method ${JSON.stringify(method)}: expected "auto", "kernel" or "aio"`);
  }
  checkInteger("depth", depth, 1, 64);
  checkInteger("chunkBytes", chunkBytes, PAGE_BYTES, 2 ** 26);
  if (chunkBytes % PAGE_BYTES !== 0) {
    throw new RangeError(`Cannot use chunkBytes ${chunkBytes}: expected a multiple of ${PAGE_BYTES}`);
  }
  const flag = (name: "sync" | "direct" | "overwrite" | "preserveTimestamps", byDefault: boolean) => {
    const value = options[name] ?? byDefault;
    if (typeof value !== "boolean") throw new TypeError(`Cannot use ${name} ${value}: expected true or false`);
    return value;
  };
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError("Cannot use signal: expected an AbortSignal");
  }
  if (onProgress !== undefined && typeof onProgress !== "function") {
    throw new TypeError("Cannot use onProgress: expected a function");
  }
  if (queue !== undefined && !(queue instanceof AioQueue)) {
    throw new TypeError("Cannot use queue: expected an AioQueue");
  }
  return {
    ...{ method, chunkBytes, depth, signal, onProgress, queue },
    sync: flag("sync", false),
    direct: flag("direct", false) && method !== "kernel",
    overwrite: flag("overwrite", true),
    preserveTimestamps: flag("preserveTimestamps", false),
  };
}
