/**
 * What every submission does first: refuse what would harm the process, and write the members out to libc's copy; and
 * the submission of one request.
 *
 * @module
 */

import { door } from "../ffi/door.ts";
import type { Pointer } from "../ffi/native.ts";
import { AioError } from "../ffi/errno.ts";
import { libc } from "../ffi/libc.ts";
import { threadsInForce } from "../ffi/threads.ts";
import { platform } from "../structs/platform.ts";
import type { AiocbParts } from "./aiocb.ts";
import { layIovecs } from "./arguments.ts";
import { begin, end, reclaim, requireUnowned } from "./control.ts";
import { describe } from "./describe.ts";
import { checkDescriptor, refusalHint } from "./descriptor.ts";
import { checkCall, expectCall, forget } from "./notify.ts";

/** What a request works on: one buffer, several, or none. */
export type Span = "buffer" | "buffers" | "nothing";

/**
 * Refuses what libc must not see.
 *
 * @param syscall The C function that is about to be called.
 * @param parts The control block.
 * @param span What the request works on.
 * @throws {AioError} EBUSY, EFAULT, EINVAL or ENOTSUP.
 * @throws {RangeError} If there is less memory than the block says.
 * @throws {TypeError} If a buffer is detached, or a notification function is missing.
 */
export function checkFit(syscall: string, parts: AiocbParts, span: Span): void {
  const { control, members, notifyFunction } = parts;
  requireUnowned(control, syscall, "submit");
  if (members["aio_sigevent.sigev_notify"] === platform().constants.SIGEV_THREAD) checkCall(notifyFunction, syscall);
  if (span === "buffer") checkBuffer(syscall, members.aio_nbytes, parts.buffer);
  if (span === "buffers") checkBuffers(syscall, members.aio_iovcnt, parts.iov);
  if (!platform().behaviour.checksArguments) checkDescriptor(syscall, members);
}

function checkBuffer(syscall: string, nbytes: number, buffer: Uint8Array | null): void {
  if (buffer === null) {
    if (nbytes === 0) return;
    throw new AioError(syscall, "EFAULT", `aio_buf is null and aio_nbytes is ${nbytes}`);
  }
  checkAttached(syscall, "aio_buf", buffer);
  if (nbytes > buffer.byteLength) {
    throw new RangeError(
      `Cannot call ${syscall}(): aio_nbytes is ${nbytes}, but aio_buf has ${buffer.byteLength} bytes`,
    );
  }
}

function checkBuffers(syscall: string, count: number, iov: readonly Uint8Array[] | null): void {
  if (iov === null) throw new AioError(syscall, "EFAULT", "aio_iov is null");
  if (count === 0 || iov.length === 0) {
    throw new AioError(syscall, "EINVAL", `aio_iovcnt is ${count}, and aio_iov has ${iov.length} buffers`);
  }
  const { IOV_MAX } = platform().constants;
  if (count > IOV_MAX) throw new AioError(syscall, "EINVAL", `aio_iovcnt ${count} is more than IOV_MAX, ${IOV_MAX}`);
  if (count > iov.length) {
    throw new RangeError(`Cannot call ${syscall}(): aio_iovcnt is ${count}, but aio_iov has ${iov.length} buffers`);
  }
  for (let index = 0; index < count; index++) checkAttached(syscall, `aio_iov[${index}]`, iov[index]);
}

function checkAttached(syscall: string, name: string, bytes: Uint8Array): void {
  if (!(bytes.buffer as ArrayBuffer).detached) return;
  throw new TypeError(`Cannot call ${syscall}(): the memory of ${name} is detached`);
}

/**
 * Gives libc its copy of the members.
 *
 * @param requests Control blocks that libc does not own, and what each works on.
 */
export function writeOut(requests: readonly (readonly [AiocbParts, Span])[]): void {
  threadsInForce(null); // from the first request on no queue can ask for more
  const vectored: { readonly parts: AiocbParts; readonly buffers: readonly Uint8Array[] }[] = [];
  for (const [parts, span] of requests) {
    const { control: { slot }, members, buffer } = parts;
    slot.bytes.set(new Uint8Array(members.memory.buffer));
    if (span === "buffers") vectored.push({ parts, buffers: buffersOf(parts, span) });
    else if (buffer !== null && buffer.byteLength > 0) slot.view.aio_buf = door().addressOf(buffer);
  }
  if (vectored.length === 0) return;
  const addresses = layIovecs(vectored.map(({ buffers }) => buffers));
  for (const [index, { parts }] of vectored.entries()) parts.control.slot.view.aio_iov = addresses[index];
}

/**
 * The arrays that libc reads or writes.
 *
 * @param parts The control block.
 * @param span What the request works on.
 * @returns The arrays.
 */
export function buffersOf({ buffer, iov, members }: AiocbParts, span: Span): readonly Uint8Array[] {
  if (span === "buffers") return iov!.slice(0, members.aio_iovcnt);
  return span === "nothing" || buffer === null ? [] : [buffer];
}

/**
 * Submits one request.
 *
 * @param syscall The C function.
 * @param parts The control block.
 * @param span What the request works on.
 * @param call Calls the function.
 * @returns What C returns.
 * @throws {AioError} What libc refuses, or this package on its behalf.
 */
export function submitOne(syscall: string, parts: AiocbParts, span: Span, call: (pointer: Pointer) => number): number {
  const { control } = parts;
  checkFit(syscall, parts, span);
  writeOut([[parts, span]]);
  const token = expectCall(control.slot.view, "aio_sigevent.", parts.notifyFunction, syscall);
  begin(control, syscall, buffersOf(parts, span));
  let result = call(control.slot.pointer);
  let errno = result === -1 ? libc().errno() : 0;
  if (errno === platform().errno.EAGAIN && reclaim()) { // what was given up unreaped held the place
    result = call(control.slot.pointer);
    errno = result === -1 ? libc().errno() : 0;
  }
  if (result !== -1) return result;
  end(control, "idle");
  forget(token, true);
  throw new AioError(syscall, errno, describe(control) + refusalHint(errno, control.slot.view.aio_fildes));
}
