/**
 * The options of `aio copy` and `aio sync`, and what they mean for the library.
 *
 * @module
 */

import { checkOptions } from "../transfer/options.ts";
import type { CopyOptions, PreserveOptions } from "../transfer/options.ts";
import { checkTreeOptions } from "../transfer/tree/options.ts";
import type { TreeOptions } from "../transfer/tree/options.ts";
import { asUsage, readNumber, readSize } from "./usage.ts";
import type { OptionTable, Parsed } from "./usage.ts";

/** All that can be given. */
export const TREE_OPTIONS: OptionTable = {
  recursive: { type: "boolean", short: "r" },
  R: { type: "boolean", short: "R" },
  archive: { type: "boolean", short: "a" },
  preserve: { type: "boolean", short: "p" },
  "preserve-times": { type: "boolean" },
  dereference: { type: "boolean", short: "L" },
  resume: { type: "boolean" },
  update: { type: "boolean", short: "u" },
  "no-overwrite": { type: "boolean", short: "n" },
  include: { type: "string", multiple: true },
  exclude: { type: "string", multiple: true },
  shard: { type: "string" },
  "files-from": { type: "string" },
  null: { type: "boolean", short: "0" },
  "dry-run": { type: "boolean" },
  delete: { type: "boolean" },
  checksum: { type: "boolean" },
  method: { type: "string", short: "m" },
  sync: { type: "boolean", short: "s" },
  direct: { type: "boolean" },
  depth: { type: "string" },
  chunk: { type: "string" },
  "in-place": { type: "string" },
  bandwidth: { type: "string" },
  concurrency: { type: "string" },
  verify: { type: "boolean" },
  manifest: { type: "string" },
  "stop-on-error": { type: "boolean" },
  verbose: { type: "boolean", short: "v" },
  json: { type: "boolean" },
  quiet: { type: "boolean", short: "q" },
  "no-progress": { type: "boolean" },
};

/** What is kept of the source. */
function preserved(values: Parsed["values"]): boolean | PreserveOptions {
  if (values.archive === true) return true;
  const all = values.preserve === true;
  return { mode: all, ownership: all, timestamps: all || values["preserve-times"] === true };
}

function ways(
  { values }: Parsed,
): Pick<CopyOptions, "method" | "direct" | "depth" | "chunkBytes" | "inPlace" | "preserve"> {
  return {
    method: values.method as CopyOptions["method"],
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
