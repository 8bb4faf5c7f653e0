// The versions of runtimes that were asked before: to start one only to hear its version takes as long as a small copy.

import { realpathSync, statSync } from "node:fs";
import path from "node:path";
import { cacheFolder, readOwn, writeOwn } from "./cache.mjs";
import { versionOf } from "./runtimes.mjs";

/** The version of the runtime at a path, or `undefined`; it is asked again when the file is another one than it was. */
export function knownVersion(file) {
  const folder = cacheFolder();
  if (folder === undefined) return versionOf(file);
  let real, seen;
  try {
    real = realpathSync(file);
    const { dev, ino, size, mtimeMs, ctimeMs } = statSync(real);
    seen = [dev, ino, size, mtimeMs, ctimeMs].join(" ");
  } catch {
    return undefined;
  }
  const list = path.join(folder, "versions.json");
  const known = read(list);
  if (known[real]?.seen === seen) return known[real].version;
  const version = versionOf(file);
  if (version !== undefined) writeOwn(list, JSON.stringify({ ...known, [real]: { seen, version } }));
  return version;
}

function read(list) {
  try {
    const known = JSON.parse(readOwn(list) ?? "{}");
    return typeof known === "object" && known !== null ? known : {};
  } catch {
    return {};
  }
}
