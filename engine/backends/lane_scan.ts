/**
 * What the control blocks tell of a lane: which of its requests have ended, and whose end is worth waiting for.
 *
 * @module
 */

import type { Descriptor } from "../descriptor.ts";
import type { Fifo } from "../fifo.ts";
import type { Lane } from "../lanes/lane.ts";
import type { Operation } from "../operation.ts";
import type { ControlBlocks } from "./blocks.ts";

/** The part of a lane that is harvested at once where requests end within microseconds. */
const HARVEST_PART = 0.5;

/** Lanes with fewer requests than this are harvested one by one. */
const HARVEST_MIN = 8;

/**
 * Takes out of a lane what has ended.
 *
 * @param blocks The control blocks.
 * @param lane The lane.
 * @param serial Whether its requests end in their order, unless one was cancelled.
 * @param ended Takes them.
 */
export function takeEnded(blocks: ControlBlocks, lane: Lane, serial: boolean, ended: Fifo<Operation>): void {
  const { held } = lane;
  if (lane.disordered) {
    held.filter((operation) => {
      if (blocks.inProgress(operation.slot)) return true;
      ended.push(operation);
      return false;
    });
    lane.disordered = !serial || held.some((operation) => operation.cancelled);
    return;
  }
  for (let head = held.head; head !== undefined && !blocks.inProgress(head.slot); head = held.head) {
    ended.push(head);
    held.shift();
  }
}

/**
 * Whether libc still works on a request that it got before this one on the same lane.
 *
 * If not, this one may be the next that a thread of libc would take. Cancelling such a one breaks glibc: it takes the
 * request off the list of those to be run and marks its successor as being on that list without putting it there
 * (`rt/aio_misc.c:__aio_remove_request`), and nothing of the descriptor number is ever run again. So that is avoided;
 * where it was seen too late, everything that waits on the number is cancelled too, which is sound, and those that
 * nobody asked to cancel go to libc again.
 *
 * @param blocks The control blocks.
 * @param lane The lane.
 * @param operation The request, which the lane holds.
 * @returns Whether there is one.
 */
export function inProgressBefore(blocks: ControlBlocks, { held }: Lane, operation: Operation): boolean {
  for (let index = 0; index < held.length; index++) {
    const other = held.at(index) as Operation;
    if (other === operation) return false;
    if (blocks.inProgress(other.slot)) return true;
  }
  return false;
}

/**
 * The slots that the waiter's thread shall wait for.
 *
 * @param active The descriptors with something in libc.
 * @param serial Whether requests of one lane end in their order.
 * @returns One of each lane, or all.
 */
export function watchedSlots(active: readonly Descriptor[], serial: boolean): number[] {
  const slots: number[] = [];
  for (const { lanes, policy } of active) {
    for (const lane of lanes) {
      const { held } = lane;
      const mark = policy.quick ? markOf(lane) : held.head;
      if (mark !== undefined && serial) slots.push(mark.slot);
      else for (let at = 0; at < held.length; at++) slots.push((held.at(at) as Operation).slot);
    }
  }
  return slots;
}

/**
 * The request of a lane whose end is worth looking at, where requests end within microseconds: so far that one
 * harvest and one submission take libc's lock for many. Each time it is taken, libc's thread may have to sleep, which
 * costs as much as a dozen requests.
 */
export function markOf({ held }: Lane): Operation | undefined {
  return held.length < HARVEST_MIN ? held.head : held.at(Math.floor(held.length * HARVEST_PART));
}
