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
import { HASH } from "./spec/hash.ts";
import { optionTable } from "./spec/spec.ts";
import { asUsage, parse, UsageError } from "./usage.ts";

/** `aio hash` */
export const hashCommand: Command = {
  async run(args) {
    const { values, positionals, lists } = parse(args, optionTable(HASH));
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
