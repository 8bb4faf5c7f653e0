/**
 * What an opened file is.
 *
 * @module
 */

import type { AioQueue } from "../queue/queue.ts";
import type { Direct } from "./direct.ts";

/** What an opened file is. */
export interface Opened {
  /** The descriptor. */
  readonly fd: number;
  /** Its path. */
  readonly path: string;
  /** Whether offsets mean something: regular files and block devices. */
  readonly positional: boolean;
  /** Whether the order of writes means something: streams, and files opened with O_APPEND. */
  readonly ordered: boolean;
  /** What direct I/O needs, if it was asked for. */
  readonly direct: Direct | undefined;
  /** The queue of its requests. */
  readonly queue: AioQueue;
  /** Whether the queue is the file's own and closed with it. */
  readonly ownsQueue: boolean;
  /** For requests without a signal of their own. */
  readonly signal: AbortSignal | undefined;
}
