/**
 * Tests of what only one system offers: elsewhere they are listed as skipped, with the reason in their name. On Linux all of
 * them run.
 *
 * @module
 */

import { it } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { usualEngine } from "../../engine/choose_engine.ts";
import { platform } from "../../structs/platform.ts";

type Run = () => void | Promise<void>;

/** A test that runs unless something is missing, which is the reason in its name then. */
export function itUnless(missing: string | undefined, name: string, run: Run): void {
  if (missing === undefined) it(name, run);
  else it.skip(`${name} (skipped: ${missing})`, run);
}

/** A test that needs `/proc`, a Linux tool, or an answer that Linux' libc alone gives. */
export function itOnLinux(name: string, run: Run): void {
  itUnless(process.platform === "linux" ? undefined : "it needs what only Linux offers or answers", name, run);
}

let pipes: boolean | undefined;

/** Asked once: FreeBSD refuses requests on pipes, FIFOs and devices unless an administrator allows them. */
export function allowsPipes(): boolean {
  if (process.platform !== "freebsd") return true;
  pipes ??= spawnSync("sysctl", ["-n", "vfs.aio.enable_unsafe"], { encoding: "utf8" }).stdout?.trim() === "1";
  return pipes;
}

/** A test that has requests on a pipe, a FIFO or a device. */
export function itWithPipes(name: string, run: Run): void {
  const refusal = "sysctl vfs.aio.enable_unsafe is not 1, pipes and devices are refused";
  itUnless(allowsPipes() ? undefined : refusal, name, run);
}

/**
 * Whether libc takes a read of a silent pipe and sits in it: io_uring cancels it, and on FreeBSD a queue keeps such a request to itself until there is
 * something to read (`tests/freebsd/gate_tests.ts`).
 */
export function libcTakesSilent(): boolean {
  return !platform().behaviour.unsafeStreams && usualEngine() === "posix";
}

/** A test of what becomes of a request with which libc sits on a silent pipe. */
export function itWhereLibcWaits(name: string, run: Run): void {
  if (libcTakesSilent()) return itWithPipes(name, run);
  itUnless("a read of a silent pipe is not given to this system, or really cancelled there", name, run);
}

/** A test of lanes, the numbers over which the requests of one file are spread. */
export function itWithLanes(name: string, run: Run): void {
  itUnless(usualEngine() === "posix" ? undefined : "only the C library's engine has lanes", name, run);
}
