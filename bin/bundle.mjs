// The command as one file, for Node, whose start from 15 to 190 sources takes up to twice the time; Bun and Deno start from
// the sources faster than from one file with all of them. esbuild makes it, where npm has brought that, when the sources have
// changed; it lies in the user's cache folder and is never committed. Whatever goes wrong here, the sources are run.

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { cacheFolder, readOwn, writeOwn } from "./cache.mjs";
import { childProcess, root } from "./runtimes.mjs";

/** Changes with what is written in the first line, and with how bundles are made. */
const FORMAT = 2;

const ROOMS = ["structs", "ffi", "sys", "engine", "queue", "file", "transfer", "cli"];

/**
 * The path of a bundle that is as new as the sources, made if need be; `undefined` where there is none to be had. It is a
 * CommonJS module, for which Node loads least, and exports `main()` as `cli.ts` does.
 */
export function bundle() {
  const folder = cacheFolder();
  if (folder === undefined) return undefined;
  const file = path.join(folder, "bundles", `${nameOf(root)}.cjs`);
  try {
    return isFresh(readOwn(file)) || make(file) ? file : undefined;
  } catch {
    return undefined;
  }
}

/** A short name for a folder; the bundle itself says which one it is of. */
function nameOf(folder) {
  let hash = 0x811c9dc5; // FNV-1a
  for (const byte of new TextEncoder().encode(folder)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, "0");
}

/** The first line says of which sources a bundle was made, and how long the rest is. */
function isFresh(text) {
  if (text === undefined) return false;
  const end = text.indexOf("\n");
  try {
    const { format, folder, length, sources } = JSON.parse(text.slice("// ".length, end));
    return format === FORMAT && folder === root && length === text.length - end - 1 &&
      sources.every(([name, ...seen]) => looks(name).every((value, index) => value === seen[index]));
  } catch {
    return false;
  }
}

/** By what a change of a source is noticed. */
function looks(name) {
  const { mtimeMs, ctimeMs, size, ino } = statSync(path.join(root, name));
  return [mtimeMs, ctimeMs, size, ino];
}

function make(file) {
  const names = ["cli.ts", "mod.ts", "sys.ts", "bin/bundle.mjs"];
  for (const room of ROOMS) {
    const inside = readdirSync(path.join(root, room), { recursive: true, encoding: "utf8" });
    names.push(...inside.filter((name) => name.endsWith(".ts")).map((name) => `${room}/${name}`));
  }
  const sources = names.map((name) => [name, ...looks(name)]); // before: what is changed meanwhile is noticed then
  const made = bundled();
  if (made === undefined) return false;
  // from the cache folder no package is found by its name
  const progress = pathToFileURL(path.join(root, "node_modules/cli-progress/cli-progress.js")).href;
  const text = made.replace(/^#!.*\n/, "").replaceAll(
    /import\(\s*["']cli-progress["']\s*\)/g,
    `import(${JSON.stringify(progress)})`,
  );
  const first = JSON.stringify({ format: FORMAT, folder: root, length: text.length, sources });
  return writeOwn(file, `// ${first}\n${text}`);
}

/** Runs the bundler; the text that it made. */
function bundled() {
  const folder = mkdtempSync(path.join(tmpdir(), "posix-aio-bundle-"));
  try {
    const out = path.join(folder, "cli.cjs");
    // a script of Node, or, where npm may run the package's own, the program itself
    const esbuild = path.join(root, "node_modules/esbuild/bin/esbuild");
    const flags = ["--bundle", "--format=cjs", "--platform=node", "--minify-whitespace", "--external:cli-progress"];
    const args = [path.join(root, "cli.ts"), ...flags, `--outfile=${out}`];
    const { status } = childProcess().spawnSync(esbuild, args, { cwd: root, stdio: "ignore", timeout: 20_000 });
    if (status !== 0) return undefined;
    return readFileSync(out, "utf8");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
