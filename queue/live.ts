/**
 * The requests that have been taken in and not ended: added and taken out at no cost, in no order.
 *
 * @module
 */

import type { Operation } from "../engine/operation.ts";

/** A set of requests. */
export class Live {
  readonly #list: Operation[] = [];

  /** How many there are. */
  get length(): number {
    return this.#list.length;
  }

  /** Adds one. */
  add(operation: Operation): void {
    operation.index = this.#list.push(operation) - 1;
  }

  /** Takes one out. */
  forget(operation: Operation): void {
    const last = this.#list.pop() as Operation;
    if (last === operation) return;
    this.#list[operation.index] = last;
    last.index = operation.index;
  }

  /** All of them, or those of which something is so. */
  select(such: (operation: Operation) => boolean = () => true): Operation[] {
    return this.#list.filter(such);
  }
}
