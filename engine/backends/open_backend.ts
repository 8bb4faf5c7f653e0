/**
 * The choice among the ways to hand requests over and to find out which have ended.
 *
 * One file per way of doing it: {@linkcode StatusBackend} reads the status words that Linux's C libraries write and
 * waits in `aio_suspend`; {@linkcode KqueueBackend} takes FreeBSD's events; {@linkcode SuspendBackend} asks for each
 * request where neither is there. This file alone chooses among them.
 *
 * @module
 */

import { AioError } from "../../ffi/errno.ts";
import { libc } from "../../ffi/libc.ts";
import { platform } from "../../structs/platform.ts";
import type { Backend, Waiting } from "./backend.ts";
import { KqueueBackend } from "./kqueue.ts";
import { StatusBackend } from "./status.ts";
import { SuspendBackend } from "./suspend.ts";

/**
 * The running platform's backend.
 *
 * @param waiter What its thread shall wait in; `"auto"` for what is best here.
 * @param wake Called from the event loop when a thread that waits has something to report.
 * @returns The backend.
 * @throws {AioError} ENOSYS if the platform lacks what the thread shall wait in.
 */
export function openBackend(waiter: Waiting | "auto", wake: () => void): Backend {
  libc(); // on Linux this settles which platform it is
  const { behaviour, status, name } = platform();
  if (behaviour.kqueue && waiter !== "suspend") return new KqueueBackend(wake);
  if (waiter === "kqueue") {
    throw new AioError("kqueue", "ENOSYS", `${name} has no waiter "kqueue", only FreeBSD has: use "suspend" or "auto"`);
  }
  return status === undefined ? new SuspendBackend(wake) : new StatusBackend(wake);
}
