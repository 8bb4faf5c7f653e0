/**
 * What every workload program is told and what it prints: one JSON object each way, so that the same case can be run
 * by this package, by each runtime's own file API, and by C programs.
 *
 * @module
 */

import process from "node:process";

/** What to do. */
export interface Workload {
  /** The file. */
  readonly path: string;
  /** What each request does. */
  readonly op: "read" | "write";
  /** Whether offsets are random or follow each other. */
  readonly order: "random" | "sequential";
  /** Bytes of one request. */
  readonly blockBytes: number;
  /** Requests in flight. */
  readonly depth: number;
  /** Whether to pass the page cache by (`O_DIRECT`). */
  readonly direct: boolean;
  /** For how long before anything is counted. */
  readonly warmUpSeconds: number;
  /** Read the whole file once, after warming up with this other one: for a file that lies on the disk only once. */
  readonly warmUpPath?: string | undefined;
  /** For how long. */
  readonly seconds: number;
  /** How this package's API is used. */
  readonly style?: "batches" | "promise" | "promise-own" | "promise-fresh";
  /** What runs this package's requests; without it POSIX AIO. */
  readonly engine?: "posix" | "io_uring";
  /** A fixed number of lanes for this package. */
  readonly lanes?: number;
}

/** What came of it. */
export interface Outcome {
  /** Requests that ended. */
  readonly requests: number;
  /** In what time. */
  readonly seconds: number;
  /** Processor time of all threads, in seconds. */
  readonly processorSeconds: number;
  /** How late timers were, 99th percentile in milliseconds; only where it was measured. */
  readonly delayMs?: number | undefined;
}

/** The workload that this program was started with. */
export function readWorkload(): Workload {
  return JSON.parse(process.argv[2]);
}

/** Measures from the call to the call of what it returns. */
export function startClock(): (requests: number) => Outcome {
  const began = performance.now();
  const processor = process.cpuUsage();
  return (requests) => {
    const { user, system } = process.cpuUsage(processor);
    return { requests, seconds: (performance.now() - began) / 1000, processorSeconds: (user + system) / 1e6 };
  };
}

/** Counts requests, and says when the workload is over. */
export interface RequestCounter {
  /** One more has ended; whether that was enough. */
  ended(): boolean;
  outcome(): Outcome;
}

/** Counts a number of requests. */
export function countTo(total: number): RequestCounter {
  const stop = startClock();
  let requests = 0;
  let outcome: Outcome | undefined;
  return {
    ended() {
      if (++requests === total) outcome = stop(requests);
      return outcome !== undefined;
    },
    outcome: () => outcome!,
  };
}

/** Counts requests from the end of the warm-up on. */
export function startCounter({ warmUpSeconds, seconds }: Pick<Workload, "warmUpSeconds" | "seconds">): RequestCounter {
  let stop: ((requests: number) => Outcome) | undefined;
  let outcome: Outcome | undefined;
  let requests = 0;
  let until = performance.now() + warmUpSeconds * 1000;
  return {
    ended() {
      if ((++requests & 15) !== 0 || outcome !== undefined || performance.now() < until) return outcome !== undefined;
      if (stop === undefined) {
        stop = startClock();
        requests = 0;
        until = performance.now() + seconds * 1000;
        return false;
      }
      outcome = stop(requests);
      return true;
    },
    outcome: () => outcome!,
  };
}

/** Prints an outcome for the program that started this one. */
export function report(outcome: Outcome): void {
  console.log(JSON.stringify(outcome));
}
