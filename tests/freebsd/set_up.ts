/**
 * What makes other tests' promises hold on FreeBSD as well: pipes and devices are allowed (sysctl
 * `vfs.aio.enable_unsafe`), and the first queue has chosen the waiter for all.
 *
 * @module
 */

import type { AioQueueOptions } from "../../mod.ts";
import { isReal } from "./choose.ts";

/** The stand-in's kernel allows requests on pipes and devices. */
async function allowPipes(): Promise<void> {
  const { door } = await import("../../ffi/door.ts");
  const { libc } = await import("../../ffi/libc.ts");
  const { map } = await import("../../ffi/memory.ts");
  const memory = map(64);
  const bytes = new Uint8Array(door().view(memory.address, memory.bytes));
  new TextEncoder().encodeInto("vfs.aio.enable_unsafe\0", bytes.subarray(4));
  bytes[0] = 1;
  const none = door().pointer(0);
  libc().call.sysctlbyname(door().pointer(memory.address + 4), none, none, door().pointer(memory.address), 4);
}

/**
 * Sets this process up for tests that are written for every system.
 *
 * @param waiter How its queues wait.
 */
export async function setUp(waiter: AioQueueOptions["waiter"]): Promise<void> {
  if (!isReal) await allowPipes();
  const { AioQueue } = await import("../../mod.ts");
  new AioQueue({ waiter }); // the first queue chooses for all
}
