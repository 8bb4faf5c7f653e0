/**
 * What programs ask of a queue: the public request types.
 *
 * @module
 */

import type { RequestOp } from "../engine/request_op.ts";
import { namesOf } from "./check.ts";
import type { Names } from "./check.ts";

export type { RequestOp } from "../engine/request_op.ts";
export type { AioResult, AioVectorResult, Completion } from "./results.ts";

/**
 * Memory that a request fills or writes: an array of any type, a `Buffer`, a `DataView`, or a whole `ArrayBuffer`.
 *
 * @example
 * ```ts
 * import { AioQueue } from "@posix/aio";
 * import type { Bytes } from "@posix/aio";
 * import { closeSync, openSync } from "node:fs";
 *
 * await using queue = new AioQueue();
 * const fd = openSync("README.md", "r");
 * const target: Bytes = new Uint16Array(6);
 * console.log((await queue.read(fd, { buffer: target })).bytes); // 12
 * closeSync(fd);
 * ```
 */
export type Bytes = ArrayBufferView | ArrayBuffer | SharedArrayBuffer;

/**
 * A descriptor: its number, or what has one, such as an `AioFile`, a `FileHandle` or an opened stream of `node:fs`.
 *
 * @example
 * ```ts
 * import { AioFile, AioQueue } from "@posix/aio";
 * import type { DescriptorLike } from "@posix/aio";
 *
 * await using queue = new AioQueue();
 * await using file = await AioFile.open("README.md");
 * const descriptor: DescriptorLike = file;
 * console.log((await queue.read(descriptor, { length: 12 })).bytes); // 12
 * ```
 */
export type DescriptorLike = number | { readonly fd: number };

/** Who asks, where that is not a program itself: a file, which must be able to cancel its own requests and no others. */
export const ASKER: unique symbol = Symbol("posix.aio.asker");

/**
 * What every kind of request can say.
 *
 * @example
 * ```ts
 * import { AioQueue } from "@posix/aio";
 * import type { RequestOptions } from "@posix/aio";
 * import { closeSync, openSync } from "node:fs";
 *
 * await using queue = new AioQueue();
 * const fd = openSync("README.md", "r");
 * const moved = { bytes: 0 };
 * const options: RequestOptions = { signal: AbortSignal.timeout(10_000), priority: 1, moved };
 * await queue.read(fd, { ...options, length: 12 });
 * console.log(moved.bytes); // 12
 * closeSync(fd);
 * ```
 */
export interface RequestOptions {
  /**
   * Ends the request early: it is rejected with the signal's reason at once, and libc is asked to cancel it. `null` is
   * none.
   */
  readonly signal?: AbortSignal | null | undefined;
  /**
   * Place in the queue's own waiting list: higher goes first; an integer.
   *
   * @default {0}
   */
  readonly priority?: number | undefined;
  /**
   * Its `bytes` are set to how many are known to have moved when the request ends, also where it is aborted: a signal's
   * reason cannot tell that.
   */
  readonly moved?: { bytes: number } | undefined;
}

/**
 * What to read.
 *
 * @example
 * ```ts
 * import { AioQueue } from "@posix/aio";
 * import type { ReadOptions } from "@posix/aio";
 * import { closeSync, openSync } from "node:fs";
 *
 * await using queue = new AioQueue();
 * const fd = openSync("README.md", "r");
 * const options: ReadOptions = { offset: 2, length: 10 };
 * console.log(new TextDecoder().decode((await queue.read(fd, options)).buffer)); // @posix/aio
 * closeSync(fd);
 * ```
 */
export interface ReadOptions extends RequestOptions {
  /**
   * Where in the file, in bytes. Pipes, sockets and terminals ignore it.
   *
   * `null` reads on where the file's own position is, and moves it by what was read: one such request of a descriptor
   * after another, in their order. FreeBSD 14.1 and later do that in the kernel (`AIO_OP2_FOFFSET`). Elsewhere the
   * position is moved ahead when the request gets its turn, and put back by what was not read when it has ended; whoever
   * else reads at that position meanwhile, in this process or another, takes up behind it.
   *
   * @default {0}
   */
  readonly offset?: number | bigint | null | undefined;
  /** How many bytes. Default: the length of `buffer`; required without one. */
  readonly length?: number | undefined;
  /** Where to put them; without one the completion brings fresh bytes. */
  readonly buffer?: Bytes | undefined;
}

/**
 * What to write.
 *
 * @example
 * ```ts
 * import { AioFile } from "@posix/aio";
 * import type { WriteOptions } from "@posix/aio";
 *
 * await using file = await AioFile.open("/tmp/posix-aio-write", { flags: "w" });
 * const options: WriteOptions = { offset: 4096 };
 * console.log((await file.write("text", options)).bytes); // 4
 * ```
 */
export interface WriteOptions extends RequestOptions {
  /**
   * Where in the file, in bytes. Pipes, sockets, terminals and files opened with O_APPEND ignore it. `null` goes on where
   * the file's own position is, and moves it: see {@linkcode ReadOptions.offset}.
   *
   * @default {0}
   */
  readonly offset?: number | bigint | null | undefined;
}

/**
 * What to make durable.
 *
 * @example
 * ```ts
 * import { AioFile } from "@posix/aio";
 * import type { SyncOptions } from "@posix/aio";
 *
 * await using file = await AioFile.open("/tmp/posix-aio-sync", { flags: "w" });
 * const options: SyncOptions = { dataOnly: true };
 * await file.sync(options);
 * ```
 */
export interface SyncOptions extends RequestOptions {
  /**
   * Only the data and what is needed to read it back (`fdatasync`), not times and the like (`fsync`).
   *
   * @default {false}
   */
  readonly dataOnly?: boolean | undefined;
}

/**
 * A request as an object, for {@linkcode AioQueue.submit}.
 *
 * @example
 * ```ts
 * import { AioQueue } from "@posix/aio";
 * import type { AioRequest } from "@posix/aio";
 * import { closeSync, openSync } from "node:fs";
 *
 * await using queue = new AioQueue();
 * const fd = openSync("README.md", "r");
 * const requests: AioRequest[] = [0, 1, 2].map((tag) => ({ op: "read", fd, offset: tag * 4, length: 4, tag }));
 * for await (const { tag, bytes } of queue.run(requests)) console.log(tag, bytes);
 * closeSync(fd);
 * ```
 */
export interface AioRequest extends RequestOptions {
  /** What to do. */
  readonly op: RequestOp;
  /** The descriptor. */
  readonly fd: DescriptorLike;
  /** Where in the file, in bytes; `null` for the file's own position. Default 0. */
  readonly offset?: number | bigint | null | undefined;
  /** For `read` without a buffer: how many bytes. */
  readonly length?: number | undefined;
  /** For `read` and `write`: the bytes; for `write` also a text, which is written as UTF-8. */
  readonly buffer?: Bytes | string | undefined;
  /** For `readv` and `writev`: the parts, at most `IOV_MAX` (1024). */
  readonly buffers?: readonly (Bytes | string)[] | undefined;
  /** For `sync`: see {@linkcode SyncOptions.dataOnly}. */
  readonly dataOnly?: boolean | undefined;
  /** Whatever tells the caller which request a completion belongs to. */
  readonly tag?: unknown;
}

/** What may be said of a read. */
export const READ_NAMES: Names = namesOf<keyof ReadOptions>(
  ...["offset", "length", "buffer", "signal", "priority", "moved"] as const,
);

/** What may be said of a write, and of the requests in parts. */
export const WRITE_NAMES: Names = namesOf<keyof WriteOptions>("offset", "signal", "priority", "moved");
