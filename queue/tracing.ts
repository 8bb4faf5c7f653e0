/**
 * What a queue tells to `node:diagnostics_channel`: the two plain channels `posix.aio.submit` and `posix.aio.completion`, and
 * the five of the tracing channel `posix.aio.request`. Nothing is made and no clock is asked where nobody subscribes.
 *
 * The channels are asked for one by one: Bun's tracing channel does not tell whether it has subscribers, and an old runtime
 * has none.
 *
 * @module
 */

import { channel } from "node:diagnostics_channel";
import type { Operation } from "../engine/operation.ts";
import type { RequestOp } from "./request.ts";

/** What is told of a request; the object is the same for all its events, and subscribers may add to it. */
export interface RequestTrace {
  /** The `AioQueue`. */
  readonly queue: object;
  /** What it does. */
  readonly op: RequestOp;
  /** The descriptor's number. */
  readonly fd: number;
  /** Where in the file, in bytes; -1 for the file's own position. */
  readonly offset: number;
  /** Bytes that it is to move; 0 for a sync. */
  readonly length: number;
  /** The mark of a submitted request. */
  readonly tag: unknown;
  /** From `asyncStart` on: when it left the queue for the engine, in milliseconds of `performance.now()`, if it ever did. */
  readonly submittedAt?: number | undefined;
  /** From `asyncStart` on, or `error`: bytes that were moved. */
  readonly bytes?: number | undefined;
  /** From `error` on: what it failed with. */
  readonly error?: unknown;
}

const submissions = channel("posix.aio.submit");
const completions = channel("posix.aio.completion");
const [starts, ends, asyncStarts, asyncEnds, errors] = ["start", "end", "asyncStart", "asyncEnd", "error"]
  .map((event) => channel(`tracing:posix.aio.request:${event}`));

/** Whether anybody wants to know of a request from its beginning. */
function traced(): boolean {
  return starts.hasSubscribers || asyncEnds.hasSubscribers || asyncStarts.hasSubscribers || errors.hasSubscribers ||
    ends.hasSubscribers;
}

/** A queue has taken in a request; told where its caller is, in the same asynchronous context. */
export function tellStart(queue: object, operation: Operation): void {
  if (!traced()) return;
  const { op, fd, offset, length, sink, tag } = operation;
  const trace: RequestTrace = {
    ...{ queue, op, fd, offset, length, tag: sink === null ? undefined : tag }, // a file's own mark is nobody's business
    ...{ submittedAt: undefined, bytes: undefined, error: undefined },
  };
  operation.trace = trace;
  starts.publish(trace);
}

/** The synchronous part is over: it is with the engine, or waits for room. */
export function tellEnd({ trace }: Operation): void {
  if (trace !== null) ends.publish(trace);
}

/** It goes to the engine. */
export function tellSubmission(queue: object, { op, fd, offset, length }: Operation): void {
  if (submissions.hasSubscribers) submissions.publish({ queue, op, fd, offset, length });
}

/**
 * It has been answered, and its caller will be told.
 *
 * @param queue The queue.
 * @param operation The request.
 * @param error What it failed with, or `undefined`.
 * @returns What {@linkcode tellAsyncEnd} needs when the caller has been told.
 */
export function tellAnswer(queue: object, operation: Operation, error: unknown): object | null {
  const { op, fd, offset, moved: bytes, trace, descriptor, submittedAt } = operation;
  if (completions.hasSubscribers) completions.publish({ queue, op, fd, offset, bytes, error });
  if (trace === null) return null;
  operation.trace = null;
  Object.assign(trace, { submittedAt: descriptor === null ? undefined : submittedAt, bytes, error });
  if (error !== undefined) errors.publish(trace);
  asyncStarts.publish(trace);
  return trace;
}

/** The promise is settled, or the completion lies ready. */
export function tellAsyncEnd(trace: object | null): void {
  if (trace !== null) asyncEnds.publish(trace);
}
