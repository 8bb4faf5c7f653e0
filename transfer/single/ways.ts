/**
 * The ways of a copy that is more than one read and one write: the kernel's calls and asynchronous I/O. They bring the queue
 * and its engines along, and are loaded when a copy takes one of them.
 *
 * @module
 */

import { sync } from "./access.ts";
import type { Choice } from "./choose.ts";
import { copyByAio } from "./copy_aio.ts";
import { copyByKernel, KernelUnable } from "./copy_kernel.ts";
import type { CopyJob, CopyOutcome } from "./job.ts";
import { CopyQueues } from "./queues.ts";

/** The ways that one copy can go; its queue is made when it needs one. */
export class Ways {
  readonly #job: CopyJob;
  readonly #queues: CopyQueues;

  constructor(job: CopyJob) {
    this.#job = job;
    this.#queues = new CopyQueues(job);
  }

  /** Makes a file durable, through the queue. */
  readonly sync = async (fd: number): Promise<void> => await sync(this.#queues.get(), fd);

  /**
   * Moves the data.
   *
   * @param choice The way that was chosen: another one is taken where the kernel cannot, or where a small file has to be
   * waited for.
   * @returns The way that was taken, and what was moved.
   */
  async move(choice: Choice): Promise<Choice & CopyOutcome> {
    const job = this.#job;
    const { progress } = job;
    if (choice.method === "plain") {
      progress.method = "aio";
      const reason = "it is small, but not in the page cache";
      return { method: "aio", reason, ...await copyByAio(job, this.#queues.get()) };
    }
    if (choice.method === "aio") return { ...choice, ...await copyByAio(job, this.#queues.get()) };
    try {
      return { ...choice, ...await copyByKernel(job) };
    } catch (error) {
      if (!(error instanceof KernelUnable)) throw error;
      const reason = `the kernel cannot copy between these two (${error.message})`;
      progress.method = "aio";
      return { method: "aio", reason, ...await copyByAio(job, this.#queues.get(), error.begun) };
    }
  }

  /** Gives up what a queue of its own still has. */
  async close(): Promise<void> {
    await this.#queues.close();
  }
}
