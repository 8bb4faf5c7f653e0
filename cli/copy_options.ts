/**
 * The options of `aio copy` that a copy of one file has as well, and what they mean for the library.
 *
 * @module
 */

import { checkOptions } from "../transfer/options.ts";
import type { CopyOptions, PreserveOptions } from "../transfer/options.ts";
import { asUsage, readNumber, readSize } from "./usage.ts";
import type { CopyTask } from "./task.ts";
import type { Parsed } from "./usage.ts";

/** Options that mean something of several files only, or of which a copy of one file knows nothing. */
const OF_MANY = [
  ...["update", "include", "exclude", "shard", "files-from", "checksum", "dry-run"],
  ...["bandwidth", "concurrency", "verify", "manifest", "stop-on-error"],
];

/**
 * Whether files are copied as a list.
 *
 * @param tasks The files.
 * @param values What was given.
 * @returns Whether they are; else there is one file, which is told of in detail.
 */
export function isList(tasks: readonly CopyTask[], values: Parsed["values"]): boolean {
  return tasks.length > 1 || tasks.length === 1 && OF_MANY.some((name) => values[name] !== undefined);
}

/** What is kept of the source. */
function preserved(values: Parsed["values"]): boolean | PreserveOptions {
  if (values.archive === true) return true;
  const all = values.preserve === true;
  return { mode: all, ownership: all, timestamps: all || values["preserve-times"] === true };
}

/** What both have: the way that the data goes, and what is kept. */
export function ways(
  { values }: Parsed,
): Pick<CopyOptions, "method" | "engine" | "direct" | "depth" | "chunkBytes" | "inPlace" | "preserve"> {
  return {
    method: values.method as CopyOptions["method"],
    engine: values.engine as CopyOptions["engine"],
    direct: values.direct === true,
    depth: values.depth === undefined ? undefined : readNumber("depth", String(values.depth)),
    chunkBytes: values.chunk === undefined ? undefined : readSize("chunk", String(values.chunk)),
    inPlace: values["in-place"] as CopyOptions["inPlace"],
    preserve: preserved(values),
  };
}

/**
 * What was given, for one file.
 *
 * @param parsed The command line.
 * @returns The options.
 * @throws {UsageError} If one is wrong.
 */
export function copyOptions(parsed: Parsed): CopyOptions {
  const { values } = parsed;
  const options: CopyOptions = {
    ...ways(parsed),
    sync: values.sync === true,
    overwrite: values["no-overwrite"] !== true,
    resume: values.resume === true,
  };
  asUsage(() => checkOptions(options));
  return options;
}
