/**
 * What wakes a thread that waits in `aio_suspend`.
 *
 * @module
 */

/** Wakes a thread that waits for one of three lists in turn. */
export interface WakeChannel {
  /** The longest that the thread shall block at a time, in milliseconds. */
  readonly waitMs: number;
  /**
   * Makes the sentinel for a list ready.
   *
   * @param turn The number of the list; all but the two before it have been waited for.
   * @returns The address of the sentinel's control block, or 0 if the list must do without.
   */
  arm(turn: number): number;
  /** Ends the sentinel of a list. */
  wake(turn: number): void;
}
