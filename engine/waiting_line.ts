/**
 * Requests that wait: in their order, or by priority and then in their order. Any of them can be taken out, at a cost that
 * does not grow with their number.
 *
 * @module
 */

import { Fifo } from "./fifo.ts";
import type { Operation } from "./operation.ts";

/** What was taken out stays in the ring until it has come to the head or is more than the rest, and at least so many. */
const REMOVED_MIN = 32;

/** Levels without requests are dropped when there are more than this many. */
const LEVELS_KEPT = 16;

/** Requests that wait in their order. */
export class WaitingLine {
  readonly #ring = new Fifo<Operation>();
  #removed = 0;

  /** How many wait. */
  get length(): number {
    return this.#ring.length - this.#removed;
  }

  /** The next one, or `undefined`. */
  get head(): Operation | undefined {
    if (this.#removed > 0) this.#drop();
    return this.#ring.head;
  }

  /** Puts a request behind the others, or before them. */
  add(operation: Operation, first: boolean = false): void {
    operation.line = this;
    if (first) this.#ring.unshift(operation);
    else this.#ring.push(operation);
  }

  /** Takes the next one, or `undefined`. */
  shift(): Operation | undefined {
    if (this.#removed > 0) this.#drop();
    const operation = this.#ring.shift();
    if (operation !== undefined) operation.line = null;
    return operation;
  }

  /** Takes one out that waits here. */
  remove(operation: Operation): void {
    operation.line = null;
    this.#removed++;
    if (this.#removed < REMOVED_MIN || this.#removed * 2 < this.#ring.length) return;
    this.#ring.filter((other) => other.line === this);
    this.#removed = 0;
  }

  /** Drops from the head what was taken out. */
  #drop(): void {
    for (let head = this.#ring.head; head !== undefined && head.line !== this; head = this.#ring.head) {
      this.#ring.shift();
      this.#removed--;
    }
  }
}

/** Requests that wait, by priority and then in their order; nearly always there is only priority 0. */
export class WaitingList {
  #levels: { readonly priority: number; readonly line: WaitingLine }[] = [];

  /** How many wait. */
  get length(): number {
    let length = 0;
    for (const { line } of this.#levels) length += line.length;
    return length;
  }

  /** The priority behind which nobody waits; `Infinity` if nobody waits at all. */
  get lowest(): number {
    return this.#levels.findLast(({ line }) => line.length > 0)?.priority ?? Infinity;
  }

  /** Puts a request behind those of its priority, or, to go on with it, before them. */
  add(operation: Operation, first: boolean, priority: number = operation.priority): void {
    if (this.#levels.length > LEVELS_KEPT) this.#levels = this.#levels.filter(({ line }) => line.length > 0);
    const levels = this.#levels;
    let index = 0;
    while (index < levels.length && levels[index].priority > priority) index++;
    if (levels[index]?.priority !== priority) levels.splice(index, 0, { priority, line: new WaitingLine() });
    levels[index].line.add(operation, first);
  }

  /** The next one; there must be one. */
  get head(): Operation {
    return this.#first().head as Operation;
  }

  /** Takes the next one; there must be one. */
  next(): Operation {
    return this.#first().shift() as Operation;
  }

  #first(): WaitingLine {
    let index = 0;
    while (this.#levels[index].line.length === 0) index++;
    return this.#levels[index].line;
  }
}
