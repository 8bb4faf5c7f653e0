/**
 * How tests order faults of the library of `faults.c` and `process.c`. A test file imports this before anything else of the
 * package, since it chooses the C library of the process.
 *
 * @module
 */

import { describe } from "@std/testing/bdd";
import { constants } from "node:os";
import { door } from "../../ffi/door.ts";
import type { NativeType } from "../../ffi/native.ts";
import { libc } from "../../ffi/libc.ts";
import { reason } from "./choose.ts";

const ERRORS = constants.errno as Record<string, number>;

/** A group of tests that need the library. */
export function describeFaults(name: string, body: () => void): void {
  if (reason === undefined) describe(name, body);
  else describe.skip(`${name} (skipped: ${reason})`, body);
}

function call(name: string, ...values: readonly number[]): number {
  const parameters: readonly NativeType[] = values.map(() => "i32");
  return door().open(libc().library).bind(name, { result: "i32", parameters })!(...values) as number;
}

const CALLS = ["read", "write", "sync", "list", "suspend", "range"] as const;

/** What happens: the first key names it. */
export type Fault =
  /** The request ends at once with this error. */
  | { readonly answer: string }
  /** libc's thread meets this error. */
  | { readonly real: "EIO" | "ENOSPC" | "EBADF" }
  /** At most so many bytes are moved. */
  | { readonly short: number }
  /** libc does not take the request, or the whole list, with this error. */
  | { readonly refuse: string }
  /** libc begins with the request after so many milliseconds. */
  | { readonly slow: number }
  /** libc begins with the request when the fault is released. */
  | { readonly held: true }
  /** `aio_suspend` is interrupted by a signal. */
  | { readonly interrupt: true };

/** Which calls it happens to. */
export interface Where {
  /** What is called; `"list"` and `"suspend"` know no file, `"range"` is `copy_file_range`. */
  readonly on: typeof CALLS[number];
  /** A descriptor of the file. Default: every file. */
  readonly fd?: number;
  /** The first call that is struck. Default 1. */
  readonly first?: number;
  /** After how many calls it strikes again. Default: never. */
  readonly every?: number;
}

function numbers(fault: Fault): [kind: number, value: number] {
  if ("answer" in fault) return [1, ERRORS[fault.answer]];
  if ("real" in fault) return [2, ERRORS[fault.real]];
  if ("short" in fault) return [3, fault.short];
  if ("refuse" in fault) return [4, ERRORS[fault.refuse]];
  if ("held" in fault) return [5, 0];
  return "slow" in fault ? [5, fault.slow] : [6, 0];
}

/** A fault that is in force. */
export interface Strike extends Disposable {
  /** How often it has struck. */
  hits(): number;
  /** Lets begin what is held. */
  release(): void;
}

/** A fault until the end of the scope. One scope at a time. */
export function strike(fault: Fault, { on, fd = -1, first = 1, every = 0 }: Where): Strike {
  call("faults_hold", "held" in fault ? 1 : 0);
  const rule = call("faults_add", CALLS.indexOf(on), fd, first, every, ...numbers(fault));
  if (rule < 0) throw new Error("Cannot add a fault");
  return {
    hits: () => call("faults_hits", rule),
    release: () => void call("faults_hold", 0),
    [Symbol.dispose]: () => void call("faults_clear"),
  };
}

/** Signals that interrupt every waiting thread over and over until the end of the scope. */
export function storm(): Disposable & { sent(): number } {
  const before = call("faults_storm", 1);
  if (before < 0) throw new Error("Cannot send signals");
  return { sent: () => call("faults_storm", 1) - before, [Symbol.dispose]: () => void call("faults_storm", 0) };
}

/** From now on there is no descriptor for a timer, as the queue's wake channel needs it. */
export function refuseTimers(): void {
  call("faults_refuse_timers");
}

/** The numbers of `setrlimit` on Linux. */
const RESOURCES = { FSIZE: 1, NOFILE: 7 };

/** A limit of the process until the end of the scope. */
export function limit(resource: keyof typeof RESOURCES, value: number): Disposable {
  const before = call("faults_limit", RESOURCES[resource], value);
  if (before < -1) throw new Error(`Cannot set RLIMIT_${resource}`);
  return { [Symbol.dispose]: () => void call("faults_limit", RESOURCES[resource], before) };
}

/** libc can start no thread for a read or a list until the end of the scope (RLIMIT_NPROC); root only. */
export function starved(): Disposable {
  call("faults_starve", 1);
  return { [Symbol.dispose]: () => void call("faults_starve", 0) };
}
