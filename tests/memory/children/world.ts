/**
 * What the actions of the stress run share.
 *
 * @module
 */

import type { AioQueue } from "@posix/aio";
import type { Random } from "../random.ts";
import type { Shadow } from "../shadow.ts";

/** One round: a queue, a descriptor, and what is still to be looked at when all of its requests have ended. */
export interface World {
  readonly random: Random;
  readonly shadow: Shadow;
  readonly queue: AioQueue;
  readonly fd: number;
  /** Another descriptor of the file, for control blocks. */
  readonly otherFd: number;
  /** Whether `fd` may be closed before its requests have ended. */
  readonly closesEarly: boolean;
  /** How many requests were made so far, by what they were. */
  readonly counts: Record<string, number>;
  /** Submitted requests by their tags: told how they ended. */
  readonly submitted: Map<number, (ended: { readonly bytes: number; readonly error?: Error | undefined }) => void>;
  /** Run when nothing of the round is in flight any more. */
  readonly afterwards: (() => void)[];
}

/** Counts a request. */
export function count({ counts }: World, what: string, requests: number = 1): void {
  counts[what] = (counts[what] ?? 0) + requests;
}

/** One turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
