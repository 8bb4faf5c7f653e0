/**
 * Bun's door: `bun:ffi`, whose pointers are plain numbers.
 *
 * @module
 */

import process from "node:process";
import type { Door, NativeFunction, NativeLibrary, NativeType, Signature } from "./native.ts";
import { startNodeThread } from "./thread.ts";

/** The longest time a timer takes, in milliseconds. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** The part of `bun:ffi` that is used here, so that the file type-checks in every runtime. */
interface BunFfi {
  dlopen(library: string, symbols: Record<string, unknown>): { symbols: Record<string, NativeFunction> };
  toArrayBuffer(address: number, offset: number, bytes: number): ArrayBuffer;
  ptr(bytes: Uint8Array): number;
  JSCallback: new (call: (value: number) => void, definition: unknown) => { ptr: number; close(): void };
}

const THREAD_PRELUDE = `
const bunType = (type) => type === "pointer" ? "ptr" : type === "usize" ? "u64" : type;
const bind = (library, symbols) => {
  const definitions = {};
  for (const [name, { result, parameters }] of Object.entries(symbols)) {
    definitions[name] = { returns: bunType(result), args: parameters.map(bunType) };
  }
  return process.getBuiltinModule("bun:ffi").dlopen(library, definitions).symbols;
};
const pointer = Number;
const view = (address, bytes) => process.getBuiltinModule("bun:ffi").toArrayBuffer(Number(address), 0, bytes);
`;

/**
 * Opens Bun's door.
 *
 * @param version Bun's version.
 * @returns The door.
 */
export function bunDoor(version: string): Door {
  const ffi = process.getBuiltinModule("bun:ffi") as unknown as BunFfi;
  return {
    runtime: "bun",
    version,
    startThread: (text, data, listeners) => startNodeThread(THREAD_PRELUDE + text, data, listeners),
    open: (library) => openLibrary(ffi, library),
    pointer: (address) => address,
    view: (address, bytes) => ffi.toArrayBuffer(address, 0, bytes),
    // A small array moves when its ArrayBuffer is first touched, so it is touched before the address is taken.
    addressOf: (bytes) => bytes.buffer === null ? 0 : ffi.ptr(bytes),
    callback(call) {
      const callback = new ffi.JSCallback(call, { args: ["ptr"], returns: "void", threadsafe: true });
      // Bun does not wait for a callback, so a timer keeps the process alive.
      let timer: ReturnType<typeof setInterval> | undefined;
      return {
        address: callback.ptr,
        ref: () => void (timer ??= setInterval(() => {}, TIMER_MS_MAX)),
        unref() {
          clearInterval(timer);
          timer = undefined;
        },
        close: () => callback.close(),
      };
    },
  };
}

function openLibrary(ffi: BunFfi, library: string): NativeLibrary {
  // Bun opens a library only together with a symbol: every C library has this one.
  ffi.dlopen(library, { getpid: { args: [], returns: "i32" } });
  return {
    bind(name, signature) {
      const definition = { args: signature.parameters.map(bunType), returns: bunType(signature.result) };
      let bound: NativeFunction;
      try {
        bound = ffi.dlopen(library, { [name]: definition }).symbols[name];
      } catch {
        return undefined; // the library opened before, so it is the symbol that is missing
      }
      return withNumbers(bound, signature);
    },
  };
}

function bunType(type: NativeType): string {
  return type === "pointer" ? "ptr" : type === "usize" ? "u64" : type;
}

/** Bun gives 64-bit results as bigints and null pointers as `null`. */
function withNumbers(bound: NativeFunction, { result }: Signature): NativeFunction {
  if (result === "i32" || result === "void") return bound;
  return (...values) => Number(bound(...values));
}
