/**
 * The queues of copies: one for all files of this thread, since a queue costs more than a small file, and one of its own for
 * a copy from or to a pipe, which may have to be given up.
 *
 * @module
 */

import { AioQueue } from "../../queue/queue.ts";
import type { CopyJob } from "./job.ts";

/**
 * Lanes of each file. Buffered writes to one file take turns at its lock anyway: a second lane makes them 0.6 times as fast.
 * Past the page cache reads and writes overlap at the disk.
 */
const LANES = 1;
const LANES_DIRECT = 4;

/** Requests of all copies of this thread at once. */
const DEPTH = 256;

let buffered: AioQueue | undefined;
let direct: AioQueue | undefined;

/** The queue of one copy, made when it is needed. */
export class CopyQueues {
  readonly #job: CopyJob;
  #own: AioQueue | undefined;

  constructor(job: CopyJob) {
    this.#job = job;
  }

  /** The queue. */
  get(): AioQueue {
    const { settings, source, target } = this.#job;
    if (settings.queue !== undefined) return settings.queue;
    if (source.stream || target.stream) return this.#own ??= new AioQueue({ depth: settings.depth, lanes: LANES });
    if (source.direct && target.direct) return direct ??= new AioQueue({ depth: DEPTH, lanes: LANES_DIRECT });
    return buffered ??= new AioQueue({ depth: DEPTH, lanes: LANES });
  }

  /** Gives up what a queue of its own still has. */
  async close(): Promise<void> {
    await this.#own?.[Symbol.asyncDispose]();
  }
}
