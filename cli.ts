#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
/**
 * The `aio` command: copies files and tells what asynchronous I/O this machine offers.
 *
 * ```sh
 * deno install -g -n aio --allow-ffi --allow-read --allow-write jsr:@posix/aio/cli
 * aio copy big.iso /mnt/backup/
 * ```
 *
 * Or without installing it, with Deno, and from the folder of a project that has the package, with Node 26 or Bun:
 *
 * ```sh
 * deno run --allow-ffi --allow-read --allow-write jsr:@posix/aio/cli copy big.iso /mnt/backup/
 * node node_modules/@posix/aio/cli.js copy big.iso /mnt/backup/
 * bun node_modules/@posix/aio/cli.js copy big.iso /mnt/backup/
 * ```
 *
 * `npx aio` and `bunx aio` fetch an unrelated package that npm has under the name "aio".
 *
 * @module
 */

import process from "node:process";
import { quietExperiments } from "./cli/warnings.ts";
import { isProgram, keepCompiled } from "./ffi/start.ts";

/**
 * Runs the command.
 *
 * @example
 * ```ts ignore
 * import { main } from "jsr:@posix/aio/cli";
 *
 * const status = await main(["copy", "--quiet", "big.iso", "/mnt/backup/"]);
 * ```
 *
 * @param args The arguments, without the names of the runtime and the program.
 * @returns The exit status: 0 if everything was done, 1 if something failed, 2 for wrong usage, 130 after Ctrl-C.
 */
export async function main(args: readonly string[]): Promise<number> {
  const { run } = await import("./cli/commands.ts");
  return await run(args);
}

if (import.meta.main ?? isProgram(import.meta.url)) {
  keepCompiled(); // before anything else is loaded
  quietExperiments();
  process.exitCode = 1; // should it end before it is done
  // no top-level await: with one, require() and bundles for CommonJS refuse the module
  main(process.argv.slice(2)).then((status) => process.exitCode = status);
}
