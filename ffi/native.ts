/**
 * The one small interface behind which each runtime's FFI stands.
 *
 * A door does four things: it binds C functions, turns addresses into what its calls accept, lays views over native
 * memory, and gives the text with which a worker thread binds functions itself (a worker from inline source cannot import
 * this module).
 *
 * @module
 */

import type { NativeThread, ThreadListeners } from "./thread.ts";

/** The C types that cross the border. `i64` and `usize` travel as JavaScript numbers. */
export type NativeType = "i32" | "i64" | "usize" | "pointer" | "void";

/** A C prototype. */
export interface Signature<
  Result extends NativeType = NativeType,
  Parameters extends readonly NativeType[] = readonly NativeType[],
> {
  readonly result: Result;
  readonly parameters: Parameters;
}

/**
 * An address in the form in which the runtime's calls take it fastest: a bigint in Deno and Node, a number in Bun.
 * Made by {@linkcode Door.pointer}, once for each address, and kept.
 */
export type Pointer = number | bigint;

type Value<Type> = Type extends "pointer" ? Pointer : number;
type Values<Parameters extends readonly NativeType[]> = { -readonly [Key in keyof Parameters]: Value<Parameters[Key]> };

/** A bound C function. A `pointer` or 64-bit result arrives as a number. */
export type NativeFunction<S extends Signature = Signature> = (
  ...values: Values<S["parameters"]>
) => S["result"] extends "void" ? void : number;

/** An opened shared library. */
export interface NativeLibrary {
  /**
   * Binds one function.
   *
   * @returns The function, or `undefined` if the library has no such symbol.
   */
  bind(name: string, signature: Signature): NativeFunction | undefined;
}

/** A JavaScript function that C may call from any thread. It keeps no process alive until `ref()` says so. */
export interface NativeCallback {
  /** The function pointer to hand to C. */
  readonly address: number;
  /** Keeps the process alive, because a call is expected. */
  ref(): void;
  /** Undoes `ref()`. */
  unref(): void;
  /** Frees the callback; C must not call it again. */
  close(): void;
}

/** A runtime's FFI. */
export interface Door {
  /** The runtime's name. */
  readonly runtime: "deno" | "bun" | "node";
  /** The runtime's version. */
  readonly version: string;
  /**
   * Starts a thread. Its text has `bind(library, symbols)`, `pointer(address)` and `view(address, bytes)` at hand,
   * `onMessage(listener)`, whose first message is `data`, and `post(value)`.
   */
  startThread(text: string, data: unknown, listeners: ThreadListeners): NativeThread;
  /**
   * Opens a shared library.
   *
   * @throws {Error} If it is not found or not allowed.
   */
  open(library: string): NativeLibrary;
  /** Turns an address into what bound functions take for a `pointer`. */
  pointer(address: number): Pointer;
  /** Lays an `ArrayBuffer` over native memory, which the caller keeps mapped for as long as a script may see it. */
  view(address: number, bytes: number): ArrayBuffer;
  /** The address of a non-empty array's first byte. */
  addressOf(bytes: Uint8Array): number;
  /** Makes a callback `void (*)(union sigval)` that any thread may call; absent where the runtime has none. */
  callback?(call: (value: number) => void): NativeCallback;
}
