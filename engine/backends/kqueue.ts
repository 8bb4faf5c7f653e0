/**
 * The backend for FreeBSD: each request tells one kqueue of its end, once, with the number of its block.
 *
 * Nothing is scanned and nothing listed, whatever the number of requests. The thread that waits takes part in requests
 * that were submitted after it began to.
 *
 * @module
 */

import type { Backend } from "./backend.ts";
import { ReapingBackend } from "./reaping.ts";
import type { Descriptor } from "../descriptor.ts";
import { Fifo } from "../fifo.ts";
import { Kqueue } from "../waiting/kqueue.ts";
import type { Operation } from "../operation.ts";

/** Milliseconds between looks while the waiter thread is starting. */
const STARTING_MS = 1;

/** `SIGEV_KEVENT` and `aio_return`. */
export class KqueueBackend extends ReapingBackend implements Backend {
  readonly waiter = "kqueue";
  readonly #kqueue: Kqueue;
  readonly #wake: () => void;
  /** Blocks whose requests have ended. */
  readonly #slots = new Fifo<number>();

  constructor(wake: () => void) {
    const kqueue = new Kqueue(wake);
    super({ kqueue: kqueue.descriptor });
    this.#kqueue = kqueue;
    this.#wake = wake;
  }

  get threadStarted(): boolean {
    return this.#kqueue.threadStarted;
  }

  collect(_active: readonly Descriptor[], ended: Fifo<Operation>): void {
    this.#kqueue.take(this.#slots);
    const before = ended.length;
    for (let slot = this.#slots.shift(); slot !== undefined; slot = this.#slots.shift()) {
      const operation = this.held[slot];
      if (operation !== undefined) this.reap(operation, ended);
    }
    this.leaveLanes(ended, before);
  }

  park(): void {
    this.#kqueue.park();
    this.#kqueue.referenced = true;
    // a thread that has just been started may take longer than the requests
    if (!this.#kqueue.ready) setTimeout(this.#wake, STARTING_MS);
  }

  rest(): void {
    this.#kqueue.referenced = false;
  }
}
