/**
 * What a queue counts: requests, bytes, and how long they took.
 *
 * @module
 */

import type { Operation } from "../engine/operation.ts";

/**
 * What a queue has done and is doing.
 *
 * @example
 * ```ts
 * import { AioQueue } from "@posix/aio";
 * import type { QueueStats } from "@posix/aio";
 * import { closeSync, openSync } from "node:fs";
 *
 * await using queue = new AioQueue();
 * const fd = openSync("README.md", "r");
 * await queue.read(fd, { length: 12 });
 * const stats: QueueStats = queue.stats();
 * console.log(stats.completed, stats.bytesRead); // 1 12
 * closeSync(fd);
 * ```
 */
export interface QueueStats {
  /** Requests handed to the engine so far. */
  readonly submitted: number;
  /** Requests that ended without an error. */
  readonly completed: number;
  /** Requests that ended with an error. */
  readonly failed: number;
  /** Bytes read so far. */
  readonly bytesRead: number;
  /** Bytes written so far. */
  readonly bytesWritten: number;
  /** Requests of this queue that have not ended. */
  readonly inFlight: number;
  /** Completions that wait to be consumed. */
  readonly unconsumed: number;
  /** Requests of all queues of this thread that libc holds now. */
  readonly held: number;
  /** Lanes of all descriptors of this thread with requests now. */
  readonly lanes: number;
  /** `latency[n]` requests took from 2^n to 2^(n+1) microseconds, the first also less, the last also more. */
  readonly latency: readonly number[];
}

const BUCKETS = 26;

/** The counters of one queue. */
export class QueueCounters {
  submitted = 0;
  failed = 0;
  #completed = 0;
  #bytesRead = 0;
  #bytesWritten = 0;
  readonly #latency: number[] = new Array(BUCKETS).fill(0);

  /** Counts a request that has ended; `now` in milliseconds of `performance.now()`. */
  ended(operation: Operation, now: number): void {
    // what an aborted request moved before it ended was moved all the same
    if (operation.reads) this.#bytesRead += operation.moved;
    else if (operation.writes) this.#bytesWritten += operation.moved;
    if (operation.settled) return; // counted when it was aborted
    if (operation.error === undefined) this.#completed++;
    else this.failed++;
    if (operation.descriptor === null) return; // it never got its turn
    const micros = (now - operation.submittedAt) * 1000;
    this.#latency[Math.min(BUCKETS - 1, 31 - Math.clz32(Math.max(1, micros)))]++;
  }

  /** The counts, with the present numbers. */
  report(present: Pick<QueueStats, "inFlight" | "unconsumed" | "held" | "lanes">): QueueStats {
    return {
      submitted: this.submitted,
      completed: this.#completed,
      failed: this.failed,
      bytesRead: this.#bytesRead,
      bytesWritten: this.#bytesWritten,
      ...present,
      latency: [...this.#latency],
    };
  }
}
