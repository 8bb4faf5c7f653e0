/**
 * Operations without a request, kept for the next ones: so a request leaves no garbage but what its caller gets.
 *
 * @module
 */

import { Operation } from "./operation.ts";

/** Most that are kept: what programs have under way, within reason. */
const SPARES_MAX = 4096;

/** The one to be taken next; each points to the one after it. */
let first: Operation | null = null;
let count = 0;

/**
 * An operation for a request.
 *
 * @returns A spare one, or a new one.
 */
export function takeOperation(): Operation {
  const operation = first;
  if (operation === null) return new Operation();
  first = operation.spare;
  operation.spare = null;
  count--;
  return operation;
}

/**
 * Keeps an operation that nothing refers to any more, with nothing of its caller's.
 *
 * Only those that ended as most do are kept: whatever was cancelled, aborted, given up or refused may still stand in a list
 * of its line, or in the listener of a signal.
 *
 * @param operation One that has ended, and whose owner has been told.
 */
export function giveOperation(operation: Operation): void {
  const { state, error, descriptor, cancelled, abandoned, signal } = operation;
  if (state !== "done" || error !== undefined || descriptor === null || cancelled || abandoned || signal !== null) {
    return;
  }
  if (count === SPARES_MAX) return;
  operation.clear();
  operation.spare = first;
  first = operation;
  count++;
}
