/**
 * `lio_listio`: many requests in one call.
 *
 * The whole list is looked at before libc sees any of it. The waiting of `LIO_WAIT` is done here, because glibc's own
 * leaves pointers into the caller's stack behind when a signal ends it.
 *
 * @module
 */

import { door } from "../ffi/door.ts";
import { AioError, errnoName } from "../ffi/errno.ts";
import { libc } from "../ffi/libc.ts";
import { platform } from "../structs/platform.ts";
import { partsOf } from "./aiocb.ts";
import type { Aiocb, AiocbParts } from "./aiocb.ts";
import { checkInt, checkList, listArgument, structArgument } from "./arguments.ts";
import { begin, describe, end, refresh } from "./control.ts";
import type { Control } from "./control.ts";
import { checkCall, expectCall, forget } from "./notify.ts";
import type { Sigevent } from "./notify.ts";
import { checkFit, writeOut } from "./submission.ts";
import { waitForAll } from "./suspend.ts";

/** What the status word holds before a list is submitted: no error number, so that untouched entries can be told. */
const UNTOUCHED = 0x5a5a5a5a;

/**
 * Queues many requests in one call: `int lio_listio(int mode, struct aiocb *const list[], int nent, struct sigevent *sig)`.
 *
 * With `LIO_WAIT` it blocks the JavaScript thread until every request has ended. With `LIO_NOWAIT` it returns when all
 * are queued, and `sigevent` says how to tell that all have ended. Each entry's `aio_sigevent` counts as well.
 *
 * After an error ask `aio_error()` about every entry: the others have been queued all the same.
 *
 * Source: lio_listio(3).
 *
 * @example
 * ```ts
 * import { aio_return, Aiocb, allocate, lio_listio, LIO_READ, LIO_WAIT } from "@posix/aio/sys";
 * import { closeSync, openSync } from "node:fs";
 *
 * const fd = openSync("deno.json", "r");
 * const list = [0, 32].map((aio_offset) =>
 *   new Aiocb({ aio_fildes: fd, aio_offset, aio_buf: allocate(32), aio_nbytes: 32, aio_lio_opcode: LIO_READ })
 * );
 * lio_listio(LIO_WAIT, list, null);
 * console.log(list.map(aio_return)); // [32, 32]
 * closeSync(fd);
 * ```
 *
 * @param mode `LIO_WAIT` or `LIO_NOWAIT`.
 * @param list The requests, at most 16384; `null` entries and those with `LIO_NOP` are skipped.
 * @param sigevent How to tell the end of all with `LIO_NOWAIT`; `null` for not at all.
 * @returns 0.
 * @throws {AioError} EIO if a request failed (`LIO_WAIT`); EINTR if a signal came while waiting, with the requests still
 * going on; EAGAIN if libc has no memory or threads; EINVAL for another `mode`, or a bad `aio_reqprio` (`LIO_NOWAIT`); EBUSY
 * if a block is in flight or twice in the list, and EFAULT if an `aio_buf` is `null`: then nothing was queued.
 * @throws {RangeError} If an `aio_buf` is shorter than its `aio_nbytes`; nothing was queued.
 * @throws {TypeError} If the list or an entry is of the wrong type; nothing was queued.
 */
