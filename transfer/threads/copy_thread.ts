/**
 * The owner's side of the copy thread: makes blocking calls elsewhere and gives their results as promises.
 *
 * A copy takes a thread and gives it back; one idle thread is kept for the next copy. A thread keeps the process alive
 * only while it makes a call, and is ended only while it makes none.
 *
 * @module
 */

import { door } from "../../ffi/door.ts";
import { COPY_SYMBOLS, COPY_TEXT } from "../../ffi/copy_thread.ts";
import type { CopyAnswer, CopyCall, CopyThreadData } from "../../ffi/copy_thread.ts";
import type { NativeThread } from "../../ffi/thread.ts";
import { libc, SYMBOLS } from "../../ffi/libc.ts";
import type { SymbolName } from "../../ffi/libc.ts";
import { platform } from "../../structs/platform.ts";

interface Pending {
  readonly resolve: (answer: CopyAnswer) => void;
  readonly reject: (error: unknown) => void;
}

let idle: CopyThread | undefined;

/** A thread for blocking calls. */
export class CopyThread {
  readonly #thread: NativeThread;
  readonly #pending = new Map<number, Pending>();
  #failure: Error | undefined;
  #calls = 0;

  /** Starts a thread; {@linkcode CopyThread.take} prefers an idle one. */
  constructor() {
    const { library, has } = libc();
    const errnoFunction = platform().errnoFunction;
    const names = [...Object.keys(COPY_SYMBOLS), errnoFunction] as SymbolName[];
    const symbols = Object.fromEntries(names.filter(has).map((name) => [name, SYMBOLS[name]]));
    const data: CopyThreadData = { library, symbols, errnoFunction };
    this.#thread = door().startThread(COPY_TEXT, data, {
      message: (answer) => this.#take(answer as CopyAnswer),
      error: (cause) => this.#fail(new Error("Cannot copy by the kernel: the copy thread failed", { cause })),
    });
  }

  /** Takes a thread. */
  static take(): CopyThread {
    const thread = idle ?? new CopyThread();
    idle = undefined;
    return thread;
  }

  /** Gives the thread back, when all its calls have been answered. */
  giveBack(): void {
    if (this.#failure === undefined && idle === undefined) idle = this;
    else this.#thread.terminate();
  }

  /**
   * Makes a call on the thread, after those before it.
   *
   * @param name The C function.
   * @param values Its arguments.
   * @returns What it returned, and `errno` where that is negative.
   */
  call(name: CopyCall["name"], ...values: number[]): Promise<CopyAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      const id = ++this.#calls;
      this.#pending.set(id, { resolve, reject });
      if (this.#pending.size === 1) this.#thread.ref();
      this.#thread.post({ id, name, values } satisfies CopyCall);
    });
  }

  #take(answer: CopyAnswer): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if (this.#pending.size === 0) this.#thread.unref();
    pending?.resolve(answer);
  }

  #fail(error: Error): void {
    this.#failure = error;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
    this.#thread.unref();
  }
}
