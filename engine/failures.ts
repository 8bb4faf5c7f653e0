/**
 * What is said of a request that failed.
 *
 * @module
 */

import { AioError } from "../ffi/errno.ts";
import { platform } from "../structs/platform.ts";
import { checkRequest } from "../sys/descriptor.ts";
import type { Operation } from "./operation.ts";

/** The C function that a request goes to. */
export function syscallOf({ op }: Operation): string {
  return op === "sync" ? "aio_fsync" : op === "read" || op === "readv" ? "aio_read" : "aio_write";
}

/** What was tried. */
export function describe({ op, fd, offset, length }: Operation): string {
  const where = offset < 0 ? "the file's position" : `offset ${offset}`;
  return op === "sync" ? `descriptor ${fd}` : `${length} bytes at ${where} of descriptor ${fd}`;
}

/** The error of a request that was cancelled. */
export function canceled(operation: Operation): AioError {
  return new AioError("aio_cancel", "ECANCELED", describe(operation), { bytes: operation.moved });
}

/**
 * What is wrong with a request itself, where libc says EAGAIN to whatever it does not like.
 *
 * @returns The error, or `undefined` if libc could take it another time.
 */
export function faultOf(operation: Operation): Error | undefined {
  if (platform().behaviour.checksArguments) return undefined;
  const { fd, offset, moved, pieceBytes: bytes } = operation;
  const does = operation.op === "sync" ? "sync" : operation.reads ? "read" : "write";
  try {
    checkRequest(syscallOf(operation), { fd, does, offset: (offset ?? 0) + moved, bytes });
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
