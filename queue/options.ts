/**
 * How queues are made, waited on, closed, and what of them is cancelled: the public option types.
 *
 * @module
 */

import type { EngineName } from "../engine/engine_name.ts";
import type { DescriptorLike } from "./request.ts";

/**
 * How a queue is made.
 *
 * @example
 * ```ts
 * import { AioQueue } from "@posix/aio";
 * import type { AioQueueOptions } from "@posix/aio";
 *
 * const options: AioQueueOptions = { depth: 128, engine: "auto" };
 * await using queue = new AioQueue(options);
 * console.log(queue.depth); // 128
 * ```
 */
export interface AioQueueOptions {
  /**
   * How many requests may be under way, 1 to 65536; for submitted ones, under way or with a completion that nobody has
   * consumed.
   *
   * @default {64}
   */
  readonly depth?: number | undefined;
  /**
   * What runs the requests: `"posix"` the C library's AIO; `"io_uring"` Linux' own rings, faster where many requests are under
   * way, and which really cancel reads of silent pipes; `"auto"` io_uring where the kernel gives it, else POSIX AIO. Queues of
   * both live side by side.
   *
   * @default {"posix"}
   */
  readonly engine?: EngineName | "auto" | undefined;
  /**
   * How many descriptor numbers the requests of one file are spread over, 1 to 64: libc runs one request at a time for
   * each. `"auto"` adapts it to what completions show.
   *
   * @default {"auto"}
   */
  readonly lanes?: number | "auto" | undefined;
  /**
   * How many threads libc may use, 1 to 1024; only the first request of a process can set it (`aio_init`).
   *
   * @default {128}
   */
  readonly threads?: number | undefined;
  /**
   * How the end of requests is waited for: `"kqueue"` on FreeBSD, `"suspend"` (a thread in `aio_suspend`) everywhere.
   * `"auto"` takes the better one. All queues of a JavaScript thread share a waiter; the first one chooses.
   *
   * @default {"auto"}
   */
  readonly waiter?: "auto" | "kqueue" | "suspend" | undefined;
}

/**
 * How {@linkcode AioQueue.batches} waits.
 *
 * @example
 * ```ts
 * import { AioQueue } from "@posix/aio";
 * import type { BatchOptions } from "@posix/aio";
 * import { closeSync, openSync } from "node:fs";
 *
 * await using queue = new AioQueue();
 * const fd = openSync("README.md", "r");
 * const options: BatchOptions = { timeout: 1000 };
 * queue.submit([{ op: "read", fd, length: 10 }]);
 * for await (const batch of queue.batches(options)) console.log(batch.length);
 * closeSync(fd);
 * ```
 */
export interface BatchOptions {
  /** After how many milliseconds without a completion an empty batch comes. Default: never. */
  readonly timeout?: number | undefined;
}

/**
 * How {@linkcode AioQueue.close} ends what is under way.
 *
 * @example
 * ```ts
 * import { AioQueue } from "@posix/aio";
 * import type { CloseOptions } from "@posix/aio";
 *
 * const options: CloseOptions = { cancel: true, timeout: 1000 };
 * await new AioQueue().close(options);
 * ```
 */
export interface CloseOptions {
  /**
   * Cancel what has not ended first.
   *
   * @default {false}
   */
  readonly cancel?: boolean | undefined;
  /** After how many milliseconds to give up on what does not end. Default: never. */
  readonly timeout?: number | undefined;
}

/**
 * Which requests {@linkcode AioQueue.cancel} means; all that are given must match.
 *
 * @example
 * ```ts
 * import { AioQueue } from "@posix/aio";
 * import type { CancelFilter } from "@posix/aio";
 * import { closeSync, openSync } from "node:fs";
 *
 * await using queue = new AioQueue();
 * const fd = openSync("README.md", "r");
 * const reading = queue.read(fd, { length: 10 }).catch(({ code }) => code);
 * const filter: CancelFilter = { fd };
 * console.log(queue.cancel(filter), await reading); // 1 ECANCELED
 * closeSync(fd);
 * ```
 */
export interface CancelFilter {
  /** Requests of this descriptor. */
  readonly fd?: DescriptorLike | undefined;
  /** Requests with this tag. */
  readonly tag?: unknown;
}
