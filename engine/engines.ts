/**
 * The engines of one JavaScript thread, each made on first use and shared by all queues.
 *
 * @module
 */

import { AioError } from "../ffi/errno.ts";
import { platform } from "../structs/platform.ts";
import type { Waiting } from "./backends/backend.ts";
import { Engine } from "./engine.ts";
import type { EngineName } from "./engine_name.ts";

const engines: Partial<Record<EngineName, Engine>> = {};

/**
 * An engine of this JavaScript thread.
 *
 * @param threads How many threads libc may use; only the first request of a process can set it.
 * @param waiter What its thread waits in; `"auto"` takes what there is.
 * @param name Which.
 * @returns The engine, made on first use.
 * @throws {AioError} ENOSYS if the platform lacks that waiter; EBUSY if the engine waits in another way already; what the
 * kernel refuses an io_uring with.
 */
export function engine(threads?: number, waiter: Waiting | "auto" = "auto", name: EngineName = "posix"): Engine {
  const shared = engines[name] ??= new Engine(threads, waiter, name);
  if (name === "io_uring") return shared;
  if (waiter !== "auto" && waiter !== shared.waiter) {
    const tried = `cannot wait by "${waiter}": the queues of this thread share one waiter, which is "${shared.waiter}"`;
    throw new AioError("aio_suspend", platform().behaviour.kqueue ? "EBUSY" : "ENOSYS", tried);
  }
  return shared;
}
