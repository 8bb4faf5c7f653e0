/**
 * The engines by name.
 *
 * @module
 */

/**
 * What runs requests: the C library's POSIX AIO, or Linux' io_uring.
 *
 * @example
 * ```ts
 * import { AioQueue } from "@posix/aio";
 * import type { EngineName } from "@posix/aio";
 *
 * await using queue = new AioQueue({ engine: "auto" });
 * const name: EngineName = queue.engine;
 * console.log(name); // posix or io_uring
 * ```
 */
export type EngineName = "posix" | "io_uring";
