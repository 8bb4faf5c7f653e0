/**
 * How whole files and texts are read, and the checks of what requests of files say.
 *
 * @module
 */

import { checkMoved, checkNames, checkOffset, checkSignal, namesOf } from "../queue/check.ts";
import type { Names } from "../queue/check.ts";
import type { RequestOptions, WriteOptions } from "../queue/request.ts";
import type { OpenFile } from "./open_file.ts";

/** What may be said of a sync. */
export const SYNC_NAMES: Names = namesOf("dataOnly", "signal", "priority");
/** What may be said of reading a whole file. */
export const WHOLE_NAMES: Names = namesOf("signal");
/** What may be said of reading text. */
export const TEXT_NAMES: Names = namesOf("encoding", "signal");

/**
 * How a whole file is read.
 *
 * @example
 * ```ts
 * import { AioFile } from "@posix/aio";
 * import type { WholeOptions } from "@posix/aio";
 *
 * await using file = await AioFile.open("README.md");
 * const options: WholeOptions = { signal: AbortSignal.timeout(10_000) };
 * console.log((await file.readAll(options)).length === await file.size()); // true
 * ```
 */
export interface WholeOptions {
  /** Ends it early: it is rejected with the signal's reason. */
  readonly signal?: AbortSignal | null | undefined;
}

/**
 * How text is read.
 *
 * @example
 * ```ts
 * import { AioFile } from "@posix/aio";
 * import type { TextOptions } from "@posix/aio";
 *
 * await using file = await AioFile.open("README.md");
 * const options: TextOptions = { encoding: "latin1" };
 * console.log((await file.text(options)).slice(0, 12)); // # @posix/aio
 * ```
 */
export interface TextOptions extends WholeOptions {
  /**
   * A name that `TextDecoder` knows.
   *
   * @default {"utf-8"}
   */
  readonly encoding?: string | undefined;
}

/** What is said of a request beside its bytes, checked. */
export interface Asked {
  readonly signal: AbortSignal | undefined;
  readonly priority: number | undefined;
  readonly moved: { bytes: number } | undefined;
}

/** What a request says beside its bytes; without a signal, not even `null`, it has the file's own. */
export function checkAsked(file: OpenFile, options: RequestOptions, names: Names): Asked {
  checkNames("options", options, names);
  const signal = options.signal === undefined ? file.opened.signal : checkSignal(options.signal);
  return { signal, priority: options.priority, moved: checkMoved(options.moved) ?? undefined };
}

/** The file's own signal, where there is no other. */
export function signalled<Options extends WholeOptions>(file: OpenFile, options: Options): Options {
  const { signal } = file.opened;
  return signal === undefined || options?.signal !== undefined ? options : { ...options, signal };
}

/** Where a transfer begins: `null` is the file's position. */
export function placeOf({ offset }: WriteOptions): number | null {
  return offset === undefined || offset === null ? null : checkOffset(offset);
}
