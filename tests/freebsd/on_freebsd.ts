/**
 * How tests for FreeBSD are registered, and what they can order of the library that stands in for FreeBSD's. A test file
 * imports this before anything else of the package, since it makes the process one on FreeBSD.
 *
 * @module
 */

import { describe, it } from "@std/testing/bdd";
import { constants } from "node:os";
import { door } from "../../ffi/door.ts";
import { libc } from "../../ffi/libc.ts";
import { allowsPipes, itUnless } from "../support/platform.ts";
import { isReal, reason } from "./choose.ts";

export { isReal };

/** A group of tests that need FreeBSD, real or stood in for. */
export function describeFreebsd(name: string, body: () => void): void {
  if (reason === undefined) describe(name, body);
  else describe.skip(`${name} (skipped: ${reason})`, body);
}

/** A test of what the kernel refuses unless an administrator has set `vfs.aio.enable_unsafe`; asked for first. */
export function itRefuses(name: string, run: () => void | Promise<void>): void {
  itUnless(isReal && allowsPipes() ? "sysctl vfs.aio.enable_unsafe is 1, nothing is refused" : undefined, name, run);
}

/** A test that orders something of the stand-in which a real kernel takes no orders for. */
export function itOrders(name: string, run: () => void | Promise<void>): void {
  if (isReal) it.skip(`${name} (skipped: a real kernel cannot be told to)`, run);
  else it(name, run);
}

function control(order: number, value: number): number {
  const signature = { result: "i32", parameters: ["i32", "i32"] } as const;
  return door().open(libc().library).bind("stand_in_control", signature)!(order, value) as number;
}

/** Begins no request until the end of the scope. */
export function hold(): Disposable {
  control(1, 1);
  return { [Symbol.dispose]: () => void control(1, 0) };
}

/** Lets the next request that is carried out end with an error number. */
export function failNext(errno: number): void {
  control(2, errno);
}

/** How many requests count against the limit of a process: in flight, or finished and not reaped. */
export function held(): number {
  return control(3, 0);
}

/** How many requests are being carried out. */
export function begun(): number {
  return control(4, 0);
}

/**
 * How many requests were begun on a pipe or terminal that had nothing to read, or no room for all that was to be written: on
 * a real kernel the process could not end before they do.
 */
export function immortal(): number {
  return control(5, 0);
}

/** Lets a millisecond pass. */
export function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
}

/** Sends the calling thread a signal (SIGUSR1 of the host) after some time. */
export function interruptAfter(milliseconds: number): void {
  const signature = { result: "i32", parameters: ["i32", "i32", "i32"] } as const;
  door().open(libc().library).bind("stand_in_interrupt", signature)!(constants.signals.SIGUSR1, milliseconds, 0);
}
