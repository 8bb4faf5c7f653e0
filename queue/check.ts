/**
 * The checks that turn bad input into an error that names the argument, its value and what was expected.
 *
 * @module
 */

import { platform } from "../structs/platform.ts";

const encoder = new TextEncoder();

/** Most bytes of a request without a pool buffer: JavaScript engines hold no larger arrays everywhere. */
const LENGTH_MAX = 2 ** 32;

/**
 * Checks a descriptor.
 *
 * @param fd What the caller gave: a number, or an object that has one.
 * @returns The descriptor.
 * @throws {TypeError} If it is neither.
 * @throws {RangeError} If it is no descriptor number.
 */
export function checkDescriptor(fd: unknown): number {
  if (typeof fd !== "number") {
    const inner = typeof fd === "object" && fd !== null ? (fd as { fd?: unknown }).fd : undefined;
    if (typeof inner === "number") return checkDescriptor(inner);
    throw new TypeError(`Cannot use fd ${text(fd)}: expected a number, or an object whose fd is one`);
  }
  if (!Number.isInteger(fd) || fd < 0 || fd > 0x7fffffff) {
    throw new RangeError(`Cannot use fd ${fd}: expected an integer from 0 to 2147483647`);
  }
  return fd;
}

/**
 * Checks an integer.
 *
 * @param name What to call it in the error.
 * @param value What the caller gave.
 * @param low The least value.
 * @param high The greatest value.
 * @returns The integer.
 * @throws {TypeError} If it is no number.
 * @throws {RangeError} If it is no integer in that range.
 */
export function checkInteger(name: string, value: unknown, low: number, high: number): number {
  if (typeof value !== "number") throw new TypeError(`Cannot use ${name} ${text(value)}: expected a number`);
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new RangeError(`Cannot use ${name} ${value}: expected an integer from ${low} to ${high}`);
  }
  return value;
}

/**
 * Checks an offset: the whole transfer must stay below what a number holds exactly.
 *
 * @param offset What the caller gave, a number or a bigint; `undefined` means 0.
 * @param name What to call it in the error.
 * @returns The offset in bytes.
 * @throws {TypeError} If it is neither.
 * @throws {RangeError} If it is negative, fractional or too large.
 */
