/**
 * The options of `aio copy` and `aio sync`, and what they mean for the library.
 *
 * @module
 */

import { checkOptions } from "../transfer/options.ts";
import type { CopyOptions, PreserveOptions } from "../transfer/options.ts";
import { checkTreeOptions } from "../transfer/tree/options.ts";
import type { TreeOptions } from "../transfer/tree/tree_options.ts";
import { asUsage, readNumber, readSize } from "./usage.ts";
import type { Parsed } from "./usage.ts";

/** What is kept of the source. */
function preserved(values: Parsed["values"]): boolean | PreserveOptions {
  if (values.archive === true) return true;
  const all = values.preserve === true;
  return { mode: all, ownership: all, timestamps: all || values["preserve-times"] === true };
}

function ways(
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

/**
 * What was given, for folders.
 *
 * @param parsed The command line.
 * @param byDefault What is meant where nothing is said.
 * @returns The options.
 * @throws {UsageError} If one is wrong.
 */
export function treeOptions(parsed: Parsed, byDefault: TreeOptions = {}): TreeOptions {
  const { values, lists } = parsed;
  const text = (name: string) => values[name] === undefined ? undefined : String(values[name]);
  const overwrite = values["no-overwrite"] === true
    ? "never"
    : values.update === true
    ? "newer"
    : values.checksum === true
    ? "different"
    : undefined;
  const options: TreeOptions = {
    ...ways(parsed),
    ...byDefault,
    ...(overwrite === undefined ? {} : { overwrite }),
    ...(values.archive === true ? { preserve: true } : {}),
    resume: values.resume === true,
    include: lists.include,
    exclude: lists.exclude,
    shard: text("shard"),
    dryRun: values["dry-run"] === true,
    dereference: values.dereference === true,
    delete: values.delete === true,
    checksum: values.checksum === true,
    fsync: values.sync === true ? "file" : "none",
    bandwidthLimit: values.bandwidth === undefined ? undefined : readSize("bandwidth", String(values.bandwidth)),
    concurrency: values.concurrency === undefined ? undefined : readNumber("concurrency", String(values.concurrency)),
    verify: values.verify === true,
    digest: values.manifest === undefined ? undefined : "sha256",
    stopOnError: values["stop-on-error"] === true,
  };
  asUsage(() => checkTreeOptions(options));
  return options;
}
