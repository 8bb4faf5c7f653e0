/**
 * Lets those of libc's threads go that only take turns with others.
 *
 * glibc wakes the thread that has been idle longest. Where many threads were at work on a device and the work of one is
 * left, they all take turns at it: none is ever idle long enough to end, and each wake-up may come to the processor that
 * the program runs on. With 15 to 90 of them cached reads were 12 % slower than with two.
 *
 * @module
 */

import type { Descriptor } from "../descriptor.ts";

/** For so long threads end when they find nothing to do: each has had its turn then ... */
const ENDING_MS = 20;

/** ... and for so long not again: making threads anew takes time as well. */
const EVERY_MS = 1000;

/** What is looked at of a descriptor. */
type Watched = Pick<Descriptor, "stream" | "lanes" | "policy">;

/** Watches over the idle threads of libc. */
export class IdleThreads {
  readonly #endAtOnce: (atOnce: boolean) => void;
  /** The most lanes that had requests since threads were let go: as many threads there may be. */
  #lanesMost = 0;
  /** Since when threads end that find nothing to do, or did, in milliseconds of `performance.now()`. */
  #endsSince = -EVERY_MS;
  #ends = false;

  /** @param endAtOnce Lets threads end as soon as they find nothing to do, or no longer. */
  constructor(endAtOnce: (atOnce: boolean) => void) {
    this.#endAtOnce = endAtOnce;
  }

  /**
   * A turn begins.
   *
   * @param active The descriptors with something in libc.
   * @param now The time in milliseconds of `performance.now()`.
   */
  observe(active: readonly Watched[], now: number): void {
    let lanes = 0;
    let lanesWaiting = 0;
    for (let index = 0; index < active.length; index++) {
      const { stream, lanes: own, policy } = active[index];
      lanes += own.length;
      if (!stream && !policy.quick) lanesWaiting += own.length;
    }
    if (lanes > this.#lanesMost) this.#lanesMost = lanes;
    if (this.#ends) {
      if (lanesWaiting > 0 || now - this.#endsSince >= ENDING_MS) this.#set(false);
    } else if (
      lanes > 0 && lanesWaiting === 0 && this.#lanesMost > lanes * 2 && now - this.#endsSince >= EVERY_MS
    ) {
      this.#lanesMost = lanes;
      this.#endsSince = now;
      this.#set(true);
    }
  }

  #set(ends: boolean): void {
    this.#ends = ends;
    this.#endAtOnce(ends);
  }
}
