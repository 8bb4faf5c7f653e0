/**
 * The threads that glibc uses for AIO: how many, and how long they live. `aio_init` only listens to the number before the
 * first request of a process, so the one place that calls it also remembers whether that moment has passed. Other systems
 * run as many requests as they take.
 *
 * @module
 */

import { platform } from "../structs/platform.ts";
import { viewOf } from "../structs/view.ts";
import type { StructView } from "../structs/view.ts";
import { door } from "./door.ts";
import type { Pointer } from "./native.ts";
import { libc } from "./libc.ts";
import { map } from "./memory.ts";

/** Threads that libc may use unless a program asks for another number. */
export const THREADS_DEFAULT = 128;

/** What glibc uses when nobody calls `aio_init`, `rt/aio_misc.c`. */
export const THREADS_GLIBC = 20;

/** Seconds that an idle thread of libc lives on; glibc's own default of 1 s makes bursts pay for new threads. */
const IDLE_SECONDS = 10;

/** glibc's own default, `rt/aio_misc.c`. */
const IDLE_SECONDS_GLIBC = 1;

let inForce: number | undefined;
let idleSeconds = IDLE_SECONDS_GLIBC;
/** The one `struct aioinit`. */
let block: { readonly pointer: Pointer; readonly view: StructView } | undefined;

/** Settings for {@linkcode initThreads}; as `struct aioinit` in glibc's `<aio.h>`. */
export interface AioInit {
  /** Most threads at once. glibc's default is 20. */
  readonly aio_threads?: number | undefined;
  /** How many requests to make room for at first. glibc's default is 64. */
  readonly aio_num?: number | undefined;
  /** Seconds after which an idle thread ends, a negative number for at once; 0 leaves it as it is. */
  readonly aio_idle_time?: number | undefined;
}

/**
 * Calls `aio_init`.
 *
 * @param settings What to set; members left out keep glibc's defaults.
 */
export function initThreads(settings: AioInit): void {
  const { aio_threads = THREADS_GLIBC, aio_idle_time = 0 } = settings;
  callInit(settings);
  inForce ??= Math.max(1, aio_threads);
  if (aio_idle_time !== 0) idleSeconds = aio_idle_time; // 0 leaves it as it is
}

/**
 * Sees to the number of threads before a request is submitted; only the first call in a process has an effect.
 *
 * @param threads The number wanted, or `null` to leave glibc its own default.
 * @returns The number of threads in force, as far as this thread can know.
 */
export function threadsInForce(threads: number | null = THREADS_DEFAULT): number {
  if (inForce !== undefined) return inForce;
  if (threads === null || !hasThreads()) return inForce = THREADS_GLIBC;
  initThreads({ aio_threads: threads, aio_num: 1024, aio_idle_time: IDLE_SECONDS });
  return inForce ?? threads;
}

/**
 * Lets threads of libc end as soon as they find nothing to do, or live on again as long as before.
 *
 * @param atOnce Whether they end.
 */
export function endIdleThreads(atOnce: boolean): void {
  if (hasThreads()) callInit({ aio_idle_time: atOnce ? -1 : idleSeconds });
}

/** Whether libc runs requests on threads that can be set up. */
function hasThreads(): boolean {
  return platform().structs.aioinit !== undefined && libc().has("aio_init");
}

function callInit({ aio_threads = THREADS_GLIBC, aio_num = 64, aio_idle_time = 0 }: AioInit): void {
  const { view, pointer } = block ??= makeBlock();
  Object.assign(view, { aio_threads, aio_num, aio_idle_time });
  libc().call.aio_init(pointer);
}

function makeBlock(): { pointer: Pointer; view: StructView } {
  const { aioinit } = platform().structs;
  const { address } = map(aioinit.size);
  return { pointer: door().pointer(address), view: viewOf(aioinit, door().view(address, aioinit.size)) };
}
