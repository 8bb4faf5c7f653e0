/**
 * Runs the tests of another file against the library that stands in for FreeBSD's, which allows pipes and devices then
 * (sysctl `vfs.aio.enable_unsafe`): the same promises hold there. What FreeBSD does by default is tested for itself.
 *
 * @module
 */

import { isReal, reason } from "../choose.ts";

/** The stand-in's kernel allows requests on pipes and devices. */
async function allowPipes(): Promise<void> {
  const { door } = await import("../../../ffi/door.ts");
  const { libc } = await import("../../../ffi/libc.ts");
  const { map } = await import("../../../ffi/memory.ts");
  const memory = map(64);
  const bytes = new Uint8Array(door().view(memory.address, memory.bytes));
  new TextEncoder().encodeInto("vfs.aio.enable_unsafe\0", bytes.subarray(4));
  bytes[0] = 1;
  const none = door().pointer(0);
  libc().call.sysctlbyname(door().pointer(memory.address + 4), none, none, door().pointer(memory.address), 4);
}

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
  if (!isReal) await allowPipes();
  const { AioQueue } = await import("../../../mod.ts");
  new AioQueue({ waiter }); // the first queue chooses for all
  await import(new URL(`../../${file}`, import.meta.url).href);
}
