/**
 * Makes operations from what callers ask for, after checking every argument.
 *
 * @module
 */

import { Operation } from "./operation.ts";
import type { OperationOwner } from "./operation.ts";
import { checkBuffer, checkBuffers, checkDescriptor, checkInteger, checkLength, checkPosition } from "./request.ts";
import type { AioRequest, ReadOptions, RequestOptions, SyncOptions, WriteOptions } from "./request.ts";

/** Widest priorities, both ways. */
const PRIORITY_MAX = 1_000_000;

/** A read, with or without a buffer. */
export function makeRead(owner: OperationOwner, fd: number, options: ReadOptions, tag?: unknown): Operation {
  const { offset, length, buffer } = options;
  checkDescriptor(fd);
  const at = checkPosition(offset);
  if (buffer === undefined) {
    return new Operation(owner, "read", fd, at, checkLength(length), null, null, false, priorityOf(options), tag);
  }
  checkBuffer("buffer", buffer);
  const bytes = length === undefined ? buffer.length : checkInteger("length", length, 0, buffer.length);
  return new Operation(owner, "read", fd, at, bytes, buffer, null, false, priorityOf(options), tag);
}

/** A write. */
export function makeWrite(
  owner: OperationOwner,
  fd: number,
  buffer: Uint8Array,
  options: WriteOptions,
  tag?: unknown,
): Operation {
  checkDescriptor(fd);
  const at = checkPosition(options.offset);
  checkBuffer("buffer", buffer);
  return new Operation(owner, "write", fd, at, buffer.length, buffer, null, false, priorityOf(options), tag);
}

/** A vectored read or write. */
export function makeVector(
  owner: OperationOwner,
  op: "readv" | "writev",
  fd: number,
  buffers: unknown,
  options: WriteOptions,
  tag?: unknown,
): Operation {
  checkDescriptor(fd);
  const at = checkPosition(options.offset);
  const { parts, length } = checkBuffers(buffers);
  return new Operation(owner, op, fd, at, length, null, parts, false, priorityOf(options), tag);
}

/** A sync. */
export function makeSync(owner: OperationOwner, fd: number, options: SyncOptions, tag?: unknown): Operation {
  checkDescriptor(fd);
  return new Operation(owner, "sync", fd, 0, 0, null, null, options.dataOnly === true, priorityOf(options), tag);
}

/**
 * Whatever a request object asks for.
 *
 * @param owner Who is told when it has ended.
 * @param request The request.
 * @returns The operation.
 * @throws {TypeError | RangeError} If the request is wrong.
 */
export function makeFromRequest(owner: OperationOwner, request: AioRequest): Operation {
  if (request === null || typeof request !== "object") {
    throw new TypeError(`Cannot use request ${request}: expected an object`);
  }
  const { op, fd, tag } = request;
  switch (op) {
    case "read":
      return makeRead(owner, fd, request, tag);
    case "write":
      return makeWrite(owner, fd, request.buffer as Uint8Array, request, tag);
    case "readv":
    case "writev":
      return makeVector(owner, op, fd, request.buffers, request, tag);
    case "sync":
      return makeSync(owner, fd, request, tag);
    default:
      throw new TypeError(`Cannot use op ${JSON.stringify(op)}: expected read, write, readv, writev or sync`);
  }
}

function priorityOf({ priority }: RequestOptions): number {
  return priority === undefined ? 0 : checkInteger("priority", priority, -PRIORITY_MAX, PRIORITY_MAX);
}
