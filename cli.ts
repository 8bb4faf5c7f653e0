/**
 * The `aio` command: copies files and tells what asynchronous I/O this machine offers.
 *
 * ```sh
 * deno run --allow-ffi --allow-read --allow-write jsr:@posix/aio/cli copy big.iso /mnt/backup/
 * ```
 *
 * @module
 */

import process from "node:process";
import { run } from "./cli/commands.ts";

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
  return await run(args);
}

if (import.meta.main) {
  process.exitCode = 1; // should it end before it is done
  // no top-level await: with one, require() and bundles for CommonJS refuse the module
  main(process.argv.slice(2)).then((status) => process.exitCode = status);
}
