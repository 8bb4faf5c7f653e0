/**
 * What a descriptor number stood for when a request in libc was given up: whoever owned it may have closed it since, and
 * another file got the number.
 *
 * @module
 */

import { identityOf } from "./lanes/lane.ts";
import type { Lane } from "./lanes/lane.ts";

/** The identity of a number's file, as long as libc has requests that were given up. */
export class Identity {
  readonly #fd: number;
  readonly #lanes: readonly Lane[];
  #known: string | undefined;

  constructor(fd: number, lanes: readonly Lane[]) {
    this.#fd = fd;
    this.#lanes = lanes;
  }

  /** A request in libc is over for its caller, who may close the number now: what it stands for is remembered. */
  remember(): void {
    this.#known ??= identityOf(this.#fd);
  }

  /** The number is looked at anew, with nothing under way. */
  clear(): void {
    this.#known = undefined;
  }

  /** A request that was given up has ended in libc. */
  forget(): void {
    if (!this.#lanes.some(({ held }) => held.some(({ settled }) => settled))) this.#known = undefined;
  }

  /** Whether the number stands for another file than when a request in libc was given up. */
  get replaced(): boolean {
    return this.#known !== undefined && this.#known !== identityOf(this.#fd);
  }
}
