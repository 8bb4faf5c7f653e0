/**
 * Makes operations from what callers ask for, after checking every argument.
 *
 * @module
 */

import type { Operation, OperationOwner } from "../engine/operation.ts";
import { borrow } from "../engine/pieces.ts";
import {
  checkBuffer,
  checkBuffers,
  checkContent,
  checkDescriptor,
  checkInteger,
  checkLength,
  checkMoved,
  checkPosition,
} from "./check.ts";
import type { AioRequest, DescriptorLike, RequestOp } from "./request.ts";
import { takeOperation } from "../engine/spares.ts";

/** Widest priorities, both ways. */
const PRIORITY_MAX = 1_000_000;

/** What requests can say beside their bytes. */
type Options = Pick<AioRequest, "offset" | "length" | "dataOnly" | "priority" | "moved">;

/**
 * Makes an operation.
 *
 * @param owner Who is told when it has ended.
 * @param op What to do.
 * @param fd The descriptor.
 * @param bytes The array or arrays it moves; a read and a sync need none.
 * @param options What else it says.
 * @param tag The caller's mark.
 * @returns The operation.
 * @throws {TypeError | RangeError} If an argument is wrong.
 */
export function makeOperation(
  owner: OperationOwner,
  op: RequestOp,
  fd: DescriptorLike,
  bytes: unknown,
  options: Options,
  tag?: unknown,
): Operation {
  const told = checkMoved(options.moved);
  const operation = operationOf(owner, op, checkDescriptor(fd), bytes, options, tag);
  if (told !== null) operation.told = told;
  if (typeof fd === "object") operation.holder = fd;
  return operation;
}

function operationOf(
  owner: OperationOwner,
  op: RequestOp,
  fd: number,
  bytes: unknown,
  options: Options,
  tag: unknown,
): Operation {
  const { offset, length, dataOnly } = options;
  switch (op) {
    case "read": {
      const at = checkPosition(offset);
      const buffer = bytes === undefined ? null : checkBuffer("buffer", bytes);
      const most = buffer === null || length === undefined
        ? buffer?.length ?? checkLength(length)
        : checkInteger("length", length, 0, buffer.length);
      return borrow(takeOperation().begin(owner, op, fd, at, most, buffer, null, false, priorityOf(options), tag));
    }
    case "write": {
      const at = checkPosition(offset);
      const buffer = checkContent("buffer", bytes);
      return borrow(
        takeOperation().begin(owner, op, fd, at, buffer.length, buffer, null, false, priorityOf(options), tag),
      );
    }
    case "readv":
    case "writev": {
      const at = checkPosition(offset);
      const { parts, length } = checkBuffers(bytes, op === "readv" ? checkBuffer : checkContent);
      return borrow(takeOperation().begin(owner, op, fd, at, length, null, parts, false, priorityOf(options), tag));
    }
    case "sync":
      return takeOperation().begin(owner, op, fd, 0, 0, null, null, dataOnly === true, priorityOf(options), tag);
    default:
      throw new TypeError(`Cannot use op ${JSON.stringify(op)}: expected read, write, readv, writev or sync`);
  }
}

/**
 * Makes an operation of a request object.
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
  const { op, fd, buffer, buffers, tag } = request;
  return makeOperation(owner, op, fd, op === "readv" || op === "writev" ? buffers : buffer, request, tag);
}

function priorityOf({ priority }: Options): number {
  return priority === undefined ? 0 : checkInteger("priority", priority, -PRIORITY_MAX, PRIORITY_MAX);
}
