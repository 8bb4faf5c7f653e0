/**
 * `aio sync`: makes a folder like another.
 *
 * @module
 */

import { copyFolders } from "./copy_folders.ts";
import { treeOptions } from "./tree_options.ts";
import type { Command } from "./command.ts";
import { isAsTyped } from "./names.ts";
import { withSignals } from "./signals.ts";
import { SYNC } from "./spec/copy.ts";
import { optionTable } from "./spec/spec.ts";
import { withManifest } from "./transfer_report.ts";
import { parse, UsageError, withValue } from "./usage.ts";

/** `aio sync` */
export const syncCommand: Command = {
  async run(args) {
    const parsed = parse(withValue(args, "--in-place", "auto"), optionTable(SYNC));
    const [source, target, ...more] = parsed.positionals;
    if (source === undefined || target === undefined || more.length > 0) {
      throw new UsageError(`a source and a target are needed, and ${parsed.positionals.length} names were given`);
    }
    if (!isAsTyped(source) || !isAsTyped(target)) {
      throw new UsageError("a name is no UTF-8, which arguments cannot hold here");
    }
    const options = treeOptions(parsed, { overwrite: "different", preserve: { mode: true, timestamps: true } });
    const { values } = parsed;
    const tasks = [{ source, target, name: "" }];
    return await withSignals((signal) =>
      withManifest(values.manifest, (record) => copyFolders(tasks, options, values, signal, record))
    );
  },
};
