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
import type { NativeCallback } from "../ffi/native.ts";
import { AioError } from "../ffi/errno.ts";
import { platform } from "../structs/platform.ts";
import type { StructView } from "../structs/view.ts";
import type { NotifyFunction } from "./sigevent.ts";

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
 * @throws {AioError} ENOTSUP where libc has no such notification, or the runtime takes no calls from other threads.
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
 * @throws {AioError} ENOTSUP where libc has no such notification, or the runtime takes no calls from other threads.
 */
export function checkCall(run: NotifyFunction | null, syscall: string): void {
  const { behaviour, name } = platform();
  if (!behaviour.functionNotification) {
    const instead = behaviour.kqueue ? "SIGEV_KEVENT, SIGEV_SIGNAL" : "SIGEV_SIGNAL";
    throw new AioError(
      syscall,
      "ENOTSUP",
      `SIGEV_THREAD is not known to the libc of ${name}: use ${instead}, or AioQueue`,
    );
  }
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
