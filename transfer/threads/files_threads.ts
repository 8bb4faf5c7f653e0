/**
 * The owner's side of the files threads: a few of them for all trees, lists and digests of this JavaScript thread. Each
 * request goes to the one that has the least to do, and its answer comes as a promise.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import { door } from "../../ffi/door.ts";
import { AioError } from "../../ffi/errno.ts";
import { FILES_SYMBOLS, FILES_TEXT } from "../../ffi/files_thread.ts";
import type { FilesAnswer, FilesRequest, FilesThreadData, ThreadError } from "../../ffi/files_thread.ts";
import { libc, SYMBOLS } from "../../ffi/libc.ts";
import type { SymbolName } from "../../ffi/libc.ts";
import type { NativeThread } from "../../ffi/thread.ts";
import { platform } from "../../structs/platform.ts";
import { temporaryOwner } from "../single/temporary_names.ts";

/** More gain nothing where files are small: the file system takes turns. */
const THREADS_MIN = 2;
const THREADS_MAX = 4;

/** `<fcntl.h>` of Linux, on every processor: the descriptor stands for the place, not for what is in it. */
const O_PATH = 0o10000000;

/** A request without its number. */
export type FilesCall = FilesRequest extends infer Request ? Request extends unknown ? Omit<Request, "id"> : never
  : never;

interface Pending {
  readonly resolve: (answer: FilesAnswer) => void;
  readonly reject: (error: unknown) => void;
}

/** One thread. */
export class FilesThread {
  readonly #thread: NativeThread;
  readonly #pending = new Map<number, Pending>();
  #calls = 0;
  #failure: Error | undefined;

  /** Starts the thread. */
  constructor() {
    const { library, has } = libc();
    const names = (Object.keys(FILES_SYMBOLS) as SymbolName[]).filter(has);
    const symbols = Object.fromEntries(names.map((name) => [name, SYMBOLS[name]]));
    const { mmapFlags, name } = platform();
    const data: FilesThreadData = {
      ...{ library, symbols, mmapFlags },
      ...{ owner: temporaryOwner(), pathFlag: name.startsWith("linux") ? O_PATH : 0 },
    };
    this.#thread = door().startThread(FILES_TEXT, data, {
      message: (answer) => this.#take(answer as FilesAnswer),
      error: (cause) => this.#fail(threadFailure(cause)),
    });
  }

  /** How many requests it has. */
  get load(): number {
    return this.#failure === undefined ? this.#pending.size : Infinity;
  }

  /**
   * Asks the thread, after what it was asked before.
   *
   * @param request What to do.
   * @returns The answer.
   * @throws {AioError} What the request as a whole failed with.
   */
  call(request: FilesCall): Promise<FilesAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      const id = ++this.#calls;
      this.#pending.set(id, { resolve, reject });
      if (this.#pending.size === 1) this.#thread.ref();
      this.#thread.post({ id, ...request });
    });
  }

  #take(answer: FilesAnswer): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if (this.#pending.size === 0) this.#thread.unref();
    if (answer.error === undefined) pending?.resolve(answer);
    else pending?.reject(errorOf(answer.error));
  }

  #fail(error: Error): void {
    this.#failure = error;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
    this.#thread.unref();
  }
}

/**
 * Says that a thread could not be started, or has ended.
 *
 * @param cause What the runtime says.
 * @returns The error, with the C name of the cause if the runtime tells one, such as EMFILE.
 */
export function threadFailure(cause: unknown): AioError {
  const text = cause instanceof Error ? cause.message : String(cause);
  const code = /\b(EMFILE|ENFILE|ENOMEM|EAGAIN)\b/.exec(text)?.[1] ?? "EIO";
  return new AioError("thread", code, `work on files: the thread for it could not be started, or failed (${text})`, {
    cause,
  });
}

let threads: FilesThread[] | undefined;

/**
 * The thread with the least to do.
 *
 * @returns It, started on first need.
 */
export function filesThread(): FilesThread {
  threads ??= Array.from({ length: threadCount() }, () => new FilesThread());
  return threads.reduce((best, other) => other.load < best.load ? other : best);
}

/**
 * How many threads work on files.
 *
 * @returns As many as there are processors, in bounds.
 */
export function threadCount(): number {
  try {
    return Math.min(THREADS_MAX, Math.max(THREADS_MIN, availableParallelism()));
  } catch {
    return THREADS_MIN; // Deno tells only who may ask for the system
  }
}

/**
 * Makes an error of what a thread told.
 *
 * @param error What it told.
 * @returns The error; the message is the system's own.
 */
export function errorOf({ code, syscall, message }: ThreadError): AioError {
  const tried = message.replace(/^[A-Z]+: /, "");
  return new AioError(syscall, code, tried);
}
