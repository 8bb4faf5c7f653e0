/**
 * Deno's door: `Deno.dlopen` and the `Deno.UnsafePointer` classes.
 *
 * Pointers are declared `usize` and passed as bigints, which Deno's fast calls take in some 35 ns; numbers or pointer
 * objects would be converted on every call.
 *
 * @module
 */

import type { Door, NativeFunction, NativeLibrary, NativeType, Signature } from "./native.ts";
import { startNodeThread } from "./thread.ts";
import type { NativeThread, ThreadListeners } from "./thread.ts";

/** The part of Deno's API that is used here, so that the file type-checks in every runtime. */
interface DenoNamespace {
  dlopen(library: string, symbols: Record<string, unknown>): { symbols: Record<string, NativeFunction | null> };
  UnsafePointer: { create(address: bigint): unknown; of(bytes: Uint8Array): unknown; value(pointer: unknown): bigint };
  UnsafePointerView: { getArrayBuffer(pointer: unknown, bytes: number): ArrayBuffer };
  UnsafeCallback: {
    threadSafe(definition: unknown, call: (value: bigint) => void): {
      pointer: unknown;
      ref(): number;
      unref(): number;
      close(): void;
    };
  };
}

/** Deno's own worker, with the one member that has no name: `(referenced: boolean) => void`. */
interface WebWorker {
  postMessage(message: unknown): void;
  terminate(): void;
  onmessage: (event: { readonly data: unknown }) => void;
  onerror: (event: { readonly message: string; preventDefault(): void }) => void;
  [reference: symbol]: (referenced: boolean) => void;
}

const MESSAGES = `
const onMessage = (listener) => globalThis.onmessage = ({ data }) => listener(data);
const post = (value) => postMessage(value);
`;

const THREAD_PRELUDE = `
const denoType = (type) => type === "pointer" ? "usize" : type;
const bind = (library, symbols) => {
  const definitions = {};
  for (const [name, { result, parameters }] of Object.entries(symbols)) {
    definitions[name] = { result: denoType(result), parameters: parameters.map(denoType) };
  }
  return Deno.dlopen(library, definitions).symbols;
};
const pointer = BigInt;
const view = (address, bytes) =>
  Deno.UnsafePointerView.getArrayBuffer(Deno.UnsafePointer.create(BigInt(address)), bytes);
`;

/**
 * Opens Deno's door.
 *
 * @param version Deno's version.
 * @returns The door.
 */
export function denoDoor(version: string): Door {
  const deno = (globalThis as unknown as { Deno: DenoNamespace }).Deno;
  return {
    runtime: "deno",
    version,
    startThread: (text, data, listeners) => startThread(THREAD_PRELUDE + text, data, listeners),
    open: (library) => openLibrary(deno, library),
    pointer: BigInt,
    view: (address, bytes) => deno.UnsafePointerView.getArrayBuffer(deno.UnsafePointer.create(BigInt(address)), bytes),
    addressOf: (bytes) => Number(deno.UnsafePointer.value(deno.UnsafePointer.of(bytes))),
    callback(call) {
      const callback = deno.UnsafeCallback.threadSafe(
        { parameters: ["usize"], result: "void" },
        (value) => call(Number(value)),
      );
      callback.unref(); // Deno makes it referenced
      return {
        address: Number(deno.UnsafePointer.value(callback.pointer)),
        ref: () => void callback.ref(),
        unref: () => void callback.unref(),
        close: () => callback.close(),
      };
    },
  };
}

const sources = new Map<string, string>();

/**
 * Deno's own worker holds up the thread that starts it for some 15 ms, the one of `node:worker_threads` for 50 ms, since
 * it loads Node's modules first. How Deno's own is told to keep no process alive has no public name; where it is not
 * found, Node's does.
 */
function startThread(text: string, data: unknown, listeners: ThreadListeners): NativeThread {
  const { Worker } = globalThis as unknown as { Worker?: new (url: string, options: unknown) => WebWorker };
  const symbols = Worker === undefined ? [] : Object.getOwnPropertySymbols(Worker.prototype);
  const references = symbols.filter((symbol) => symbol.description === undefined);
  if (Worker === undefined || references.length !== 1) return startNodeThread(text, data, listeners);
  let url = sources.get(text);
  if (url === undefined) {
    url = URL.createObjectURL(new Blob([MESSAGES + text], { type: "text/javascript" }));
    sources.set(text, url);
  }
  const worker = new Worker(url, { type: "module" });
  const [reference] = references;
  let referenced = true;
  const refer = (wanted: boolean) => {
    if (wanted !== referenced) worker[reference](wanted);
    referenced = wanted;
  };
  refer(false);
  worker.onmessage = (event) => listeners.message?.(event.data);
  worker.onerror = (event) => {
    event.preventDefault();
    listeners.error(new Error(event.message));
  };
  worker.postMessage(data);
  return {
    post: (message) => worker.postMessage(message),
    ref: () => refer(true),
    unref: () => refer(false),
    terminate: () => worker.terminate(),
  };
}

function openLibrary(deno: DenoNamespace, library: string): NativeLibrary {
  deno.dlopen(library, {});
  return {
    bind(name, signature) {
      const definition = {
        result: denoType(signature.result),
        parameters: signature.parameters.map(denoType),
        optional: true,
      };
      const bound = deno.dlopen(library, { [name]: definition }).symbols[name];
      return bound === null || bound === undefined ? undefined : withNumbers(bound, signature);
    },
  };
}

function denoType(type: NativeType): string {
  return type === "pointer" ? "usize" : type;
}

/** Deno gives 64-bit results as bigints. */
function withNumbers(bound: NativeFunction, { result }: Signature): NativeFunction {
  if (result === "i32" || result === "void") return bound;
  return (...values) => Number(bound(...values));
}
