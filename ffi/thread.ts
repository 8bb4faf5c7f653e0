/**
 * Threads from text: a worker that cannot import, with the door's prelude in front of its text.
 *
 * Whatever runs in it is told by `onMessage(listener)` and answers by `post(value)`; the first message is what it was
 * started with. A thread keeps no process alive until `ref()` says so.
 *
 * @module
 */

import process from "node:process";
import { isMainThread, Worker } from "node:worker_threads";

/** Whether this thread can be terminated and leave the process behind; in its Web Workers Deno says `isMainThread`. */
export const IN_WORKER: boolean = !isMainThread || "WorkerGlobalScope" in globalThis;

/** A thread. */
export interface NativeThread {
  /** Sends a message, a value that can be cloned. */
  post(message: unknown): void;
  /** Keeps the process alive. */
  ref(): void;
  /** Undoes `ref()`. */
  unref(): void;
  /** Ends the thread, which must not be in a call of C. */
  terminate(): void;
}

/** What a thread's owner listens to. */
export interface ThreadListeners {
  /** The thread has sent a message. */
  readonly message?: (value: unknown) => void;
  /** The thread has failed and ended. */
  readonly error: (cause: unknown) => void;
}

const MESSAGES = `
const { parentPort } = process.getBuiltinModule("node:worker_threads");
const onMessage = (listener) => parentPort.on("message", listener);
const post = (value) => parentPort.postMessage(value);
`;

/**
 * Sees whether threads may be started: Node's permission model may forbid it, which must not show when requests are in
 * flight already.
 *
 * @throws {Error} If not.
 */
export function checkThreads(): void {
  const { permission } = process as { permission?: { has(scope: string): boolean } };
  if (permission?.has("worker") !== false) return;
  throw new Error("Cannot start the thread that waits for requests: threads are not allowed, run with --allow-worker");
}

/**
 * Starts a thread by `node:worker_threads`.
 *
 * @param text What it runs, the door's prelude included.
 * @param data The first message.
 * @param listeners What its owner listens to.
 * @returns The thread.
 */
export function startNodeThread(text: string, data: unknown, listeners: ThreadListeners): NativeThread {
  const worker = new Worker(MESSAGES + text, { eval: true });
  if (listeners.message !== undefined) worker.on("message", listeners.message);
  worker.on("error", listeners.error);
  worker.postMessage(data);
  worker.unref();
  return {
    post: (message) => worker.postMessage(message),
    ref: () => worker.ref(),
    unref: () => worker.unref(),
    terminate: () => void worker.terminate(),
  };
}
