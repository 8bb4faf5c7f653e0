/**
 * The requests that hang on a signal: one listener for all of them, since signals find a listener among thousands by going
 * through them.
 *
 * @module
 */

/** Members by signal. */
export class Signals<Member extends object> {
  readonly #members = new Map<AbortSignal, { readonly all: Set<Member>; readonly listener: () => void }>();
  readonly #abort: (member: Member) => void;

  /** @param abort Told of each member of a signal that was aborted. */
  constructor(abort: (member: Member) => void) {
    this.#abort = abort;
  }

  /** How many signals are listened to. */
  get size(): number {
    return this.#members.size;
  }

  /** Lets a member hang on a signal that is not aborted. */
  join(signal: AbortSignal, member: Member): void {
    const known = this.#members.get(signal);
    if (known !== undefined) return void known.all.add(member);
    const all = new Set([member]);
    const listener = () => {
      this.#members.delete(signal);
      for (const one of all) this.#abort(one);
    };
    this.#members.set(signal, { all, listener });
    signal.addEventListener("abort", listener, { once: true });
  }

  /** Lets a member go. */
  leave(signal: AbortSignal, member: Member): void {
    const known = this.#members.get(signal);
    if (known === undefined) return;
    known.all.delete(member);
    if (known.all.size > 0) return;
    this.#members.delete(signal);
    signal.removeEventListener("abort", known.listener);
  }
}
