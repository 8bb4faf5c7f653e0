/**
 * Arrays of every kind that a caller may bring.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { AioQueue, PoolBuffer } from "@posix/aio";

const WASM_PAGE_BYTES = 65_536;

/** Makes an array of some bytes. */
export type Make = (bytes: number) => Uint8Array;

/** Callers' own arrays, by what they are. */
export const OWN_ARRAYS: Readonly<Record<string, Make>> = {
  "a Uint8Array": (bytes) => new Uint8Array(bytes),
  "a part of a larger one": (bytes) => new Uint8Array(bytes + 24).subarray(11, 11 + bytes),
  "a part of a resizable one": (bytes) =>
    new Uint8Array(new ArrayBuffer(bytes + 8, { maxByteLength: 2 * bytes + 8 }), 8, bytes),
  "all of a resizable one": (bytes) => new Uint8Array(new ArrayBuffer(bytes, { maxByteLength: 2 * bytes })),
  "a shared one": (bytes) => new Uint8Array(new SharedArrayBuffer(bytes)),
  "a shared one that can grow": (bytes) => new Uint8Array(new SharedArrayBuffer(bytes, { maxByteLength: 2 * bytes })),
  "WebAssembly's memory": (bytes) => {
    const initial = Math.ceil((bytes + 100) / WASM_PAGE_BYTES);
    return new Uint8Array(new WebAssembly.Memory({ initial, maximum: initial + 1 }).buffer, 100, bytes);
  },
  "WebAssembly's shared memory": (bytes) => {
    const initial = Math.ceil((bytes + 100) / WASM_PAGE_BYTES);
    return new Uint8Array(new WebAssembly.Memory({ initial, maximum: initial + 1, shared: true }).buffer, 100, bytes);
  },
  "a Buffer": (bytes) => Buffer.alloc(bytes),
  "a Buffer of the common pool": (bytes) => Buffer.allocUnsafe(bytes),
};

/** What a pool buffer offers besides: a part of it. */
export function partOfPool(
  queue: AioQueue,
  bytes: number,
): { readonly buffer: PoolBuffer; readonly array: Uint8Array } {
  const buffer = queue.buffers.take(bytes + 64);
  return { buffer, array: buffer.bytes.subarray(33, 33 + bytes) };
}
