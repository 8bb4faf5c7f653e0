// Finds the JavaScript runtimes on this machine that can do FFI: a recent one on the PATH, else the one npm put into
// node_modules. Shared by `bin/aio.mjs` (one runtime is enough) and `tests/run.mjs` (every one is wanted).
// Plain JavaScript without dependencies, because it must start under whatever is there: an old Node, Deno or Bun.

import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** Loads node:child_process when it is needed: a command that runs in this process starts no other. */
export const childProcess = () => createRequire(import.meta.url)("node:child_process");

/** The folder of this checkout. */
export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const modules = path.join(root, "node_modules");

/** The runtime that runs this very line. */
export const own = process.versions.deno ? "deno" : process.versions.bun ? "bun" : "node";

/** The oldest version of each runtime that this package works with. */
export const oldest = { deno: "2.5.0", bun: "1.3.0", node: "26.1.0" };

/**
 * Where npm puts each runtime. These are the packages that hold the binaries themselves: the `deno` and `bun` packages
 * around them need an install script, and `deno task` would take the `deno` in node_modules/.bin for a script of Node.
 */
const inModules = {
  deno: () => packagesIn("@deno", "").map((folder) => path.join(folder, "deno")),
  bun: () => packagesIn("@oven", "bun-").map((folder) => path.join(folder, "bin/bun")),
  node: () => packagesIn("", "node-").map((folder) => path.join(folder, "bin/node")),
};

function packagesIn(scope, prefix) {
  const folder = path.join(modules, scope);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => name.startsWith(prefix)).map((name) => path.join(folder, name));
}

/** npm prepends `node_modules/.bin`: passed over, because what lies there may be a script around the binary. */
function onPath(name) {
  return (process.env.PATH ?? "").split(path.delimiter)
    .filter((folder) => folder !== "" && !folder.endsWith(path.join("node_modules", ".bin")))
    .map((folder) => path.join(folder, name));
}

/** Asks a runtime for its version; `undefined` where it does not start. */
export function versionOf(file) {
  const { status, stdout } = childProcess().spawnSync(file, ["--version"], { encoding: "utf8", timeout: 20_000 });
  return status === 0 ? stdout.match(/\d+\.\d+\.\d+/)?.[0] : undefined;
}

function atLeast(version, wanted) {
  // not by localeCompare(): its tables take longer to load than a small copy takes
  const [left, right] = [version, wanted].map((text) => text.split(".").map((part) => parseInt(part, 10)));
  const at = right.findIndex((part, index) => part !== left[index]);
  return at < 0 || left[at] > right[at];
}

/** Whether a version of a runtime is one that this package works with. */
export function isRecent(name, version) {
  return version !== undefined && atLeast(version, oldest[name]);
}

/**
 * Finds one runtime by its name: `deno`, `bun` or `node`. The option `ask` gives the version of the one at a path.
 * Returns `{ name, file, version }`, or `{ name, reason }` when there is none that is recent enough.
 */
export function findRuntime(name, { ask = versionOf } = {}) {
  const seen = [];
  // The last one is the runtime that runs this very line, wherever it lies.
  for (const file of new Set([...onPath(name), ...inModules[name](), ...(name === own ? [process.execPath] : [])])) {
    if (!existsSync(file)) continue;
    const version = ask(file);
    if (isRecent(name, version)) return { name, file, version };
    seen.push(`${file} is ${version ?? "not runnable here"}`);
  }
  const found = seen.length > 0 ? seen.join(", ") : "none found on the PATH or in node_modules";
  return {
    name,
    reason: `${name} >= ${oldest[name]} is needed: ${found}. "npm install" brings one where there is a build`,
  };
}
