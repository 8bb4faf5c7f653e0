/**
 * Runs the tests of another file on FreeBSD, where pipes and devices are allowed (sysctl `vfs.aio.enable_unsafe`): the
 * same promises hold there. What FreeBSD does by default is tested for itself.
 *
 * @module
 */

import { isReal, reason } from "../choose.ts";

/** The kernel's setting, and whether it can be had. */
async function allowPipes(): Promise<string | undefined> {
  const { door } = await import("../../../ffi/door.ts");
  const { libc } = await import("../../../ffi/libc.ts");
  const { map } = await import("../../../ffi/memory.ts");
  const { sysctl } = await import("../../../ffi/sysctl.ts");
  const memory = map(64);
  const bytes = new Uint8Array(door().view(memory.address, memory.bytes));
  new TextEncoder().encodeInto("vfs.aio.enable_unsafe\0", bytes.subarray(4));
  bytes[0] = 1;
  const none = door().pointer(0);
  libc().call.sysctlbyname(door().pointer(memory.address + 4), none, none, door().pointer(memory.address), 4);
  return sysctl("vfs.aio.enable_unsafe") === 1 ? undefined : "sysctl vfs.aio.enable_unsafe is 0, root can set it";
}

/**
 * Imports a test file, or registers one skipped test that says why not.
 *
 * @param file The file, relative to `tests/`.
 */
export async function runOnFreebsd(file: string): Promise<void> {
  const missing = !isReal && reason !== undefined ? reason : await allowPipes();
  if (missing === undefined) {
    await import(new URL(`../../${file}`, import.meta.url).href);
  } else {
    const { it } = await import("@std/testing/bdd");
    it.skip(`${file} on FreeBSD (skipped: ${missing})`, () => {});
  }
}
