/**
 * The lanes of one descriptor number: the number itself, or one that stands in for it, and its duplicates.
 *
 * glibc runs the requests of one descriptor number one after another, so a lane is a descriptor number of its own for
 * the same open file, made by `dup`; the first lane is the descriptor itself. Lanes share the open file description:
 * they hold its `flock`, and closing one drops the process's POSIX record locks on the file.
 *
 * Everywhere else the requests of one number run in parallel and end in any order: there is the first lane only, without
 * a limit of its own, and what has an order goes to libc one at a time.
 *
 * @module
 */

import { closeNow } from "../../ffi/farewell.ts";
import { IN_WORKER } from "../../ffi/thread.ts";
import { isShared } from "../numbers.ts";
import { duplicate, Lane } from "./lane.ts";

/** Lanes, the first of which is always there. */
export class Lanes {
  /** The first lane is the descriptor itself, or stands in for it while libc still has the number for another file. */
  readonly all: [Lane, ...Lane[]];
  readonly #fd: number;
  readonly #serial: boolean;

  /**
   * @param fd The number.
   * @param serial Whether who runs requests runs those of one number one after another.
   */
  constructor(fd: number, serial: boolean) {
    this.#fd = fd;
    this.#serial = serial;
    this.all = [new Lane(fd, serial)];
  }

  /** Adds one, unless there are no descriptors left. */
  add(): Lane | undefined {
    const fd = duplicate(this.#fd);
    if (fd === undefined) return undefined;
    const lane = new Lane(fd, this.#serial);
    this.all.push(lane);
    return lane;
  }

  /** Closes those that were added and have nothing to do, down to a number. */
  close(keep: number): void {
    for (let index = this.all.length - 1; index >= Math.max(1, keep); index--) {
      if (this.all[index].held.length > 0) break;
      closeNow(this.all[index].fd);
      this.all.pop();
    }
  }

  /** Closes all numbers but the descriptor's own: its requests have ended, and its owner may close it. */
  rest(): void {
    this.close(1);
    const [{ fd }] = this.all;
    if (fd === this.#fd) return;
    closeNow(fd);
    this.all[0] = new Lane(this.#fd, this.#serial);
  }

  /**
   * glibc would run the requests behind those that it still has of the file that had the number before, which may be
   * never: then another number stands in. In a worker it always does, since a runtime that terminates a worker closes its
   * descriptors, and what waits in libc would be done to whatever file gets the number next. It does too where somebody else
   * has requests under the number: the C interface, or another copy of this package.
   *
   * @param needed Whether libc has requests of the file that had the number before, or the number may be closed too early.
   */
  standIn(needed: boolean): void {
    const [{ fd, held }] = this.all;
    if (!this.#serial || fd !== this.#fd || held.length > 0) return;
    if (!needed && !IN_WORKER && !isShared(fd)) return;
    this.all[0] = new Lane(duplicate(this.#fd) ?? fd, this.#serial);
  }
}
