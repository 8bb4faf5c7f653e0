/**
 * `aio hash`: digests of files and folders, in the form of `sha256sum`.
 *
 * @module
 */

import { hash } from "../transfer/hash.ts";
import { formatManifestLine } from "../transfer/sums/manifest.ts";
import type { Command } from "./command.ts";
import { isAsTyped, readNames } from "./names.ts";
import { complain, print } from "./output.ts";
import { withSignals } from "./signals.ts";
import { asUsage, parse, UsageError } from "./usage.ts";
import type { OptionTable } from "./usage.ts";

const OPTIONS: OptionTable = {
  algorithm: { type: "string", short: "a" },
  tag: { type: "boolean" },
  include: { type: "string", multiple: true },
  exclude: { type: "string", multiple: true },
  shard: { type: "string" },
  "files-from": { type: "string" },
  null: { type: "boolean", short: "0" },
  json: { type: "boolean" },
};

const HELP = `aio hash: print digests of files, and of all files in folders

Usage: aio hash [options] FILE|FOLDER...

The lines are those of sha256sum, which reads them with -c. Files in folders come in the order of the names' bytes.

Options:
  -a, --algorithm NAME   sha256 (default), sha512, sha1, md5, blake2b512, or what else the runtime knows
      --tag              Lines that name the algorithm, as with sha256sum --tag
      --include PATTERN  Only files that match, by name or, with a slash, by path within the folder; may be repeated
      --exclude PATTERN  Not what matches; may be repeated
      --shard I/N|auto   A part of the files, by their paths; auto: by Slurm's or Kubernetes' environment
      --files-from FILE  Names from a file, one a line; - for standard input
  -0, --null             Names in it end with a NUL
      --json             One JSON object a line
  -h, --help             Show this text

Exit status: 0 if every file was read, 1 if one was not, 2 for wrong usage, 130 after Ctrl-C.
`;

/** `aio hash` */
export const hashCommand: Command = {
  name: "hash",
  summary: "Print digests of files and folders, as sha256sum does",
  help: HELP,
  async run(args) {
    const { values, positionals, lists } = parse(args, OPTIONS);
    const from = values["files-from"];
    const paths = [...positionals, ...(from === undefined ? [] : readNames(String(from), values.null === true))];
    if (paths.length === 0) throw new UsageError("no file given");
    const algorithm = values.algorithm === undefined ? undefined : String(values.algorithm);
    const shard = values.shard === undefined ? undefined : String(values.shard);
    let failed = 0;
    const wrong = paths.filter((path) => !isAsTyped(path));
    for (const path of wrong) {
      complain(`${path}: the name is no UTF-8, which arguments cannot hold here; hash its folder`);
    }
    return await withSignals(async (signal) => {
      const known = paths.filter((path) => !wrong.includes(path));
      const options = { algorithm, shard, include: lists.include, exclude: lists.exclude, signal };
      const tag = values.tag === true ? algorithm ?? "sha256" : undefined;
      for await (const { path, digest, bytes, error, exact } of asUsage(() => hash(known, options))) {
        if (error !== undefined || digest === undefined) {
          failed++;
          complain(error?.message ?? path);
          if (values.json === true) print(`${JSON.stringify({ path, error: error?.message })}\n`);
        } else if (values.json === true) {
          print(`${JSON.stringify({ path, digest, bytes })}\n`);
        } else {
          print(formatManifestLine(exact ?? path, digest, tag));
        }
      }
      return failed + wrong.length === 0 ? 0 : 1;
    });
  },
};
