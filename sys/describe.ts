/**
 * Requests in words, for error messages.
 *
 * @module
 */

import { platform } from "../structs/platform.ts";
import type { StructView } from "../structs/view.ts";

/** What is said about: a control block that was submitted. */
export interface Submitted {
  /** The function that submitted it. */
  readonly syscall: string;
  /** What libc was given. */
  readonly slot: { readonly view: StructView };
}

/**
 * Says in words what was submitted, from what libc was given.
 *
 * @param control A block that was submitted.
 * @returns For example `read 4096 bytes at offset 0 of descriptor 7`.
 */
export function describe({ syscall, slot: { view } }: Submitted): string {
  if (syscall === "aio_fsync") return `sync descriptor ${view.aio_fildes}`;
  if (syscall === "aio_mlock") return `lock ${view.aio_nbytes} bytes in memory`;
  const verb = syscall.startsWith("aio_write") ? "write" : syscall.startsWith("aio_read") ? "read" : "transfer";
  const { LIO_FOFFSET = 0, LIO_VECTORED = 0 } = platform().constants;
  const opcode = view.aio_lio_opcode;
  const vectored = syscall.endsWith("v") || (/2$|^lio/.test(syscall) && (opcode & LIO_VECTORED) !== 0);
  const amount = vectored ? `${view.aio_iovcnt} buffers` : `${countOf(view)} bytes`;
  const offset = view.memory.getBigInt64(platform().structs.aiocb.members.aio_offset.offset, true); // beyond a number's
  const place = syscall.endsWith("2") && (opcode & LIO_FOFFSET) !== 0 ? "the file's position" : `offset ${offset}`;
  return `${verb} ${amount} at ${place} of descriptor ${view.aio_fildes}`;
}

/** A length beyond a number's precision is refused by libc, and must be named all the same. */
function countOf(view: StructView): bigint {
  return view.memory.getBigUint64(platform().structs.aiocb.members.aio_nbytes.offset, true);
}
