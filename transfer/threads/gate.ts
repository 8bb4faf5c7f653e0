/**
 * A bound on something of which there is only so much, descriptors or memory: who finds none waits in line, and an abort
 * ends the wait.
 *
 * @module
 */

interface Waiting {
  readonly count: number;
  readonly enter: () => void;
}

/** So much of something. */
export class Gate {
  readonly #room: number;
  #taken = 0;
  #line: Waiting[] = [];

  /** @param room How much there is in all. */
  constructor(room: number) {
    this.#room = room;
  }

  /** How much of it is in use. */
  get taken(): number {
    return this.#taken;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#line.length;
  }

  /**
   * Takes some, at once or when it is there; what is more than there ever is counts as all of it.
   *
   * @param count How much.
   * @param signal Ends the wait.
   * @returns Gives it back; calling it twice changes nothing.
   * @throws The signal's reason after an abort.
   */
  async take(count: number = 1, signal?: AbortSignal | undefined): Promise<() => void> {
    const wanted = Math.min(count, this.#room);
    if (this.#line.length > 0 || this.#taken + wanted > this.#room) await this.#wait(wanted, signal);
    else this.#taken += wanted;
    let held = true;
    return () => {
      if (held) this.#give(wanted);
      held = false;
    };
  }

  #give(count: number): void {
    this.#taken -= count;
    this.#admit();
  }

  #admit(): void {
    let admitted = 0;
    for (const { count, enter } of this.#line) {
      if (this.#taken + count > this.#room) break;
      this.#taken += count;
      admitted++;
      enter();
    }
    if (admitted > 0) this.#line = this.#line.slice(admitted);
  }

  #wait(count: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        count,
        enter() {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      const onAbort = () => {
        this.#line = this.#line.filter((other) => other !== waiting);
        reject(signal!.reason);
        this.#admit();
      };
      if (signal?.aborted) return reject(signal.reason);
      signal?.addEventListener("abort", onAbort);
      this.#line.push(waiting);
    });
  }
}
