/**
 * The descriptor numbers under which this engine has requests in libc, for others who use the same ones: see holders.ts.
 *
 * @module
 */

import { heldByOthers, registerHolder } from "../ffi/holders.ts";
import type { Holder } from "../ffi/holders.ts";

let ask: (fd: number) => boolean = () => false;
const self: Holder = { holds: (fd) => ask(fd) };

/**
 * Makes the engine's numbers known.
 *
 * @param holds Whether the engine has requests under a number.
 */
export function tellNumbers(holds: (fd: number) => boolean): void {
  ask = holds;
  registerHolder(self);
}

/**
 * Whether others have requests under a number: a duplicate of it then has to serve for this engine's.
 *
 * @param fd The number.
 * @returns Whether they have.
 */
export function isShared(fd: number): boolean {
  return heldByOthers(fd, self);
}
