/**
 * Lets workers through one after another, in the order of their tickets: what reads from or writes to a pipe must.
 *
 * @module
 */

/** One worker at a time, by ticket. */
export class Turnstile {
  readonly #waiting = new Map<number, () => void>();
  #next = 0;
  #open = false;

  /**
   * Waits until it is a ticket's turn.
   *
   * @param ticket A number; each from 0 on is used once.
   */
  wait(ticket: number): Promise<void> {
    if (this.#open || ticket === this.#next) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.set(ticket, resolve));
  }

  /** Ends the turn of the ticket that has it. */
  pass(): void {
    const resolve = this.#waiting.get(++this.#next);
    this.#waiting.delete(this.#next);
    resolve?.();
  }

  /** Lets everybody through: something has failed, and each will see it. */
  open(): void {
    this.#open = true;
    for (const resolve of this.#waiting.values()) resolve();
    this.#waiting.clear();
  }
}
