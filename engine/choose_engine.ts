/**
 * Which engine a queue gets.
 *
 * @module
 */

import { environmentVariable } from "../ffi/environment.ts";
import { AioError } from "../ffi/errno.ts";
import { platform } from "../structs/platform.ts";
import type { Waiting } from "./backends/backend.ts";
import type { Engine } from "./engine.ts";
import type { EngineName } from "./engine_name.ts";
import { engine } from "./engines.ts";

/** What queues get that ask for none. */
let usual: EngineName = "posix";

/**
 * What queues that ask for none get.
 *
 * @returns The engine.
 */
export function usualEngine(): EngineName {
  return usual;
}

/**
 * Lets queues that ask for none have another engine: for tests that run on both.
 *
 * @param name The engine.
 */
export function setUsualEngine(name: EngineName): void {
  usual = name;
}

/**
 * Chooses an engine.
 *
 * @param name What was asked for.
 * @param threads How many threads libc may use.
 * @param waiter What its thread shall wait in.
 * @returns The engine.
 * @throws {AioError} If it cannot be had here; the message says why and what would mend it.
 */
export function chooseEngine(
  name: EngineName | "auto" | undefined,
  threads: number | undefined,
  waiter: Waiting | "auto",
): Engine {
  const forbidden = forbidsUring();
  const wanted = name ?? (waiter === "auto" && threads === undefined ? usual : "posix");
  if (wanted === "posix" || wanted === "auto" && forbidden) return engine(threads, waiter);
  if (forbidden) {
    throw new AioError("io_uring_setup", "EPERM", 'AIO_ENGINE=posix forbids it: unset that, or use engine "posix"');
  }
  if (!platform().name.startsWith("linux")) {
    if (wanted === "auto") return engine(threads, waiter);
    throw new AioError("io_uring_setup", "ENOSYS", `${platform().name} has none, only Linux has: use engine "posix"`);
  }
  try {
    return engine(undefined, "auto", "io_uring");
  } catch (error) {
    if (wanted === "auto" && error instanceof AioError) return engine(threads, waiter);
    throw error;
  }
}

/**
 * Whether the environment forbids io_uring: `AIO_ENGINE=posix`.
 *
 * @returns Whether it does.
 * @throws {TypeError} If the variable has another value, which would be no protection.
 */
export function forbidsUring(): boolean {
  const value = environmentVariable("AIO_ENGINE");
  if (value === undefined || value === "") return false;
  if (value === "posix") return true;
  throw new TypeError(`Cannot use AIO_ENGINE ${JSON.stringify(value)}: expected "posix", which forbids io_uring`);
}
