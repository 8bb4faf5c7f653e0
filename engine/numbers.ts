/**
 * The descriptor numbers under which this engine has requests in libc, for others who use the same ones: see holders.ts.
 *
 * @module
 */

import { closeNow, makeForThread } from "../ffi/farewell.ts";
import { heldByOthers, registerHolder } from "../ffi/holders.ts";
import type { Holder } from "../ffi/holders.ts";

/** Whether the engine has requests under a number. */
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

/**
 * Makes a descriptor whose number nobody has requests under. A number may be free for the kernel though libc still has requests
 * of a file that was closed too early: what got that number would wait behind these, which may be for ever.
 *
 * @param make Makes one by one call of C; a negative number is none.
 * @returns What `make` gave; it is closed by `closeNow`.
 */
export function makeUnshared(make: () => number): number {
  let fd = makeForThread(make);
  let taken: number[] | undefined;
  while (fd >= 0 && (ask(fd) || isShared(fd))) {
    (taken ??= []).push(fd);
    fd = makeForThread(make);
  }
  if (taken !== undefined) { for (const one of taken) closeNow(one); }
  return fd;
}
