/**
 * The requests of a list: looked at before libc sees any, begun, and settled where libc did not take them.
 *
 * @module
 */

import { AioError, errnoName } from "../ffi/errno.ts";
import { libc } from "../ffi/libc.ts";
import { platform } from "../structs/platform.ts";
import { partsOf } from "./aiocb.ts";
import type { Aiocb, AiocbParts } from "./aiocb.ts";
import { checkList } from "./arguments.ts";
import { begin, end, reclaim, refresh } from "./control.ts";
import type { Control } from "./control.ts";
import { describe } from "./describe.ts";
import { refusalHint } from "./descriptor.ts";
import { expectCall, forget } from "./notify.ts";
import { buffersOf, checkFit } from "./submission.ts";
import type { Span } from "./submission.ts";

/** What the error word holds before a list is submitted: no error number, so that untouched entries can be told. */
const UNTOUCHED = 0x5a5a5a5a;

/** A request of a list. */
export interface Entry {
  readonly parts: AiocbParts;
  readonly span: Span;
}

/** The entries that are to be queued, each of them fit for it. */
export function entriesOf(list: readonly (Aiocb | null)[]): Entry[] {
  checkList(list, "lio_listio");
  const { LIO_NOP, LIO_VECTORED = 0 } = platform().constants;
  const entries = new Map<Control, Entry>();
  for (const [index, cb] of list.entries()) {
    if (cb === null) continue;
    const parts = partsOf(cb, "lio_listio");
    const opcode = parts.members.aio_lio_opcode;
    if (opcode === LIO_NOP) continue;
    if (entries.has(parts.control)) {
      throw new AioError("lio_listio", "EBUSY", `entry ${index} is the same control block as an entry before it`);
    }
    const span = (opcode & LIO_VECTORED) === 0 ? "buffer" : "buffers";
    checkFit("lio_listio", parts, span);
    entries.set(parts.control, { parts, span });
  }
  return [...entries.values()];
}

/** Makes an entry ready for the call; its token is returned if a call of its notification function will come. */
export function beginEntry({ parts, span }: Entry): number {
  const { status, submission } = platform();
  const { view } = parts.control.slot;
  const token = expectCall(view, "aio_sigevent.", parts.notifyFunction, "lio_listio");
  if (status !== undefined) view.memory.setInt32(status.error.offset, UNTOUCHED, true);
  if (submission !== undefined) view.memory.setBigInt64(submission.error.offset, BigInt(UNTOUCHED), true);
  begin(parts.control, requestName(view.aio_lio_opcode), buffersOf(parts, span));
  return token;
}

/** The function that would have queued the same request. */
function requestName(opcode: number): string {
  const { LIO_READ, LIO_WRITE, LIO_READV, LIO_WRITEV } = platform().constants;
  const names: readonly (readonly [number, string])[] = [
    [LIO_READ, "aio_read"],
    [LIO_WRITE, "aio_write"],
    [LIO_READV, "aio_readv"],
    [LIO_WRITEV, "aio_writev"],
  ];
  return names.find(([code]) => code === opcode)?.[1] ?? "lio_listio";
}

/** After a failed list: what libc never took is idle again, with the call's error where `aio_error()` finds it. */
export function settle(control: Control, token: number, errno: number): void {
  const { status, submission, errno: numbers } = platform();
  const { pointer, view } = control.slot;
  if (status !== undefined && libc().call.aio_error(pointer) === UNTOUCHED) {
    view.memory.setInt32(status.error.offset, errno, true);
    view.memory.setBigInt64(status.result.offset, -1n, true);
    leave(control, token);
  } else if (submission !== undefined) {
    const noted = Number(view.memory.getBigInt64(submission.error.offset, true));
    if (noted === UNTOUCHED) {
      view.memory.setBigInt64(submission.error.offset, BigInt(errno), true);
      view.memory.setBigInt64(submission.status.offset, -1n, true);
    }
    if (noted !== numbers.EINPROGRESS) leave(control, token);
  } else if (status === undefined && libc().call.aio_error(pointer) === -1) {
    leave(control, token); // macOS does not know it
  }
  if (control.state === "in flight" && refresh(control) === "ended") {
    forget(token, false); // it was refused, or it has ended already and its call may still come
  }
}

/** Takes back an entry that libc did not take. */
function leave(control: Control, token: number): void {
  end(control, "idle");
  forget(token, true);
}

/** Throws if a request of a list that was waited for has failed. */
export function throwIfAnyFailed(submitted: readonly Control[]): void {
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

/** The error of a list that was not queued as a whole. */
export function notQueued(submitted: readonly Control[], errno: number): AioError {
  const { call } = libc();
  const refused = submitted.filter(({ state }) => state === "idle");
  let text = `queue ${submitted.length} requests; aio_error() tells about each`;
  if (refused.length > 0 && platform().submission !== undefined) {
    const reason = call.aio_error(refused[0].slot.pointer);
    const hint = refusalHint(reason, refused[0].slot.view.aio_fildes);
    text += `; ${refused.length} were refused, the first with ${errnoName(reason)}: ${describe(refused[0])}${hint}`;
  }
  if (platform().behaviour.mustReap) reclaim(); // for the next try
  return new AioError("lio_listio", errno, text);
}
