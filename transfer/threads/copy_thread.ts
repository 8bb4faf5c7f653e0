/**
 * The owner's side of the copy threads: they make blocking calls elsewhere, and their results come as promises.
 *
 * There are few of them, however many copies want one: who finds none waits in line. A copy takes a thread and gives it
 * back; one idle thread is kept for the next copy. A thread keeps the process alive only while it makes a call, and is
 * ended only while it makes none.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import { door } from "../../ffi/door.ts";
import { COPY_SYMBOLS, COPY_TEXT } from "../../ffi/copy_thread.ts";
import type { CopyAnswer, CopyCall, CopyThreadData } from "../../ffi/copy_thread.ts";
import type { NativeThread } from "../../ffi/thread.ts";
import { libc, SYMBOLS } from "../../ffi/libc.ts";
import type { SymbolName } from "../../ffi/libc.ts";
import { platform } from "../../structs/platform.ts";
import { Gate } from "./gate.ts";

/** Copies by the kernel keep a device busy with few threads; each holds a runtime of some MiB. */
const THREADS_MIN = 2;
const THREADS_MAX = 4;

/** A thread could not be started, or has ended: what it was to do has to be done otherwise. */
export class ThreadFailed extends Error {
  override name = "ThreadFailed";
}

interface Pending {
  readonly resolve: (answer: CopyAnswer) => void;
  readonly reject: (error: unknown) => void;
}

let gate: Gate | undefined;
let idle: CopyThread | undefined;

/**
 * Takes a thread, when one is free.
 *
 * @param signal Ends the wait.
 * @returns The thread; it is to be given back.
 * @throws The signal's reason after an abort.
 */
export async function takeCopyThread(signal: AbortSignal | undefined): Promise<CopyThread> {
  gate ??= new Gate(threadsMax());
  const leave = await gate.take(1, signal);
  const thread = idle ?? new CopyThread();
  idle = undefined;
  thread.leave = leave;
  return thread;
}

/** As many as there are processors, in bounds. */
function threadsMax(): number {
  let processors = THREADS_MIN;
  try {
    processors = availableParallelism();
  } catch {
    // Deno tells only who may ask for the system
  }
  return Math.min(THREADS_MAX, Math.max(THREADS_MIN, processors));
}

/** A thread for blocking calls. */
export class CopyThread {
  /** Lets the next copy have a thread. */
  leave: () => void = () => {};
  readonly #thread: NativeThread | undefined;
  readonly #pending = new Map<number, Pending>();
  #failure: Error | undefined;
  #calls = 0;

  /** Starts a thread; one that cannot be started fails with its first call. */
  constructor() {
    const { library, has } = libc();
    const errnoFunction = platform().errnoFunction;
    const names = [...Object.keys(COPY_SYMBOLS), errnoFunction] as SymbolName[];
    const symbols = Object.fromEntries(names.filter(has).map((name) => [name, SYMBOLS[name]]));
    const data: CopyThreadData = { library, symbols, errnoFunction };
    try {
      this.#thread = door().startThread(COPY_TEXT, data, {
        message: (answer) => this.#take(answer as CopyAnswer),
        error: (cause) => this.#fail(cause),
      });
    } catch (cause) {
      this.#fail(cause);
    }
  }

  /** Gives the thread back, when all its calls have been answered. */
  giveBack(): void {
    if (this.#failure === undefined && idle === undefined) idle = this;
    else this.#thread?.terminate();
    this.leave();
  }

  /**
   * Makes a call on the thread, after those before it.
   *
   * @param name The C function.
   * @param values Its arguments.
   * @returns What it returned, and `errno` where that is negative.
   * @throws {ThreadFailed} If the thread has failed.
   */
  call(name: CopyCall["name"], ...values: number[]): Promise<CopyAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      const id = ++this.#calls;
      this.#pending.set(id, { resolve, reject });
      if (this.#pending.size === 1) this.#thread?.ref();
      this.#thread?.post({ id, name, values } satisfies CopyCall);
    });
  }

  #take(answer: CopyAnswer): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if (this.#pending.size === 0) this.#thread?.unref();
    pending?.resolve(answer);
  }

  #fail(cause: unknown): void {
    this.#failure = new ThreadFailed("the copy thread could not be started, or failed", { cause });
    for (const { reject } of this.#pending.values()) reject(this.#failure);
    this.#pending.clear();
    this.#thread?.unref();
  }
}
