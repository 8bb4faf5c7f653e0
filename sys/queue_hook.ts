/**
 * How the C interface learns of the queues above it: `aio_waitcomplete()` would take their completions away.
 *
 * @module
 */

const counts = new Set<() => number>();

/**
 * Tells the C interface of a user of libc's requests whose completions must not be taken.
 *
 * @param count Gives how many requests it has in libc now.
 * @returns Undoes the registration.
 */
export function registerQueue(count: () => number): () => void {
  counts.add(count);
  return () => void counts.delete(count);
}

/**
 * How many requests the queues have in libc.
 *
 * @returns A number; of this JavaScript thread, since others cannot be asked.
 */
export function requestsOfQueues(): number {
  let sum = 0;
  for (const count of counts) sum += count();
  return sum;
}
