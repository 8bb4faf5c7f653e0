/**
 * What a copy can be told, and the checks that turn bad input into an error that names it.
 *
 * @module
 */

import { PAGE_BYTES } from "../ffi/memory.ts";
import type { EngineName } from "../engine/engine_name.ts";
import { checkInteger, checkNames, namesOf, text } from "../queue/check.ts";
import { isQueue } from "../queue/known.ts";
import type { AioQueue } from "../queue/queue.ts";
import { CHUNK_BYTES_DEFAULT, DEPTH_DEFAULT } from "./defaults.ts";
import type { Preserved } from "./metadata/preserve.ts";
import type { CopyMethod, CopyProgress } from "./single/progress.ts";

export { CHUNK_BYTES_DEFAULT, DEPTH_DEFAULT };

/** How {@linkcode copy} goes about it. */
export interface CopyOptions {
  /**
   * `"kernel"`: `copy_file_range` or `sendfile` on a thread; `"aio"`: reads and writes through an {@linkcode AioQueue};
   * `"auto"`: whichever is faster here, and for small files on local file systems one read and one write (`"plain"`). Pipes, devices and files that do not tell their size always go by `"aio"`.
   *
   * @default {"auto"}
   */
  readonly method?: "auto" | CopyMethod | undefined;
  /**
   * For `"aio"`: what runs the requests (see {@linkcode AioQueueOptions.engine}). `"auto"` is io_uring between file systems
   * on disks where the kernel gives it, since it was faster there, and POSIX AIO for the others, pipes and devices.
   * `AIO_ENGINE=posix` in the environment forbids io_uring.
   *
   * @default {"auto"}
   */
  readonly engine?: EngineName | "auto" | undefined;
  /**
   * For `"aio"`: bytes of one read or write, 4096 bytes to 64 MiB, a multiple of 4096.
   *
   * @default {524288}
   */
  readonly chunkBytes?: number | undefined;
  /**
   * For `"aio"`: how many chunks are under way at a time, 1 to 64. Memory is `depth` times `chunkBytes`.
   *
   * @default {8}
   */
  readonly depth?: number | undefined;
  /**
   * Return only when the copy would survive a power cut: the data is synced before it gets its name, and the directory
   * after.
   *
   * @default {false}
   */
  readonly sync?: boolean | undefined;
  /**
   * For `"aio"`: move the data past the page cache (`O_DIRECT`) where the file systems can.
   *
   * @default {false}
   */
  readonly direct?: boolean | undefined;
  /**
   * Replace a target that exists; else that is an error (`EEXIST`).
   *
   * @default {true}
   */
  readonly overwrite?: boolean | undefined;
  /**
   * Give the target the source's times of last access and modification, to the nanosecond: `preserve: { timestamps: true }`.
   *
   * @default {false}
   */
  readonly preserveTimestamps?: boolean | undefined;
  /**
   * What the target takes from the source besides the content; `true` is all of it, as with `cp -a`.
   *
   * @default {false}
   */
  readonly preserve?: boolean | PreserveOptions | undefined;
  /**
   * What to do with a file that cannot be replaced: one that is mounted over another, in a folder that cannot be written to,
   * another user's in a folder with the sticky bit, on a file system that cannot rename. `"auto"` writes into such a file
   * itself, `"always"` into every one; a copy that fails midway has damaged it then, and says so.
   *
   * @default {"never"}
   */
  readonly inPlace?: "never" | "auto" | "always" | undefined;
  /**
   * Keep what a copy has moved when it ends early, with a journal beside it, and go on with what an earlier one has left. The
   * source must be what it was then (size, time, inode); else, or after the system was started anew, it begins anew. For files
   * of a mebibyte and more.
   *
   * @default {false}
   */
  readonly resume?: boolean | undefined;
  /** Ends the copy early: it is rejected with the signal's reason, and the target is as it was before. */
  readonly signal?: AbortSignal | null | undefined;
  /** Told how far the copy is, at most ten times a second and once at the end. What it throws ends the copy. */
  readonly onProgress?: ((progress: CopyProgress) => void) | undefined;
  /** For `"aio"`: the queue to use; it stays open. Default: one of the copy's own. */
  readonly queue?: AioQueue | undefined;
}

/** What a copy takes from its source besides the content. */
export interface PreserveOptions {
  /**
   * The mode, with setuid and setgid, and the access control list.
   *
   * @default {false}
   */
  readonly mode?: boolean | undefined;
  /**
   * Owner and group, each as far as that is allowed; setuid and setgid go where one of them was not kept.
   *
   * @default {false}
   */
  readonly ownership?: boolean | undefined;
  /**
   * The times of last access and modification, to the nanosecond.
   *
   * @default {false}
   */
  readonly timestamps?: boolean | undefined;
  /**
   * Extended attributes (`user.*`, `security.*`, `trusted.*`), as far as the system lets them be set. Linux only.
   *
   * @default {false}
   */
  readonly attributes?: boolean | undefined;
}

