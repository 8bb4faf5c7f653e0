/**
 * Hashes trees on all processors, and prints which files have the same content: duplicates.ts FOLDER...
 *
 * @module
 */

import { hash } from "@posix/aio";
import process from "node:process";

/** Files by their content. */
const groups = new Map<string, { bytes: number; paths: string[] }>();

for await (const { path, digest, bytes, error } of hash(process.argv.slice(2))) {
  if (digest === undefined) {
    console.error(error?.message);
    process.exitCode = 1;
    continue;
  }
  const group = groups.get(digest);
  if (group === undefined) groups.set(digest, { bytes, paths: [path] });
  else group.paths.push(path);
}

/** What the copies beside the first take. */
const wasted = ({ bytes, paths }: { bytes: number; paths: string[] }) => bytes * (paths.length - 1);

const duplicates = [...groups.values()].filter(({ bytes, paths }) => bytes > 0 && paths.length > 1);
for (const group of duplicates.sort((a, b) => wasted(b) - wasted(a))) {
  console.log(`${wasted(group)} bytes could be saved:\n  ${group.paths.join("\n  ")}`);
}
