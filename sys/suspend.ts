/**
 * `aio_suspend`: block the JavaScript thread until a request has ended.
 *
 * libc gets only requests that are in flight and times that it can bear; for everything else the answer is known
 * without it.
 *
 * @module
 */

import { door } from "../ffi/door.ts";
import type { Pointer } from "../ffi/native.ts";
import { AioError } from "../ffi/errno.ts";
import { libc } from "../ffi/libc.ts";
import { platform } from "../structs/platform.ts";
import { partsOf } from "./aiocb.ts";
import type { Aiocb } from "./aiocb.ts";
import { checkList, listArgument, structArgument } from "./arguments.ts";
import { refresh } from "./control.ts";
import type { Control } from "./control.ts";
import { describe } from "./describe.ts";

/**
 * A span of time: C's `struct timespec`. Source: timespec(3type).
 *
 * @example
 * ```ts
 * import { aio_suspend } from "@posix/aio/sys";
 * import type { Timespec } from "@posix/aio/sys";
 *
 * const timeout: Timespec = { tv_sec: 0, tv_nsec: 5_000_000 };
 * console.log(aio_suspend([], timeout)); // 0
 * ```
 */
export interface Timespec {
  /** Whole seconds. */
  readonly tv_sec: number;
  /** Nanoseconds, 0 to 999999999. */
  readonly tv_nsec: number;
}

/** 31 years. glibc adds the time to the clock's, and an overflow would end the wait at once. */
const TV_SEC_MAX = 1_000_000_000;

const TV_NSEC_MAX = 999_999_999;

/**
 * Waits until at least one of the requests has ended:
 * `int aio_suspend(const struct aiocb *const list[], int nent, const struct timespec *timeout)`.
 *
 * It blocks the JavaScript thread; signal listeners and notification functions run afterwards. An empty list, one of
 * nothing but `null`, and one with a request that has ended return at once. So does one with a request that was never
 * submitted in glibc; FreeBSD and macOS wait for the others, if there are any.
 *
 * On FreeBSD the whole time begins anew whenever another request of the process ends.
 *
 * Source: aio_suspend(3).
 *
 * @example
 * ```ts
 * import { aio_read, aio_suspend, Aiocb, AioError, allocate } from "@posix/aio/sys";
 * import { closeSync, openSync } from "node:fs";
 *
 * const fd = openSync("deno.json", "r");
 * using buffer = allocate(64);
 * using cb = new Aiocb({ aio_fildes: fd, aio_buf: buffer, aio_nbytes: 64 });
 * aio_read(cb);
 * try {
 *   aio_suspend([cb, null], { tv_sec: 1, tv_nsec: 0 });
 * } catch (error) {
 *   if (!(error instanceof AioError && error.code === "EAGAIN")) throw error; // EAGAIN: the second is over
 * }
 * closeSync(fd);
 * ```
 *
 * @param list The requests, at most 16384; `null` entries are skipped.
 * @param timeout How long to wait at most; `null` for as long as it takes. A negative `tv_sec` is taken for 0 on Linux,
 * one of more than 31 years for 31 years.
 * @returns 0.
 * @throws {AioError} EAGAIN if the time is up; EINTR if a signal came; EINVAL if `tv_nsec` is not 0 to 999999999, `tv_sec`
 * is negative (FreeBSD, macOS), or the list is too long (FreeBSD takes 256, macOS 16).
 * @throws {RangeError} If a member of `timeout` is no integer.
 * @throws {TypeError} If the list, an entry or the time is of the wrong type.
 */
export function aio_suspend(list: readonly (Aiocb | null)[], timeout: Timespec | null = null): number {
  checkTime(timeout, "aio_suspend");
  checkList(list, "aio_suspend");
  const controls = list.filter((cb) => cb !== null).map((cb) => partsOf(cb, "aio_suspend").control);
  const waiting = controls.filter((control) => refresh(control) === "in flight");
  const ended = platform().behaviour.mustReap
    ? controls.some(({ state }) => state === "ended")
    : waiting.length < controls.length;
  if (waiting.length === 0 || ended) return 0;
  const errno = suspend([...new Set(waiting)], timeout);
  if (errno === 0) return 0;
  const first = `${waiting.length} requests in flight, the first: ${describe(waiting[0])}`;
  throw new AioError("aio_suspend", errno, timeout === null ? first : `${first}; waited ${inWords(timeout)}`);
}

/**
 * Waits until all the requests have ended, one after another: nothing ends sooner by being waited for together.
 *
 * @param syscall The C function that waits.
 * @param controls The requests.
 * @throws {AioError} EINTR if a signal came.
 */
export function waitForAll(syscall: string, controls: readonly Control[]): void {
  for (const control of controls) {
    while (refresh(control) === "in flight") {
      const errno = suspend([control], null);
      if (errno !== 0) throw new AioError(syscall, errno, `the requests go on, among them: ${describe(control)}`);
    }
  }
}

/** Calls libc; the error number, or 0. */
function suspend(controls: readonly Control[], timeout: Timespec | null): number {
  const list = listArgument(controls);
  return libc().call.aio_suspend(list, controls.length, timeArgument(timeout)) === -1 ? libc().errno() : 0;
}

/**
 * A span of time as C's `struct timespec *`.
 *
 * @param timeout The time, which {@linkcode checkTime} has passed.
 * @returns What to hand to C.
 */
export function timeArgument(timeout: Timespec | null): Pointer {
  if (timeout === null) return door().pointer(0);
  const { view, pointer } = structArgument(platform().structs.timespec);
  const past = timeout.tv_sec < 0;
  view.tv_sec = past ? 0 : Math.min(timeout.tv_sec, TV_SEC_MAX);
  view.tv_nsec = past ? 0 : timeout.tv_nsec;
  return pointer;
}

/**
 * Refuses a time that is none, or that libc would refuse or choke on.
 *
 * @param timeout What the script handed in.
 * @param syscall The C function.
 * @throws {AioError} EINVAL if it is out of range.
 * @throws {RangeError} If a member is no integer.
 * @throws {TypeError} If it is of the wrong type.
 */
export function checkTime(timeout: Timespec | null, syscall: string): void {
  if (timeout === null) return;
  if (typeof timeout !== "object") {
    throw new TypeError(`Cannot call ${syscall}(): the timeout is no object and not null`);
  }
  for (const name of ["tv_sec", "tv_nsec"] as const) {
    const value = timeout[name];
    if (typeof value !== "number") throw new TypeError(`Cannot call ${syscall}(): ${name} is not a number`);
    if (!Number.isInteger(value)) throw new RangeError(`Cannot call ${syscall}(): ${name} ${value} is not an integer`);
  }
  if (timeout.tv_nsec < 0 || timeout.tv_nsec > TV_NSEC_MAX) {
    throw new AioError(syscall, "EINVAL", `tv_nsec ${timeout.tv_nsec} is not 0 to ${TV_NSEC_MAX}`);
  }
  if (timeout.tv_sec < 0 && platform().behaviour.negativeTime === "EINVAL") {
    throw new AioError(syscall, "EINVAL", `tv_sec ${timeout.tv_sec} is negative`);
  }
}

function inWords({ tv_sec, tv_nsec }: Timespec): string {
  return `${(tv_sec + tv_nsec / 1e9).toFixed(3)} s`;
}
