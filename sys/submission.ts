/**
 * What every submission does first: refuse what would harm the process, and write the members out to libc's copy.
 *
 * @module
 */

import { door } from "../ffi/door.ts";
import { AioError } from "../ffi/errno.ts";
import { platform } from "../structs/platform.ts";
import type { AiocbParts } from "./aiocb.ts";
import { requireUnowned } from "./control.ts";
import { checkCall } from "./notify.ts";

/**
 * Refuses what libc must not see.
 *
 * @param syscall The C function that is about to be called.
 * @param parts The control block.
 * @throws {AioError} EBUSY, EFAULT or ENOTSUP.
 * @throws {RangeError} If the buffer is too short.
 * @throws {TypeError} If the buffer is detached, or a notification function is missing.
 */
export function checkFit(syscall: string, { control, members, buffer, notifyFunction }: AiocbParts): void {
  requireUnowned(control, syscall, "submit");
  if (members["aio_sigevent.sigev_notify"] === platform().constants.SIGEV_THREAD) checkCall(notifyFunction, syscall);
  if (syscall !== "aio_fsync") checkBuffer(syscall, members.aio_nbytes, buffer);
}

function checkBuffer(syscall: string, nbytes: number, buffer: Uint8Array | null): void {
  if (buffer === null) {
    if (nbytes === 0) return;
    throw new AioError(syscall, "EFAULT", `aio_buf is null and aio_nbytes is ${nbytes}`);
  }
  if ((buffer.buffer as ArrayBuffer).detached) {
    throw new TypeError(`Cannot call ${syscall}(): the memory of aio_buf is detached`);
  }
  if (nbytes > buffer.byteLength) {
    throw new RangeError(
      `Cannot call ${syscall}(): aio_nbytes is ${nbytes}, but aio_buf has ${buffer.byteLength} bytes`,
    );
  }
}

/**
 * Gives libc its copy of the members.
 *
 * @param parts A control block that libc does not own.
 */
export function writeOut({ control, members, buffer }: AiocbParts): void {
  const { bytes, view } = control.slot;
  bytes.set(new Uint8Array(members.memory.buffer));
  if (buffer !== null && buffer.byteLength > 0) view.aio_buf = door().addressOf(buffer);
}
