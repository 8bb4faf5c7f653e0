/**
 * A limit of bytes a second that threads and their owner share: a word in shared memory says when the next bytes may move.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";

/**
 * The owner's side of the limit; the threads' is in the text of the files thread.
 *
 * @param next The word: microseconds since 1970.
 * @param bytesPerSecond The limit.
 * @param signal Ends the wait.
 * @returns Waits until so many bytes may be moved, in line with all others.
 */
export function throttle(
  next: SharedArrayBuffer,
  bytesPerSecond: number,
  signal: AbortSignal | undefined,
): (bytes: number) => Promise<void> {
  const word = new BigInt64Array(next);
  return async (bytes) => {
    const length = BigInt(Math.ceil(bytes / bytesPerSecond * 1e6));
    let end: bigint;
    for (;;) {
      const taken = Atomics.load(word, 0), now = BigInt(Date.now()) * 1000n;
      end = (taken > now ? taken : now) + length;
      if (Atomics.compareExchange(word, 0, taken, end) === taken) break;
    }
    const early = Number(end) / 1000 - Date.now();
    if (early > 0) await sleep(early, undefined, { signal }).catch(() => signal?.throwIfAborted());
  };
}
