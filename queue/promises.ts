/**
 * Requests that are asked for one by one, each with a promise.
 *
 * @module
 */

import { reasonOf } from "./aborts.ts";
import { checkNames, checkSignal, namesOf } from "./check.ts";
import { makeOperation } from "./make.ts";
import { ASKER } from "./request.ts";
import type { DescriptorLike, ReadOptions, RequestOp, RequestOptions } from "./request.ts";
import type { UnderWay } from "./under_way.ts";

/** What may be said of a request. */
const NAMES = {
  read: namesOf("offset", "length", "buffer", "signal", "priority", "moved"),
  write: namesOf("offset", "signal", "priority", "moved"),
  readv: namesOf("offset", "signal", "priority", "moved"),
  writev: namesOf("offset", "signal", "priority", "moved"),
  sync: namesOf("dataOnly", "signal", "priority", "moved"),
};

type Resolve = (value: unknown) => void;
type Reject = (error: unknown) => void;

/** The functions of the promise that was made last: with an executor of its own, each would leave twice the garbage. */
const made: { resolve: Resolve; reject: Reject } = { resolve() {}, reject() {} };

function keepResolvers(resolve: Resolve, reject: Reject): void {
  made.resolve = resolve;
  made.reject = reject;
}

/** The promises of one queue. */
export class Promises {
  readonly #underWay: UnderWay;

  /** @param underWay Takes the requests. */
  constructor(underWay: UnderWay) {
    this.#underWay = underWay;
  }

  /**
   * Asks for a request.
   *
   * @param op What to do.
   * @param fd The descriptor.
   * @param bytes The array or arrays of all but a read and a sync.
   * @param options What the caller says of it.
   * @returns The result of the request; rejected with its error, or with what is wrong with an argument.
   */
  ask(op: RequestOp, fd: DescriptorLike, bytes: unknown, options: RequestOptions): Promise<unknown> {
    const promise = new Promise<unknown>(keepResolvers);
    const { resolve, reject } = made;
    try {
      this.#underWay.mustBeOpen();
      checkNames("options", options, NAMES[op]);
      const signal = checkSignal(options.signal);
      if (signal?.aborted) throw reasonOf(signal);
      const given = op === "read" ? (options as ReadOptions).buffer : bytes;
      const asker = (options as { [ASKER]?: unknown })[ASKER];
      const operation = makeOperation(this.#underWay.owner, op, fd, given, options, asker);
      operation.resolve = resolve;
      operation.reject = reject;
      this.#underWay.enter(operation, signal);
    } catch (error) {
      reject(error);
    }
    return promise;
  }
}
