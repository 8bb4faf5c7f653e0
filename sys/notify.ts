/**
 * Notification by function: what `SIGEV_THREAD` asks for, in runtimes where C may call JavaScript from any thread.
 *
 * One native callback serves all requests. libc hands it a number, and a table tells which function to run. The table
 * entry stays until the call arrives, and the callback itself is never closed, because libc calls from a new thread at
 * a time of its own. It keeps the process alive only while calls are expected.
 *
 * @module
 */

import { door } from "../ffi/door.ts";
import type { NativeCallback } from "../ffi/door.ts";
import { AioError } from "../ffi/errno.ts";
import { platform } from "../structs/platform.ts";
import type { StructView } from "../structs/view.ts";

/** What runs when a request or a list has ended: C's `void (*sigev_notify_function)(union sigval)`. */
export type NotifyFunction = (value: number) => void;

/**
 * How the end of a request, or of a list of requests, is told: C's `struct sigevent`.
 *
 * Source: sigevent(3type).
 *
 * @example
 * ```ts
 * import { SIGEV_SIGNAL } from "@posix/aio/sys";
 * import type { Sigevent } from "@posix/aio/sys";
 *
 * const event: Partial<Sigevent> = { sigev_notify: SIGEV_SIGNAL, sigev_signo: 12 };
 * console.log(event.sigev_notify === SIGEV_SIGNAL);
 * ```
 */
export interface Sigevent {
  /** `SIGEV_NONE`, `SIGEV_SIGNAL` or `SIGEV_THREAD`. glibc tells nobody for any other number. Default `SIGEV_NONE`. */
  sigev_notify: number;
  /** The signal's number for `SIGEV_SIGNAL`. A number that is no signal makes glibc fail the request with EINVAL. */
  sigev_signo: number;
  /** What comes with the signal, or what the function gets. 0 or more. */
  sigev_value: number;
  /** The function for `SIGEV_THREAD`. It runs on the JavaScript thread, not on a thread of its own. */
  sigev_notify_function: NotifyFunction | null;
}

interface Expected {
  readonly run: NotifyFunction;
  readonly value: number;
  /** Whether it keeps the process alive. */
  counted: boolean;
}

const expected = new Map<number, Expected>();
let native: NativeCallback | undefined;
let tokenNext = 1;
let countedNow = 0;

/**
 * Writes a `struct sigevent` for libc.
 *
 * @param event The native struct's members, already holding `sigev_notify`, `sigev_signo` and `sigev_value`.
 * @param prefix What stands before the member names: `"aio_sigevent."` within a control block.
 * @param run The function for `SIGEV_THREAD`.
 * @param syscall The C function that is about to be called.
 * @returns A token for {@linkcode forget}; 0 unless a call is expected.
 * @throws {TypeError} If `SIGEV_THREAD` is asked for without a function.
 * @throws {AioError} ENOTSUP where the runtime takes no calls from other threads.
 */
export function expectCall(event: StructView, prefix: string, run: NotifyFunction | null, syscall: string): number {
  if (event[`${prefix}sigev_notify`] !== platform().constants.SIGEV_THREAD) return 0;
  checkCall(run, syscall);
  const token = tokenNext++;
  expected.set(token, { run: run!, value: event[`${prefix}sigev_value`], counted: true });
  native ??= door().callback!(arrive);
  if (countedNow++ === 0) native.ref();
  event[`${prefix}sigev_value`] = token;
  event[`${prefix}sigev_notify_function`] = native.address;
  return token;
}

/**
 * Refuses a `SIGEV_THREAD` that cannot work, before anything is submitted.
 *
 * @param run The function.
 * @param syscall The C function that is about to be called.
 * @throws {TypeError} If there is no function.
 * @throws {AioError} ENOTSUP where the runtime takes no calls from other threads.
 */
export function checkCall(run: NotifyFunction | null, syscall: string): void {
  const { callback, runtime, version } = door();
  if (callback === undefined) {
    throw new AioError(
      syscall,
      "ENOTSUP",
      `SIGEV_THREAD needs calls from other threads, which ${runtime} ${version} does not take: ` +
        "use SIGEV_SIGNAL, or AioQueue, which needs no notification",
    );
  }
  if (typeof run !== "function") {
    throw new TypeError(`Cannot use SIGEV_THREAD in ${syscall}(): sigev_notify_function is not a function`);
  }
}

/**
 * Stops expecting a call, because libc refused the request.
 *
 * @param token What {@linkcode expectCall} gave.
 * @param surely Whether the call can no longer come; if it might, it is only no longer waited for.
 */
export function forget(token: number, surely: boolean): void {
  const entry = expected.get(token);
  if (entry === undefined) return;
  uncount(entry);
  if (surely) expected.delete(token);
}

function arrive(token: number): void {
  const entry = expected.get(token);
  if (entry === undefined) return;
  expected.delete(token);
  uncount(entry);
  try {
    entry.run(entry.value);
  } catch (error) {
    queueMicrotask(() => {
      throw error; // as uncaught as in a timer, but not through C
    });
  }
}

function uncount(entry: Expected): void {
  if (!entry.counted) return;
  entry.counted = false;
  if (--countedNow === 0) native!.unref();
}
