/**
 * How a program starts on a runtime: whether a module is the program, and what was compiled at an earlier start.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/**
 * Whether a module is the program that was started, on a Node before 24.2, where `import.meta.main` does not say it.
 *
 * @param url The module's `import.meta.url`; there is none in a bundle for CommonJS.
 * @returns Whether it is the script that the command line names.
 */
export function isProgram(url: string | undefined): boolean {
  if (url === undefined || process.argv[1] === undefined) return false;
  try {
    return fs.realpathSync(process.argv[1]) === fileURLToPath(url);
  } catch {
    return false;
  }
}

/**
 * Lets Node keep what it compiles, in the user's own cache folder: a command starts several times as fast the second time.
 * Where that cannot be written, or NODE_DISABLE_COMPILE_CACHE is set, nothing is kept. Deno and Bun need no help.
 */
export function keepCompiled(): void {
  if (process.versions.deno !== undefined || process.versions.bun !== undefined) return;
  // asked for here, and not imported: Deno takes its time to load them
  const { enableCompileCache } = process.getBuiltinModule?.("node:module") as {
    enableCompileCache?: (folder: string) => unknown;
  } ?? {};
  if (enableCompileCache === undefined) return;
  // not in a temporary folder, which others can write to: what lies there is run
  const caches = process.env.XDG_CACHE_HOME || path.join(process.getBuiltinModule("node:os").homedir(), ".cache");
  if (path.isAbsolute(caches)) enableCompileCache(path.join(caches, "posix-aio", "compiled"));
}
