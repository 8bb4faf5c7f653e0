/**
 * The options of `aio copy` and `aio sync` for folders and lists of files, and what they mean for the library.
 *
 * @module
 */

import { checkTreeOptions } from "../transfer/tree/options.ts";
import type { TreeOptions } from "../transfer/tree/tree_options.ts";
import { ways } from "./copy_options.ts";
import { asUsage, readNumber, readSize } from "./usage.ts";
import type { Parsed } from "./usage.ts";

/**
 * What was given, for folders and lists.
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
