/**
 * The kinds of requests.
 *
 * @module
 */

/**
 * What a request does.
 *
 * @example
 * ```ts
 * import { AioQueue } from "@posix/aio";
 * import type { RequestOp } from "@posix/aio";
 * import { closeSync, openSync } from "node:fs";
 *
 * await using queue = new AioQueue();
 * const fd = openSync("README.md", "r");
 * const counts: Partial<Record<RequestOp, number>> = {};
 * for await (const { op } of queue.run([{ op: "read", fd, length: 12 }])) counts[op] = (counts[op] ?? 0) + 1;
 * console.log(counts.read); // 1
 * closeSync(fd);
 * ```
 */
export type RequestOp = "read" | "write" | "readv" | "writev" | "sync";
