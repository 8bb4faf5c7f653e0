/**
 * The iterables that a queue takes requests from: those of `submit`, whose completions the queue's own iterators bring, and
 * of each `run`, which brings its own.
 *
 * @module
 */

import process from "node:process";
import type { Operation } from "../engine/operation.ts";
import { errorOf } from "./aborts.ts";
import { checkNames, checkSignal, namesOf } from "./check.ts";
import { Intake } from "./intake.ts";
import { makeFromRequest } from "./make.ts";
import type { AioRequest, Completion } from "./request.ts";
import type { UnderWay } from "./under_way.ts";

const NAMES = namesOf(
  ...["op", "fd", "offset", "length", "buffer", "buffers", "dataOnly", "tag", "signal", "priority", "moved"],
);

/** The intakes of one queue. */
export class Intakes {
  readonly #underWay: UnderWay;
  readonly #depth: number;
  readonly #takes = {
    take: (request: AioRequest, intake: Intake) => this.#take(request, intake),
    refill: () => this.#underWay.refill(),
  };
  /** Of `submit` and the queue's own iterators. */
  readonly submitted: Intake = new Intake(this.#takes);
  /** That one, and one for each `run` that has not ended. */
  readonly #intakes: Intake[] = [this.submitted];

  /**
   * @param underWay Takes the requests.
   * @param depth How many may be under way or have a completion that nobody has consumed.
   */
  constructor(underWay: UnderWay, depth: number) {
    this.#underWay = underWay;
    this.#depth = depth;
  }

  /** Completions that wait to be consumed. */
  get unconsumed(): number {
    return this.#intakes.reduce((sum, { delivery }) => sum + delivery.length, 0);
  }

  /** Takes in requests whose completions the queue's own iterators bring; kept when all have been taken in. */
  submit(requests: Iterable<AioRequest> | AsyncIterable<AioRequest>): Promise<void> {
    const taken = this.submitted.feeds.add(requests);
    this.#underWay.refill();
    return taken;
  }

  /** Takes in requests and brings their completions, and no others. */
  run(requests: Iterable<AioRequest> | AsyncIterable<AioRequest>): AsyncIterableIterator<Completion> {
    const intake = new Intake(this.#takes);
    void intake.feeds.add(requests);
    this.#intakes.push(intake);
    this.#underWay.refill();
    const completions = intake.delivery.iterator(false, undefined) as AsyncIterableIterator<Completion>;
    const over = () => {
      const index = this.#intakes.indexOf(intake);
      if (index >= 0) this.#intakes.splice(index, 1);
    };
    return {
      next: async () => {
        try {
          const step = await completions.next();
          if (step.done === true) over();
          return step;
        } catch (error) {
          over();
          throw error;
        }
      },
      return: () => {
        over();
        intake.leave();
        for (const operation of this.#underWay.select(({ sink }) => sink === intake)) {
          this.#underWay.drop(operation, undefined);
        }
        return completions.return!();
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /**
   * Takes in one request more; once for each request, so without garbage.
   *
   * @param running How many run. Completions that nobody has consumed take room too.
   * @returns Whether there was one, and room.
   */
  pull(running: number): boolean {
    for (let index = 0; index < this.#intakes.length; index++) {
      const intake = this.#intakes[index];
      if (intake.feeds.length === 0 || running + intake.delivery.length >= this.#depth) continue;
      if (intake.feeds.pull()) return true;
    }
    return false;
  }

  /** Takes in nothing more, nor what programs ask for one by one. */
  close(): void {
    this.#underWay.close();
    for (const intake of [...this.#intakes]) intake.close();
  }

  /** What an iterable threw must not get lost where nobody has iterated the completions. */
  warnOfUnseen(): void {
    const unseen = this.submitted.delivery.unseen;
    if (unseen === 0) return;
    process.emitWarning(
      `AioQueue closed while ${
        unseen === 1 ? "an error" : `${unseen} errors`
      } of submitted iterables had not been seen: ` +
        "iterate the queue, or await what submit() returns",
    );
  }

  /** Takes in a request that was submitted; a wrong one ends at once. */
  #take(request: AioRequest, intake: Intake): void {
    let operation: Operation;
    let signal: AbortSignal | undefined;
    try {
      checkNames("request", request, NAMES);
      signal = checkSignal(request.signal);
      if (signal?.aborted) throw errorOf(signal);
      operation = makeFromRequest(this.#underWay.owner, request);
    } catch (error) {
      const { tag, op, fd, offset = 0, buffer = null, buffers = null } = (request ?? {}) as AioRequest;
      this.#underWay.counters.failed++;
      intake.push({ tag, op, fd, offset: Number(offset ?? -1), bytes: 0, buffer, buffers, error });
      return;
    }
    operation.sink = intake;
    this.#underWay.enter(operation, signal);
  }
}