export function lio_listio(
  mode: number,
  list: readonly (Aiocb | null)[],
  sigevent: Partial<Sigevent> | null = null,
): number {
  const { constants } = platform();
  checkInt(mode, "mode", "lio_listio");
  if (mode !== constants.LIO_WAIT && mode !== constants.LIO_NOWAIT) {
    throw new AioError("lio_listio", "EINVAL", `mode ${mode} is neither LIO_WAIT nor LIO_NOWAIT`);
  }
  const entries = entriesOf(list);
  const wait = mode === constants.LIO_WAIT;
  const event = wait ? null : sigeventArgument(sigevent);
  const submitted = entries.map(({ control }) => control);
  entries.forEach(writeOut);
  const tokens = entries.map(beginEntry);
  const listToken = event === null
    ? 0
    : expectCall(event.view, "", sigevent!.sigev_notify_function ?? null, "lio_listio");

  const result = libc().call.lio_listio(
    constants.LIO_NOWAIT,
    listArgument(submitted),
    submitted.length,
    event?.pointer ?? door().pointer(0),
  );
  const errno = result === -1 ? libc().errno() : 0;
  if (result === -1) {
    submitted.forEach((control, index) => settle(control, tokens[index], errno));
    // without memory for the list's notification, the requests run all the same [glibc rt/lio_listio.c]
    if (errno === platform().errno.EAGAIN) forget(listToken, false);
  }
  if (wait) {
    waitForAll("lio_listio", submitted);
    throwIfAnyFailed(submitted);
  } else if (result === -1) {
    throw new AioError("lio_listio", errno, `queue ${submitted.length} requests; aio_error() tells about each`);
  }
  return 0;
}

/** The entries that are to be queued, each of them fit for it. */
function entriesOf(list: readonly (Aiocb | null)[]): AiocbParts[] {
  checkList(list, "lio_listio");
  const entries = new Map<Control, AiocbParts>();
  for (const [index, cb] of list.entries()) {
    if (cb === null) continue;
    const parts = partsOf(cb, "lio_listio");
    if (parts.members.aio_lio_opcode === platform().constants.LIO_NOP) continue;
    if (entries.has(parts.control)) {
      throw new AioError("lio_listio", "EBUSY", `entry ${index} is the same control block as an entry before it`);
    }
    checkFit("lio_listio", parts);
    entries.set(parts.control, parts);
  }
  return [...entries.values()];
}

function sigeventArgument(sigevent: Partial<Sigevent> | null) {
  if (sigevent === null) return null;
  const { structs, constants } = platform();
  const event = structArgument(structs.sigevent);
  event.view.sigev_notify = sigevent.sigev_notify ?? constants.SIGEV_NONE;
  event.view.sigev_signo = sigevent.sigev_signo ?? 0;
  event.view.sigev_value = sigevent.sigev_value ?? 0;
  if (event.view.sigev_notify === constants.SIGEV_THREAD) {
    checkCall(sigevent.sigev_notify_function ?? null, "lio_listio");
  }
  return event;
}

/** Makes an entry ready for the call; its token is returned if a call of its notification function will come. */
function beginEntry(parts: AiocbParts): number {
  const { constants, status } = platform();
  const { view } = parts.control.slot;
  const token = expectCall(view, "aio_sigevent.", parts.notifyFunction, "lio_listio");
  if (status !== undefined) view.memory.setInt32(status.error.offset, UNTOUCHED, true);
  const opcode = view.aio_lio_opcode;
  const request = opcode === constants.LIO_READ
    ? "aio_read"
    : opcode === constants.LIO_WRITE
    ? "aio_write"
    : "lio_listio";
  begin(parts.control, request, parts.buffer);
  return token;
}

/** After a failed list: what libc never took is idle again, with the call's error where `aio_error()` finds it. */
function settle(control: Control, token: number, errno: number): void {
  const { status } = platform();
  const { pointer, view } = control.slot;
  const untouched = status !== undefined && libc().call.aio_error(pointer) === UNTOUCHED;
  if (untouched) {
    view.memory.setInt32(status.error.offset, errno, true);
    view.memory.setBigInt64(status.result.offset, -1n, true);
    end(control, "idle");
    forget(token, true);
  } else if (refresh(control) === "ended") {
    forget(token, false); // it was refused, or it has ended already and its call may still come
  }
}

function throwIfAnyFailed(submitted: readonly Control[]): void {
  const failed = submitted.map((control) => [control, libc().call.aio_error(control.slot.pointer)] as const)
    .filter(([, errno]) => errno !== 0);
  if (failed.length === 0) return;
  const [control, errno] = failed[0];
  throw new AioError(
    "lio_listio",
    "EIO",
    `${failed.length} of ${submitted.length} requests failed, the first with ${errnoName(errno)}: ${describe(control)}`,
  );
}
