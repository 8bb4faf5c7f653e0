/**
 * The options that choose files by their names, as data: the same for copies and for digests.
 *
 * @module
 */

import type { OptionSpec } from "./spec.ts";

/** By pattern, and by part. */
export const CHOICE: readonly OptionSpec[] = [
  {
    name: "include",
    value: "PATTERN",
    multiple: true,
    text: "Only files that match, by name or, with a slash, by path within the folder; may be repeated",
  },
  { name: "exclude", value: "PATTERN", multiple: true, text: "Not what matches; may be repeated" },
  {
    name: "shard",
    value: "I/N|auto",
    text: "A part of the files, by their paths; auto: by Slurm's or Kubernetes' environment",
  },
];

/**
 * By a list.
 *
 * @param what What the names in it are, such as `Names`.
 * @returns The options.
 */
export function listOptions(what: string): readonly OptionSpec[] {
  return [
    { name: "files-from", value: "FILE", kind: "file", text: `${what} from a file, one a line; - for standard input` },
    { name: "null", short: "0", text: "Names in it end with a NUL" },
  ];
}
