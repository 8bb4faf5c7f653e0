/**
 * What programs ask of a queue and what they get back: the public request and completion types.
 *
 * @module
 */

import type { RequestOp } from "../engine/request_op.ts";
import type { AioError } from "../ffi/errno.ts";
import { namesOf } from "./check.ts";
import type { Names } from "./check.ts";

export type { RequestOp } from "../engine/request_op.ts";

/** Memory that a request fills or writes: an array of any type, a `Buffer`, a `DataView`, or a whole `ArrayBuffer`. */
export type Bytes = ArrayBufferView | ArrayBuffer | SharedArrayBuffer;

/** A descriptor: its number, or what has one, such as an `AioFile`, a `FileHandle` or an opened stream of `node:fs`. */
export type DescriptorLike = number | { readonly fd: number };

/** Who asks, where that is not a program itself: a file, which must be able to cancel its own requests and no others. */
export const ASKER: unique symbol = Symbol("posix.aio.asker");

/** What every kind of request can say. */
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

/** What to read. */
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

/** What to write. */
export interface WriteOptions extends RequestOptions {
  /**
   * Where in the file, in bytes. Pipes, sockets, terminals and files opened with O_APPEND ignore it. `null` goes on where
   * the file's own position is, and moves it: see {@linkcode ReadOptions.offset}.
   *
   * @default {0}
   */
  readonly offset?: number | bigint | null | undefined;
}

/** What to make durable. */
export interface SyncOptions extends RequestOptions {
  /**
   * Only the data and what is needed to read it back (`fdatasync`), not times and the like (`fsync`).
   *
   * @default {false}
   */
  readonly dataOnly?: boolean | undefined;
}

/** A request as an object, for {@linkcode AioQueue.submit}. */
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

/** What a read or write moved. */
export interface AioResult<Buffer = Uint8Array> {
  /** Bytes moved; fewer than asked at the end of a file, on pipes, and when a disk is full. */
  readonly bytes: number;
  /**
   * The buffer of the request (as a `Uint8Array` of the same memory, where it was something else), or for a read without
   * one the fresh bytes, exactly as many as were read.
   */
  readonly buffer: Buffer;
}

/** What a read or write of several arrays moved. */
export type AioVectorResult = AioResult<readonly Uint8Array[]>;

/** How a request ended. */
export interface Completion<Tag = unknown> {
  /** The request's tag. */
  readonly tag: Tag;
  /** What it did. */
  readonly op: RequestOp;
  /** Its descriptor. */
  readonly fd: number;
  /** Its offset in bytes, as it was asked for; -1 if that was `null`, for the file's own position. */
  readonly offset: number;
  /** Bytes moved; with an error those that had moved before it. */
  readonly bytes: number;
  /** The request's buffer, or the fresh bytes of a read without one; `null` for a sync or after an error without one. */
  readonly buffer: Uint8Array | null;
  /** The parts of a `readv` or `writev`, else `null`. */
  readonly buffers: readonly Uint8Array[] | null;
  /**
   * Why it failed, or `undefined`. After an abort the signal's reason; an `AioError` named `AbortError` with it as its
   * cause, if that is no `Error`.
   */
  readonly error: AioError | Error | undefined;
}

/** What may be said of a read. */
export const READ_NAMES: Names = namesOf<keyof ReadOptions>(
  ...["offset", "length", "buffer", "signal", "priority", "moved"] as const,
);

/** What may be said of a write, and of the requests in parts. */
export const WRITE_NAMES: Names = namesOf<keyof WriteOptions>("offset", "signal", "priority", "moved");
