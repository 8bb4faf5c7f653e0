/**
 * Opening a file: the options are checked, the file is opened (twice for direct I/O), looked at, and handed to an
 * `OpenFile`; whatever fails on the way, nothing stays open.
 *
 * @module
 */

import fs from "node:fs";
import type { EngineName } from "../engine/engine_name.ts";
import { AioError } from "../ffi/errno.ts";
import { AioQueue } from "../queue/queue.ts";
import { checkInteger, checkNames, checkSignal, namesOf } from "../queue/check.ts";
import { platform } from "../structs/platform.ts";
import { closeDescriptor, flagsNumber, openDescriptor, pathText } from "./descriptor.ts";
import { directOf, noDirect } from "./direct.ts";
import { OpenFile } from "./open_file.ts";
import type { Opened } from "./opened.ts";

/**
 * How a file is opened.
 *
 * @example
 * ```ts
 * import { AioFile } from "@posix/aio";
 * import type { AioFileOptions } from "@posix/aio";
 *
 * const options: AioFileOptions = { flags: "w+", mode: 0o600, depth: 8 };
 * await using file = await AioFile.open("/tmp/posix-aio-options", options);
 * console.log((await file.write("text", { offset: 0 })).bytes); // 4
 * ```
 */
export interface AioFileOptions {
  /**
   * As `node:fs` takes them: `"r"`, `"r+"`, `"w"`, `"w+"`, `"wx"`, `"wx+"`, `"a"`, `"a+"`, `"ax"`, ... or the number that
   * open(2) takes.
   *
   * @default {"r"}
   */
  readonly flags?: string | number | undefined;
  /**
   * The permissions of a file that is created; the process's umask is taken off.
   *
   * @default {0o666}
   */
  readonly mode?: number | undefined;
  /**
   * Past the page cache (O_DIRECT), for regular files and block devices. Any range can be read and written; whole blocks
   * at offsets that are multiples of 4096 are fastest.
   *
   * @default {false}
   */
  readonly direct?: boolean | undefined;
  /** The queue for the file's requests, to share its depth with others. Default: one of its own, closed with the file. */
  readonly queue?: AioQueue | undefined;
  /**
   * The depth of the file's own queue: how many of its requests may be under way, 1 to 65536.
   *
   * @default {64}
   */
  readonly depth?: number | undefined;
  /**
   * What runs the requests of the file's own queue: see {@linkcode AioQueueOptions.engine}.
   *
   * @default {"posix"}
   */
  readonly engine?: EngineName | "auto" | undefined;
  /**
   * The lanes of the file's own queue: over how many descriptor numbers its requests are spread, 1 to 64.
   *
   * @default {"auto"}
   */
  readonly lanes?: number | "auto" | undefined;
  /** Ends opening, and every request of the file that brings no signal of its own. */
  readonly signal?: AbortSignal | null | undefined;
}

const NAMES = namesOf("flags", "mode", "direct", "engine", "queue", "depth", "lanes", "signal");

/**
 * Opens a file.
 *
 * @param path The path, as text or as bytes in UTF-8, or a `file:` URL.
 * @param options How.
 * @returns The file, which owns its descriptors.
 * @throws {AioError} What open(2) refused.
 * @throws {TypeError | RangeError} If an argument is wrong.
 */
export async function openFile(path: string | URL | Uint8Array, options: AioFileOptions): Promise<OpenFile> {
  checkNames("options", options, NAMES);
  const { mode = 0o666, queue, engine, depth, lanes } = options;
  const signal = checkSignal(options.signal);
  const { O_APPEND, O_DIRECT = 0 } = platform().openFlags;
  const text = pathText(path);
  const flags = flagsNumber(options.flags ?? "r");
  const direct = options.direct ?? (flags & O_DIRECT) !== 0;
  checkInteger("mode", mode, 0, 0o7777);
  if (queue !== undefined && !(queue instanceof AioQueue)) {
    throw new TypeError("Cannot use queue: expected an AioQueue");
  }
  if (queue !== undefined && (depth !== undefined || lanes !== undefined || engine !== undefined)) {
    throw new TypeError("Cannot use depth, engine or lanes together with queue: they are options of the queue");
  }
  if (direct && (flags & O_APPEND) !== 0) {
    throw new TypeError("Cannot use direct together with flags that append: the end of a file is no whole block");
  }
  const shared = {
    path: text,
    queue: queue ?? new AioQueue({ depth, engine, lanes }),
    ownsQueue: queue === undefined,
    signal,
  };
  signal?.throwIfAborted();
  const descriptors: number[] = [];
  try {
    return new OpenFile(await openDescriptors(shared, flags & ~O_DIRECT, mode, direct, descriptors));
  } catch (error) {
    for (const fd of descriptors) closeDescriptor(fd, text);
    throw error;
  }
}

/** Opens the descriptors of a file; each is put into the list too. */
async function openDescriptors(
  shared: Pick<Opened, "path" | "queue" | "ownsQueue" | "signal">,
  flags: number,
  mode: number,
  direct: boolean,
  descriptors: number[],
): Promise<Opened> {
  const { O_APPEND, O_CREAT, O_DIRECT = 0, O_EXCL, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } = platform().openFlags;
  const { path, signal } = shared;
  const open = async (flags: number) => {
    const fd = await openDescriptor(path, flags, mode, signal);
    descriptors.push(fd);
    signal?.throwIfAborted();
    return { fd, found: fs.fstatSync(fd, { bigint: true }) };
  };
  const { fd, found } = await open(flags);
  if (found.isDirectory()) throw new AioError("open", "EISDIR", path);
  const positional = found.isFile() || found.isBlockDevice();
  const ordered = !positional || (flags & O_APPEND) !== 0;
  if (!direct) return { ...shared, fd, positional, ordered, direct: undefined };

  if (!positional || O_DIRECT === 0) throw noDirect(path);
  // once more, without what makes or empties it; the first descriptor serves the ranges that are no whole blocks
  const again = await open(flags & ~(O_CREAT | O_EXCL | O_TRUNC) | O_DIRECT).catch((error) => {
    throw error.code === "EINVAL" ? noDirect(path, error) : error;
  });
  if (again.found.ino !== found.ino || again.found.dev !== found.dev) {
    throw new AioError("open", "ESTALE", `${path}: replaced while it was opened`);
  }
  const writable = (flags & (O_WRONLY | O_RDWR)) !== O_RDONLY;
  const needs = directOf(again.fd, path, writable ? fd : undefined);
  if (!writable) closeDescriptor(descriptors.shift() as number, path);
  return { ...shared, fd: again.fd, positional, ordered, direct: needs };
}
