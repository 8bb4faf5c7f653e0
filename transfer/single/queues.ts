/**
 * The queues of copies: one of each engine for all files of this thread, since a queue costs more than a small file, and one
 * of its own for a copy from or to a pipe, which may have to be given up.
 *
 * @module
 */

import { usualEngine } from "../../engine/choose_engine.ts";
import type { EngineName } from "../../engine/engine_name.ts";
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

/** The queues, by engine and lanes. */
const shared = new Map<string, AioQueue>();

/**
 * Measured, copies of 512 MiB in the page cache: on ext4 io_uring took 0.3 to 0.6 times as long as POSIX AIO, and past the
 * cache 0.7 to 0.9 times; on tmpfs, whose files it gives to threads of its own, 1.1 to 1.7 times.
 */
function engineFor({ settings, source, target }: CopyJob): EngineName | "auto" {
  if (settings.engine !== "auto") return settings.engine;
  if (usualEngine() !== "posix") return usualEngine();
  const { local, memory } = source.fileSystem;
  return target.onDisk && local && !memory && !source.stream ? "auto" : "posix";
}

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
    const engine = engineFor(this.#job);
    if (source.stream || target.stream) {
      return this.#own ??= new AioQueue({ engine, depth: settings.depth, lanes: LANES });
    }
    const lanes = source.direct && target.direct ? LANES_DIRECT : LANES;
    const key = `${engine} ${lanes}`;
    const queue = shared.get(key) ?? new AioQueue({ engine, depth: DEPTH, lanes });
    shared.set(key, queue);
    return queue;
  }

  /** Gives up what a queue of its own still has. */
  async close(): Promise<void> {
    await this.#own?.[Symbol.asyncDispose]();
  }
}
