/**
 * Makes this process one on FreeBSD: nothing to do on FreeBSD itself; on Linux the platform is FreeBSD's and the C
 * library the one that stands in for FreeBSD's. A test file imports this before anything else of the package.
 *
 * @module
 */

import { describe, it } from "@std/testing/bdd";
import process from "node:process";
import { door } from "../../ffi/door.ts";
import { libc } from "../../ffi/libc.ts";
import { freebsd } from "../../structs/freebsd.ts";
import { usePlatform } from "../../structs/platform.ts";
import { buildStandIn, standInMissing } from "./stand_in.ts";

/** Whether the kernel is FreeBSD's, and nothing stands in for it. */
export const isReal = process.platform === "freebsd";

const reason = isReal ? undefined : standInMissing();

/** Another release's functions: 1200, 1300, 1401 or 1500. Set by a module that is imported before this one. */
const release = (globalThis as { standInRelease?: number }).standInRelease;

if (!isReal && reason === undefined) {
  const processor = process.arch === "arm64" ? "arm64" : "amd64";
  usePlatform({ platform: freebsd(processor), library: buildStandIn(release) });
}

/** A group of tests that need FreeBSD, real or stood in for. */
export function describeFreebsd(name: string, body: () => void): void {
  if (reason === undefined) describe(name, body);
  else describe.skip(`${name} (skipped: ${reason})`, body);
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

/** Sends the calling thread a signal (SIGUSR1 of the host) after some time. */
export function interruptAfter(milliseconds: number): void {
  const signature = { result: "i32", parameters: ["i32"] } as const;
  door().open(libc().library).bind("stand_in_interrupt", signature)!(milliseconds);
}
