/**
 * Trying again what libc had no thread or no memory for.
 *
 * @module
 */

/** After this many milliseconds ... */
const RETRY_MS = 10;

/** ... at most this often, when nothing else is in flight whose end could help. */
const RETRIES_MAX = 500;

/** The one timer of all requests that wait for libc. */
export class Retries {
  readonly #retry: () => void;
  #count = 0;
  #pending = false;

  /** @param retry Hands to libc what waits. */
  constructor(retry: () => void) {
    this.#retry = retry;
  }

  /** Whether it may be tried again. */
  get left(): boolean {
    return this.#count < RETRIES_MAX;
  }

  /** Sees to it that it is tried again. */
  soon(): void {
    if (this.#pending) return;
    this.#pending = true;
    setTimeout(() => {
      this.#pending = false;
      this.#count++;
      this.#retry();
    }, RETRY_MS);
  }

  /** Something has ended: libc works. */
  reset(): void {
    this.#count = 0;
  }
}
