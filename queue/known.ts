/**
 * Which objects are queues: for those who are handed one and have not loaded what it consists of.
 *
 * @module
 */

const known = new WeakSet<object>();

/**
 * Says that an object is a queue.
 *
 * @param queue The queue.
 */
export function addQueue(queue: object): void {
  known.add(queue);
}

/**
 * Whether a value is a queue.
 *
 * @param value Anything.
 * @returns Whether it was made as one.
 */
export function isQueue(value: unknown): boolean {
  return typeof value === "object" && value !== null && known.has(value);
}
