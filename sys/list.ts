/**
 * `lio_listio`: many requests in one call.
 *
 * The whole list is looked at before libc sees any of it. The waiting of `LIO_WAIT` is done here, because glibc's own
 * leaves pointers into the caller's stack behind when a signal ends it.
 *
 * @module
 */

import { door } from "../ffi/door.ts";
import type { Pointer } from "../ffi/native.ts";
import { AioError } from "../ffi/errno.ts";
import { libc } from "../ffi/libc.ts";
import { platform } from "../structs/platform.ts";
import type { Aiocb } from "./aiocb.ts";
import { checkInt, keptArgument, layAddresses, listArgument, structArgument } from "./arguments.ts";
import type { KeptArgument } from "./arguments.ts";
import type { Control } from "./control.ts";
import { beginEntry, entriesOf, notQueued, settle, throwIfAnyFailed } from "./list_entries.ts";
import { checkCall, expectCall, forget } from "./notify.ts";
import { setSigevent } from "./sigevent.ts";
import type { SigeventMembers } from "./sigevent.ts";
import { writeOut } from "./submission.ts";
import { waitForAll } from "./suspend.ts";
import { viewOf } from "../structs/view.ts";
import type { StructView } from "../structs/view.ts";

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
 * using buffer = allocate(64);
 * const list = [0, 32].map((aio_offset) => {
 *   const aio_buf = buffer.subarray(aio_offset, aio_offset + 32);
 *   return new Aiocb({ aio_fildes: fd, aio_offset, aio_buf, aio_nbytes: 32, aio_lio_opcode: LIO_READ });
 * });
 * lio_listio(LIO_WAIT, list, null);
 * console.log(list.map(aio_return)); // [32, 32]
 * closeSync(fd);
 * ```
 *
 * @param mode `LIO_WAIT` or `LIO_NOWAIT`.
 * @param list The requests, at most 16384 (FreeBSD 256, macOS 16); `null` entries and those with `LIO_NOP` are skipped.
 * @param sigevent How to tell the end of all with `LIO_NOWAIT`; `null` for not at all.
 * @returns 0.
 * @throws {AioError} EIO if a request failed (`LIO_WAIT`; FreeBSD: in either mode if a request could not be queued, whatever
 * became of those that were); EINTR if a signal came while waiting, with the requests still
 * going on; EAGAIN if libc has no memory or threads; EINVAL for another `mode`, or a bad `aio_reqprio` (`LIO_NOWAIT`); EBUSY
 * if a block is in flight or twice in the list, and EFAULT if an `aio_buf` is `null`: then nothing was queued.
 * @throws {RangeError} If an `aio_buf` is shorter than its `aio_nbytes`; nothing was queued.
 * @throws {TypeError} If the list or an entry is of the wrong type; nothing was queued.
 */
export function lio_listio(
  mode: number,
  list: readonly (Aiocb | null)[],
  sigevent: SigeventMembers | null = null,
): number {
  const { behaviour, constants } = platform();
  checkInt(mode, "mode", "lio_listio");
  if (mode !== constants.LIO_WAIT && mode !== constants.LIO_NOWAIT) {
    throw new AioError("lio_listio", "EINVAL", `mode ${mode} is neither LIO_WAIT nor LIO_NOWAIT`);
  }
  const entries = entriesOf(list);
  const wait = mode === constants.LIO_WAIT;
  const event = wait ? null : sigeventArgument(sigevent);
  const submitted = entries.map(({ parts: { control } }) => control);
  writeOut(entries.map(({ parts, span }) => [parts, span] as const));
  const tokens = entries.map(beginEntry);
  const listToken = event === null
    ? 0
    : expectCall(event.view, "", sigevent!.sigev_notify_function ?? null, "lio_listio");
  const kept = keepList(event?.view, submitted);

  const result = libc().call.lio_listio(
    constants.LIO_NOWAIT,
    kept?.pointer ?? listArgument(submitted),
    submitted.length,
    event?.pointer ?? door().pointer(0),
  );
  // musl says nothing of an operation that it does not know and passes over [musl src/aio/lio_listio.c]
  const errno = result === -1 ? libc().errno() : platform().errno.EINVAL;
  if (result === -1 || submitted.some(({ syscall }) => syscall === "lio_listio")) {
    submitted.forEach((control, index) => settle(control, tokens[index], errno));
  }
  // without memory for the list's notification, the requests run all the same [glibc rt/lio_listio.c]
  if (result === -1 && errno === platform().errno.EAGAIN) forget(listToken, false);
  if (kept !== undefined) releaseWhenForgotten(kept, submitted);
  if (wait) waitForAll("lio_listio", submitted);
  if (wait && behaviour.listTellsFailures) throwIfAnyFailed(submitted);
  else if (result === -1) throw notQueued(submitted, errno);
  return 0;
}

function sigeventArgument(sigevent: SigeventMembers | null): { view: StructView; pointer: Pointer } | null {
  if (sigevent === null) return null;
  const { behaviour, structs, constants } = platform();
  const event = behaviour.keepsListEvent ? keptEvent() : structArgument(structs.sigevent);
  setSigevent(event.view, sigevent);
  if (event.view.sigev_notify === constants.SIGEV_THREAD) {
    checkCall(sigevent.sigev_notify_function ?? null, "lio_listio");
  }
  return event;
}

/** Never given back: when musl has read it for the last time cannot be seen [musl src/aio/lio_listio.c]. */
function keptEvent(): { view: StructView; pointer: Pointer } {
  const layout = platform().structs.sigevent;
  const { memory, pointer } = keptArgument(layout.size);
  new Uint8Array(memory).fill(0);
  return { view: viewOf(layout, memory), pointer };
}

/** FreeBSD's event of a list names it by its address, so no other list may lie there until the system forgets it. */
function keepList(event: StructView | undefined, submitted: readonly Control[]): KeptArgument | undefined {
  if (event === undefined || event.sigev_notify !== platform().constants.SIGEV_KEVENT) return undefined;
  const kept = keptArgument(Math.max(1, submitted.length) * 8);
  layAddresses(kept.memory, submitted);
  return kept;
}

/** The kernel's record of a list lives until its last request is reaped [FreeBSD vfs_aio.c:aio_free_entry]. */
function releaseWhenForgotten(kept: KeptArgument, submitted: readonly Control[]): void {
  const queued = submitted.filter(({ state }) => state !== "idle");
  let left = queued.length;
  if (left === 0) kept.release();
  for (const control of queued) {
    control.whenForgotten = () => {
      if (--left === 0) kept.release();
    };
  }
}
