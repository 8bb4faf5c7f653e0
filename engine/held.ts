/**
 * What libc, or the kernel, holds of one thread's requests, and of which descriptors.
 *
 * @module
 */

import { performance } from "node:perf_hooks";
import type { Backend } from "./backends/backend.ts";
import type { Descriptor } from "./descriptor.ts";
import type { Descriptors } from "./descriptors.ts";
import type { Lane } from "./lanes/lane.ts";
import type { Operation } from "./operation.ts";

/** The requests that are not ours to touch. */
export class Held {
  /** Descriptors that have something in libc. */
  readonly active: Descriptor[] = [];
  /** How many requests. */
  count = 0;
  /** How many of them nobody waits for. */
  abandoned = 0;
  /** How many pipes, sockets and terminals have some. */
  streams = 0;

  readonly #backend: Backend;
  readonly #descriptors: Descriptors;
  /** Descriptors of which libc has just ended the last request. */
  readonly #idle: Descriptor[] = [];

  /**
   * @param backend Knows their places.
   * @param descriptors The records of all descriptors.
   */
  constructor(backend: Backend, descriptors: Descriptors) {
    this.#backend = backend;
    this.#descriptors = descriptors;
  }

  /** Whether the end of one is waited for. */
  get awaited(): boolean {
    return this.count > this.abandoned;
  }

  /** Lanes of all descriptors with requests. */
  get lanes(): number {
    let count = 0;
    for (const descriptor of this.active) count += descriptor.lanes.length;
    return count;
  }

  /** Places a request on a lane; it goes to libc next. */
  hold(operation: Operation, descriptor: Descriptor, lane: Lane): void {
    operation.state = "in libc";
    operation.lane = lane;
    this.#backend.place(operation);
    lane.held.push(operation);
    this.count++;
    if (descriptor.held++ === 0) {
      descriptor.resume(performance.now());
      this.active.push(descriptor);
      if (descriptor.stream) this.streams++;
    }
  }

  /** Takes a request back that libc does not hold any more, and whose lane does not. */
  release(operation: Operation): Descriptor {
    const descriptor = operation.descriptor as Descriptor;
    this.#backend.release(operation);
    operation.state = "waiting";
    operation.slot = -1;
    operation.lane = null;
    this.count--;
    if (operation.abandoned) this.abandoned--;
    if (--descriptor.held === 0) {
      descriptor.idleSince = performance.now();
      descriptor.dry = true;
      this.#idle.push(descriptor);
      const last = this.active.pop() as Descriptor;
      const index = last === descriptor ? -1 : this.active.indexOf(descriptor);
      if (index >= 0) this.active[index] = last;
      if (descriptor.stream) this.streams--;
    }
    return descriptor;
  }

  /** Stops waiting for a request that may never end. */
  abandon(operation: Operation): void {
    (operation.descriptor as Descriptor).identity.remember();
    operation.abandoned = true;
    this.abandoned++;
  }

  /** Gives back what is no longer needed: lanes and records of idle descriptors. */
  tidy(): void {
    const idle = this.#idle;
    if (idle.length === 0) return;
    for (const descriptor of idle) {
      // before any script runs that could close the number and use it again
      if (descriptor.held === 0 && !descriptor.owned) descriptor.rest();
    }
    idle.length = 0;
    this.#descriptors.tidy();
  }
}
