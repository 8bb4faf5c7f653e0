/**
 * How many threads glibc may use for AIO: `aio_init` only listens before the first request of a process, so the one
 * place that calls it also remembers whether that moment has passed. Other systems run as many requests as they take.
 *
 * @module
 */

import { platform } from "../structs/platform.ts";
import { viewOf } from "../structs/view.ts";
import { door } from "./door.ts";
import { libc } from "./libc.ts";
import { map } from "./memory.ts";

/** Threads that libc may use unless a program asks for another number. */
export const THREADS_DEFAULT = 128;

/** What glibc uses when nobody calls `aio_init`, `rt/aio_misc.c`. */
export const THREADS_GLIBC = 20;

/** Seconds that an idle thread of libc lives on; glibc's own default of 1 s makes bursts pay for new threads. */
const IDLE_SECONDS = 10;

let inForce: number | undefined;

/** Settings for {@linkcode initThreads}; as `struct aioinit` in glibc's `<aio.h>`. */
export interface AioInit {
  /** Most threads at once. glibc's default is 20. */
  readonly aio_threads?: number;
  /** How many requests to make room for at first. glibc's default is 64. */
  readonly aio_num?: number;
  /** Not used by glibc. */
  readonly aio_locks?: number;
  /** Not used by glibc. */
  readonly aio_usedba?: number;
  /** Not used by glibc. */
  readonly aio_debug?: number;
  /** Not used by glibc. */
  readonly aio_numusers?: number;
  /** Seconds after which an idle thread ends. glibc's default is 1. */
  readonly aio_idle_time?: number;
}

/**
 * Calls `aio_init`.
 *
 * @param settings What to set; members left out keep glibc's defaults.
 */
export function initThreads(settings: AioInit): void {
  const { aioinit } = platform().structs;
  const memory = map(aioinit.size);
  const view = viewOf(aioinit, door().view(memory.address, aioinit.size));
  view.aio_threads = THREADS_GLIBC;
  view.aio_num = 64;
  for (const [name, value] of Object.entries(settings)) {
    if (value !== undefined) view[name] = value;
  }
  libc().call.aio_init(door().pointer(memory.address));
  inForce ??= Math.max(1, view.aio_threads);
}

/**
 * Sees to the number of threads before a request is submitted; only the first call in a process has an effect.
 *
 * @param threads The number wanted, or `null` to leave glibc its own default.
 * @returns The number of threads in force, as far as this thread can know.
 */
export function threadsInForce(threads: number | null = THREADS_DEFAULT): number {
  if (inForce !== undefined) return inForce;
  const none = platform().structs.aioinit === undefined || !libc().has("aio_init");
  if (threads === null || none) return inForce = THREADS_GLIBC;
  initThreads({ aio_threads: threads, aio_num: 1024, aio_idle_time: IDLE_SECONDS });
  return inForce ?? threads;
}
