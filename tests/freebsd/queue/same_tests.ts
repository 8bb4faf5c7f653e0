/**
 * Runs the tests of another file against the library that stands in for FreeBSD's, which allows pipes and devices then
 * (sysctl `vfs.aio.enable_unsafe`): the same promises hold there. What FreeBSD does by default is tested for itself.
 *
 * @module
 */

import process from "node:process";
import { fileURLToPath } from "node:url";
import { isReal, reason } from "../choose.ts";
import { setUp } from "../set_up.ts";

/**
 * Imports a test file, or registers one skipped test that says why not.
 *
 * @param file The file, relative to `tests/`.
 * @param waiter How its queues wait.
 */
export async function runOnFreebsd(file: string, waiter: "auto" | "suspend" = "auto"): Promise<void> {
  const here = isReal && waiter === "auto" ? "on FreeBSD itself the file is run as it is" : undefined;
  const missing = reason ?? here;
  if (missing !== undefined) {
    const { it } = await import("@std/testing/bdd");
    it.skip(`${file} on FreeBSD (skipped: ${missing})`, () => {});
    return;
  }
  await setUp(waiter);
  const onFreebsd = fileURLToPath(new URL("../child.ts", import.meta.url));
  process.env.STAND_IN_WAITER = waiter; // before child.ts looks at the environment
  const { RUNTIME_ARGUMENTS } = await import("../../support/child.ts");
  if (!RUNTIME_ARGUMENTS.includes(onFreebsd)) RUNTIME_ARGUMENTS.push(onFreebsd);
  await import(new URL(`../../${file}`, import.meta.url).href);
}
