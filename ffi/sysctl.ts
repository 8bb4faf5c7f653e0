/**
 * The kernel's settings by name, on the systems that have `sysctlbyname`.
 *
 * @module
 */

import { door } from "./door.ts";
import { libc } from "./libc.ts";
import { giveBlock, takeBlock } from "./memory.ts";

/**
 * Reads a number.
 *
 * @param name The setting, such as `vfs.aio.max_aio_queue_per_proc`.
 * @returns Its value, or `undefined` where there is no such setting.
 */
export function sysctl(name: string): number | undefined {
  if (!libc().has("sysctlbyname")) return undefined;
  const block = takeBlock(256);
  try {
    const view = new DataView(block.array.buffer);
    view.setBigUint64(0, 8n, true);
    const { written } = new TextEncoder().encodeInto(`${name}\0`, block.array.subarray(16));
    if (written <= name.length) return undefined;
    const at = (offset: number) => door().pointer(block.address + offset);
    const none = door().pointer(0);
    if (libc().call.sysctlbyname(at(16), at(8), at(0), none, 0) !== 0) return undefined;
    // settings are of C's type int or long
    return view.getBigUint64(0, true) === 4n ? view.getInt32(8, true) : Number(view.getBigInt64(8, true));
  } finally {
    giveBlock(block);
  }
}