/** Options with their defaults. */
export interface CopySettings {
  readonly method: "auto" | CopyMethod;
  readonly engine: EngineName | "auto";
  readonly chunkBytes: number;
  readonly depth: number;
  readonly sync: boolean;
  readonly direct: boolean;
  readonly overwrite: boolean;
  readonly preserve: Preserved;
  readonly inPlace: "never" | "auto" | "always";
  readonly resume: boolean;
  /** It is one of many: a source that is changed meanwhile is an error, and its folder was looked through before. */
  readonly ofMany: boolean;
  /** Waits until so many bytes may be moved. */
  readonly throttle: ((bytes: number) => Promise<void>) | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: CopyProgress) => void) | undefined;
  readonly queue: AioQueue | undefined;
}

/** Every option by its name: others are refused. */
const NAMES = namesOf<keyof CopyOptions>(
  ...[
    "method",
    "engine",
    "chunkBytes",
    "depth",
    "sync",
    "direct",
    "overwrite",
    "preserveTimestamps",
    "preserve",
  ] as const,
  ...["inPlace", "resume", "signal", "onProgress", "queue"] as const,
);

/**
 * Checks options and fills in the defaults.
 *
 * @param options What the caller gave.
 * @returns The options.
 * @throws {TypeError} If one is of the wrong type.
 * @throws {RangeError} If one is out of range.
 */
export function checkOptions(options: CopyOptions): CopySettings {
  checkNames("options", options, NAMES);
  const { method = "auto", chunkBytes = CHUNK_BYTES_DEFAULT, depth = DEPTH_DEFAULT, onProgress, queue } = options;
  const { inPlace = "never", engine = "auto" } = options;
  const signal = options.signal ?? undefined;
  if (!["auto", "kernel", "aio"].includes(method)) {
    throw new TypeError(`Cannot use method ${JSON.stringify(method)}: expected "auto", "kernel" or "aio"`);
  }
  if (!["never", "auto", "always"].includes(inPlace)) {
    throw new TypeError(`Cannot use inPlace ${JSON.stringify(inPlace)}: expected "never", "auto" or "always"`);
  }
  if (!["auto", "posix", "io_uring"].includes(engine)) {
    throw new TypeError(`Cannot use engine ${text(engine)}: expected "auto", "posix" or "io_uring"`);
  }
  checkInteger("depth", depth, 1, 64);
  checkInteger("chunkBytes", chunkBytes, PAGE_BYTES, 2 ** 26);
  if (chunkBytes % PAGE_BYTES !== 0) {
    throw new RangeError(`Cannot use chunkBytes ${chunkBytes}: expected a multiple of ${PAGE_BYTES}`);
  }
  const flag = (name: "sync" | "direct" | "overwrite" | "preserveTimestamps" | "resume", byDefault: boolean) => {
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
  if (queue !== undefined && !isQueue(queue)) {
    throw new TypeError("Cannot use queue: expected an AioQueue");
  }
  if (queue !== undefined && options.engine !== undefined) {
    throw new TypeError("Cannot use engine together with queue: the queue has its own");
  }
  return {
    ...{ method, engine, chunkBytes, depth, signal, onProgress, queue },
    sync: flag("sync", false),
    direct: flag("direct", false) && method !== "kernel",
    overwrite: flag("overwrite", true),
    inPlace,
    resume: flag("resume", false),
    ofMany: false,
    throttle: undefined,
    preserve: checkPreserve(options.preserve, flag("preserveTimestamps", false)),
  };
}

const PRESERVED = ["mode", "ownership", "timestamps", "attributes"] as const;
const PRESERVED_NAMES = namesOf<keyof PreserveOptions>(...PRESERVED);

function checkPreserve(preserve: CopyOptions["preserve"], timestamps: boolean): Preserved {
  if (preserve === undefined || typeof preserve === "boolean") {
    const all = preserve === true;
    return { mode: all, ownership: all, timestamps: all || timestamps, attributes: all };
  }
  if (preserve === null || typeof preserve !== "object") {
    throw new TypeError(`Cannot use preserve ${preserve}: expected true, false or an object`);
  }
  checkNames("preserve", preserve, PRESERVED_NAMES);
  for (const name of PRESERVED) {
    const value = preserve[name] ?? false;
    if (typeof value !== "boolean") throw new TypeError(`Cannot use preserve.${name} ${value}: expected true or false`);
  }
  const { mode = false, ownership = false, attributes = false } = preserve;
  return { mode, ownership, attributes, timestamps: preserve.timestamps ?? timestamps };
}
