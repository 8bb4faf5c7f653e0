/**
 * The records of descriptor numbers with requests, and of those that somebody owns. Numbers are used again: a record is
 * that of one file.
 *
 * @module
 */

import { clearInterval, setInterval } from "node:timers";
import { Descriptor } from "./descriptor.ts";

/** Records of idle descriptors that are kept for their next request. */
const KEPT_MAX = 256;

/** Milliseconds between two looks at requests that were given up, while somebody waits to close their descriptor. */
const GIVEN_UP_MS = 50;

/** Records by number. */
export class Descriptors {
  readonly #records = new Map<number, Descriptor>();
  readonly #serial: boolean;

  /** @param serial Whether who runs requests runs those of one number one after another. */
  constructor(serial: boolean) {
    this.#serial = serial;
  }

  /** The record of a number, if there is one. */
  find(fd: number): Descriptor | undefined {
    return this.#records.get(fd);
  }

  /** The record of the file that a number stands for now. */
  of(fd: number): Descriptor {
    const found = this.#records.get(fd);
    return found !== undefined && (found.idle || !found.identity.replaced) ? found : this.#add(fd, found);
  }

  /** Makes a record that keeps its lanes while it is idle. */
  own(fd: number): void {
    this.#add(fd, this.#records.get(fd)?.occupant).owned = true;
  }

  /**
   * Waits until nothing of an owned descriptor is under way, and closes its lanes.
   *
   * @param fd The descriptor.
   * @param look Looks at requests that were given up, for which nobody waits otherwise.
   */
  async disown(fd: number, look: () => void): Promise<void> {
    const descriptor = this.#records.get(fd);
    if (descriptor === undefined) return;
    if (!descriptor.idle) {
      const timer = setInterval(look, GIVEN_UP_MS);
      timer.unref(); // what was given up keeps no process alive
      await new Promise<void>((resolve) => descriptor.onIdle = resolve);
      clearInterval(timer);
    }
    descriptor.rest();
    const { occupant } = descriptor;
    if (occupant === undefined) this.#records.delete(fd);
    else this.#records.set(fd, occupant);
  }

  /** Forgets idle descriptors where they have become many. */
  tidy(): void {
    if (this.#records.size <= KEPT_MAX) return;
    for (const [fd, descriptor] of this.#records) {
      if (descriptor.idle && !descriptor.owned && descriptor.occupant === undefined) this.#records.delete(fd);
    }
  }

  #add(fd: number, before: Descriptor | undefined): Descriptor {
    const descriptor = new Descriptor(fd, this.#serial, before);
    this.#records.set(fd, descriptor);
    return descriptor;
  }
}
