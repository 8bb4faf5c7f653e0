/**
 * Deno's door: `Deno.dlopen` and the `Deno.UnsafePointer` classes.
 *
 * Pointers are declared `usize` and passed as bigints, which Deno's fast calls take in some 35 ns; numbers or pointer
 * objects would be converted on every call.
 *
 * @module
 */

import type { Door, NativeFunction, NativeLibrary, NativeType, Signature } from "./door.ts";

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
    threadPrelude: THREAD_PRELUDE,
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