export function checkOffset(offset: unknown, name: string = "offset"): number {
  if (offset === undefined) return 0;
  if (typeof offset !== "bigint") return checkInteger(name, offset, 0, Number.MAX_SAFE_INTEGER);
  if (offset >= 0n && offset <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(offset);
  throw new RangeError(`Cannot use ${name} ${text(offset)}: expected an integer from 0 to ${Number.MAX_SAFE_INTEGER}`);
}

/**
 * Checks where a request of a queue begins.
 *
 * @param offset What the caller gave; `undefined` means 0.
 * @returns The offset in bytes, or `null` for the file's own position.
 * @throws {TypeError} If it is no number and not `null`.
 * @throws {RangeError} If it is negative, fractional or too large.
 */
export function checkPosition(offset: unknown): number | null {
  return offset === null ? null : checkOffset(offset);
}

/**
 * Checks a length in bytes.
 *
 * @param length What the caller gave.
 * @returns The length.
 * @throws {TypeError} If it is no number.
 * @throws {RangeError} If it is negative, fractional or above 4 GiB.
 */
export function checkLength(length: unknown): number {
  return checkInteger("length", length, 0, LENGTH_MAX);
}

/**
 * Checks a buffer.
 *
 * @param name What to call it in the error.
 * @param buffer What the caller gave.
 * @returns The buffer, or its bytes where it is another kind of view or a whole `ArrayBuffer`.
 * @throws {TypeError} If it is no memory, or detached.
 */
export function checkBuffer(name: string, buffer: unknown): Uint8Array {
  if (buffer instanceof Uint8Array) {
    if (buffer.length === 0) mustBeAttached(name, buffer.buffer);
    return buffer;
  }
  if (ArrayBuffer.isView(buffer)) {
    mustBeAttached(name, buffer.buffer);
    return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }
  if (buffer instanceof ArrayBuffer || buffer instanceof SharedArrayBuffer) {
    mustBeAttached(name, buffer);
    return new Uint8Array(buffer);
  }
  throw new TypeError(`Cannot use ${name} ${text(buffer)}: expected a Uint8Array, another view or an ArrayBuffer`);
}

/**
 * Checks what is to be written.
 *
 * @param name What to call it in the error.
 * @param buffer What the caller gave: bytes, or a text.
 * @returns The bytes; of a text, those of its UTF-8.
 * @throws {TypeError} If it is neither.
 */
export function checkContent(name: string, buffer: unknown): Uint8Array {
  return typeof buffer === "string" ? encoder.encode(buffer) : checkBuffer(name, buffer);
}

function mustBeAttached(name: string, memory: ArrayBufferLike): void {
  if ((memory as { detached?: boolean }).detached !== true) return;
  throw new TypeError(
    `Cannot use ${name}: its ArrayBuffer is detached (transferred, or a pool buffer that was given back)`,
  );
}

/**
 * Checks the parts of a vectored request.
 *
 * @param buffers What the caller gave.
 * @param check Checks one part: {@linkcode checkBuffer}, or {@linkcode checkContent} of what is written.
 * @returns The parts and their whole length in bytes.
 * @throws {TypeError} If it is no array of them.
 * @throws {RangeError} If there are none or more than `IOV_MAX`.
 */
export function checkBuffers(
  buffers: unknown,
  check: (name: string, part: unknown) => Uint8Array,
): { parts: readonly Uint8Array[]; length: number } {
  if (!Array.isArray(buffers)) {
    throw new TypeError(`Cannot use buffers ${text(buffers)}: expected an array of Uint8Array`);
  }
  const most = platform().constants.IOV_MAX;
  if (buffers.length === 0 || buffers.length > most) {
    throw new RangeError(`Cannot use ${buffers.length} buffers: expected 1 to ${most} (IOV_MAX)`);
  }
  let length = 0;
  const parts = buffers.map((given, index) => {
    const part = check(`buffers[${index}]`, given);
    length += part.length;
    return part;
  });
  checkLength(length);
  return { parts, length };
}

/**
 * Checks a signal.
 *
 * @param signal What the caller gave; `null` is none.
 * @returns The signal, if there is one.
 * @throws {TypeError} If it is neither `undefined` nor `null` nor an `AbortSignal`.
 */
export function checkSignal(signal: unknown): AbortSignal | undefined {
  if (signal === undefined || signal === null) return undefined;
  if (typeof (signal as AbortSignal).addEventListener === "function") return signal as AbortSignal;
  throw new TypeError(`Cannot use signal ${text(signal)}: expected an AbortSignal`);
}

/**
 * Checks where the bytes that have moved are to be told, and tells none.
 *
 * @param moved What the caller gave.
 * @returns The object, or `null` without one.
 * @throws {TypeError} If it is no object.
 */
export function checkMoved(moved: unknown): { bytes: number } | null {
  if (moved === undefined) return null;
  if (typeof moved === "object" && moved !== null && Reflect.set(moved, "bytes", 0)) return moved as { bytes: number };
  throw new TypeError(`Cannot use moved ${text(moved)}: expected an object whose bytes can be set`);
}

/** The names that options of one kind have. */
export type Names = Readonly<Record<string, true>>;

/**
 * Makes a set of names.
 *
 * @param list The names.
 * @returns The set.
 */
export function namesOf<Name extends string>(...list: readonly Name[]): Names {
  return Object.assign(Object.create(null), Object.fromEntries(list.map((name) => [name, true])));
}

/**
 * Refuses what is no object of options, and options that do not exist: a misspelt offset would read the wrong bytes.
 *
 * @param what What they are called.
 * @param options What the caller gave.
 * @param names Those that exist.
 * @throws {TypeError} If there is another one, or it is no object.
 */
export function checkNames(what: string, options: unknown, names: Names): void {
  if (options === null || typeof options !== "object" || ArrayBuffer.isView(options) || Array.isArray(options)) {
    const hint = ArrayBuffer.isView(options) && names.buffer
      ? "expected an object, such as { buffer }"
      : "expected an object";
    throw new TypeError(`Cannot use ${what} ${text(options)}: ${hint}`);
  }
  for (const name in options) {
    if (names[name] !== true) {
      const known = Object.keys(names).join(", ");
      throw new TypeError(`Cannot use ${what}: there is no ${JSON.stringify(name)}, only ${known}`);
    }
  }
}

/**
 * The error for what is closed.
 *
 * @param message What cannot be done.
 * @returns A `TypeError` whose `code` is `"ERR_CLOSED"`.
 */
export function closedError(message: string): TypeError & { readonly code: string } {
  return Object.assign(new TypeError(message), { code: "ERR_CLOSED" });
}

/** A value as it is shown in an error. */
export function text(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "of type function";
  if (typeof value !== "object" || value === null) return String(value);
  const name = Object.getPrototypeOf(value)?.constructor?.name;
  return `of type ${typeof name === "string" && name !== "" ? name : "object"}`;
}
