/**
 * What a queue is told when it is made, waited for, cancelled and closed: checked, and with its defaults.
 *
 * @module
 */

import type { Operation } from "../engine/operation.ts";
import type { EngineName } from "../engine/engine_name.ts";
import { LANES_MAX } from "../engine/lanes/lane_policy.ts";
import { checkDescriptor, checkInteger, checkNames, namesOf } from "./check.ts";
import type { AioQueueOptions, BatchOptions, CancelFilter, CloseOptions } from "./options.ts";

/** Longest timeout in milliseconds that timers take. */
const TIMEOUT_MAX = 0x7fffffff;

const NAMES = namesOf("depth", "engine", "lanes", "threads", "waiter");
const BATCH_NAMES = namesOf("timeout");
const CLOSE_NAMES = namesOf("cancel", "timeout");
const CANCEL_NAMES = namesOf("fd", "tag");

/** How a queue is made. */
export interface QueueSettings {
  /** How many requests may be under way. */
  readonly depth: number;
  /** What runs them; `undefined` for what queues usually get. */
  readonly engine: EngineName | "auto" | undefined;
  /** A fixed number of lanes, or `undefined` to adapt it. */
  readonly lanes: number | undefined;
  /** How many threads libc may use. */
  readonly threads: number | undefined;
  /** What the engine's thread waits in. */
  readonly waiter: "auto" | "kqueue" | "suspend";
}

/**
 * Checks the options of a queue.
 *
 * @param options What the caller gave.
 * @returns The options with their defaults.
 * @throws {TypeError} If one is unknown, or does not go with another.
 * @throws {RangeError} If one is out of range.
 */
export function checkQueueOptions(options: AioQueueOptions): QueueSettings {
  checkNames("options", options, NAMES);
  const { depth = 64, engine, lanes: given = "auto", threads, waiter = "auto" } = options;
  checkInteger("depth", depth, 1, 65536);
  const lanes = given === "auto" ? undefined : checkInteger("lanes", given, 1, LANES_MAX);
  if (threads !== undefined) checkInteger("threads", threads, 1, 1024);
  if (!["auto", "kqueue", "suspend"].includes(waiter)) {
    throw new RangeError(`Cannot use waiter ${JSON.stringify(waiter)}: expected "auto", "kqueue" or "suspend"`);
  }
  if (engine !== undefined && !["posix", "io_uring", "auto"].includes(engine)) {
    throw new RangeError(`Cannot use engine ${JSON.stringify(engine)}: expected "posix", "io_uring" or "auto"`);
  }
  if (engine === "io_uring" && (threads !== undefined || waiter !== "auto")) {
    throw new TypeError('Cannot use threads or waiter together with engine "io_uring": they are the C library\'s');
  }
  return { depth, engine, lanes, threads, waiter };
}

/**
 * Checks how batches are waited for.
 *
 * @param options What the caller gave.
 * @returns The timeout in milliseconds, if there is one.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If no timer takes the timeout.
 */
export function checkBatchOptions(options: BatchOptions): number | undefined {
  checkNames("options", options, BATCH_NAMES);
  return checkTimeout(options.timeout);
}

/**
 * Checks how a queue is closed.
 *
 * @param options What the caller gave.
 * @returns Whether to cancel first, and the timeout in milliseconds, if there is one.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If no timer takes the timeout.
 */
export function checkCloseOptions(options: CloseOptions): { cancel: boolean; timeout: number | undefined } {
  checkNames("options", options, CLOSE_NAMES);
  const { cancel = false, timeout } = options;
  return { cancel, timeout: checkTimeout(timeout) };
}

/**
 * Checks which requests are to be cancelled.
 *
 * @param filter What the caller gave.
 * @returns Whether a request is meant.
 * @throws {TypeError | RangeError} If the filter is wrong.
 */
export function checkCancelFilter(filter: CancelFilter): (operation: Operation) => boolean {
  checkNames("filter", filter, CANCEL_NAMES);
  const fd = filter.fd === undefined ? undefined : checkDescriptor(filter.fd);
  return (operation) =>
    (fd === undefined || operation.fd === fd) && (!("tag" in filter) || operation.tag === filter.tag);
}

function checkTimeout(timeout: number | undefined): number | undefined {
  return timeout === undefined ? undefined : checkInteger("timeout", timeout, 0, TIMEOUT_MAX);
}
