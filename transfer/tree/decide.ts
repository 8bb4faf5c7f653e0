/**
 * Whether a file is copied over what is there.
 *
 * @module
 */

import type { EntryStat } from "./entry.ts";
import type { TreeSettings } from "./options.ts";

/** What to do with a file. */
export type Decision =
  | { readonly action: "copy" | "compare" }
  | { readonly action: "skip"; readonly reason: string }
  | { readonly action: "fail"; readonly code: string; readonly reason: string };

const COPY: Decision = { action: "copy" };

/**
 * Decides.
 *
 * @param stat The source.
 * @param existing The target.
 * @param settings The options.
 * @returns What to do; `"compare"` if their contents are to tell.
 */
export function decide(stat: EntryStat, existing: EntryStat | null, settings: TreeSettings): Decision {
  if (existing === null) return COPY;
  if (existing.kind === "folder") {
    return { action: "fail", code: "EISDIR", reason: "the target is a folder, the source is none: remove it first" };
  }
  if (existing.kind === "file" && existing.identity === stat.identity) {
    return { action: "fail", code: "EINVAL", reason: "source and target are the same file" };
  }
  switch (settings.overwrite) {
    case "always":
      return COPY;
    case "never":
      if (settings.errorOnExist) return { action: "fail", code: "EEXIST", reason: "the target exists" };
      return { action: "skip", reason: "the target exists" };
    case "newer":
      if (existing.kind !== stat.kind || existing.modified < stat.modified) return COPY;
      return { action: "skip", reason: "the target is not older" };
    case "different":
      return whereDifferent(stat, existing, settings);
  }
}

function whereDifferent(
  stat: EntryStat,
  existing: EntryStat,
  { checksum, resume, copy: { preserve } }: TreeSettings,
): Decision {
  if (existing.kind !== stat.kind) return COPY;
  if (stat.kind === "link") return { action: "compare" };
  if (stat.kind === "device" && (stat.rdev !== existing.rdev || (stat.mode ^ existing.mode) > 0o7777)) return COPY;
  if (stat.kind !== "file") return { action: "skip", reason: "the same" };
  if (existing.size !== stat.size) return COPY;
  if (checksum) return { action: "compare" };
  // a copy that did not take its source's time was made after it
  if (resume && !preserve.timestamps && existing.modified > stat.modified) {
    return { action: "skip", reason: "same size, and not older" };
  }
  return existing.modified === stat.modified ? { action: "skip", reason: "same size and time" } : COPY;
}
