/**
 * `aio_init`: glibc's one setting.
 *
 * @module
 */

import { AioError } from "../ffi/errno.ts";
import { libc } from "../ffi/libc.ts";
import { initThreads } from "../ffi/threads.ts";
import { platform } from "../structs/platform.ts";

/**
 * What glibc's thread pool can be told: the members of C's `struct aioinit` that glibc uses.
 *
 * @example
 * ```ts
 * import type { Aioinit } from "@posix/aio/sys";
 *
 * const init: Aioinit = { aio_threads: 32, aio_idle_time: 5 };
 * console.log(init.aio_threads); // 32; see aio_init()
 * ```
 */
export interface Aioinit {
  /**
   * The most threads of the process, 1 or more. Each runs one request at a time.
   *
   * @default {20}
   */
  readonly aio_threads?: number | undefined;
  /**
   * For how many requests memory is taken at a time, 32 or more.
   *
   * @default {64}
   */
  readonly aio_num?: number | undefined;
  /**
   * How long an idle thread waits for work, in seconds. A negative number ends it at once; 0 leaves it as it is.
   *
   * @default {0}
   */
  readonly aio_idle_time?: number | undefined;
}

/**
 * Sets up glibc's thread pool: `void aio_init(const struct aioinit *init)`.
 *
 * glibc takes the numbers only before the first request of the process, and ignores them silently later (in this
 * package an `AioQueue` submits its first request when it is first used); `aio_idle_time` it takes at any time. What is
 * left out gets glibc's own default, where C's zeroed struct would mean one single thread.
 *
 * Source: aio_init(3).
 *
 * @example
 * ```ts
 * import { aio_init } from "@posix/aio/sys";
 *
 * aio_init({ aio_threads: 32 });
 * ```
 *
 * @param init The settings.
 * @throws {AioError} ENOSYS where the C library is not glibc.
 * @throws {RangeError} If a number is not an integer of 32 bits.
 * @throws {TypeError} If a setting is no number.
 */
export function aio_init(init: Aioinit): void {
  const { structs, name } = platform();
  if (structs.aioinit === undefined || !libc().has("aio_init")) {
    throw new AioError("aio_init", "ENOSYS", `${name} has no thread pool to set up: leave the call out`);
  }
  const { aio_threads, aio_num, aio_idle_time } = init;
  initThreads({ aio_threads, aio_num, aio_idle_time });
}
