/**
 * Typed views: a struct in memory as an object whose properties are the C members.
 *
 * Getters give JavaScript numbers; setters take numbers and bigints and refuse what the C type cannot hold, so a value
 * that arrives in libc is always the one that was written in TypeScript.
 *
 * @module
 */

import type { CType, Layout, Scalar } from "./layout.ts";

/** A struct in memory: the scalar members by their C names. */
export type StructView<Name extends string = string> = {
  /** The memory behind the view. */
  readonly memory: DataView;
} & { [Key in Name]: number };

const RANGES: Record<Scalar["kind"], readonly [bigint, bigint]> = {
  i8: [-(1n << 7n), (1n << 7n) - 1n],
  u8: [0n, (1n << 8n) - 1n],
  i16: [-(1n << 15n), (1n << 15n) - 1n],
  u16: [0n, (1n << 16n) - 1n],
  i32: [-(1n << 31n), (1n << 31n) - 1n],
  u32: [0n, (1n << 32n) - 1n],
  i64: [-(1n << 63n), (1n << 63n) - 1n],
  u64: [0n, (1n << 64n) - 1n],
  pointer: [0n, (1n << 64n) - 1n],
};

const prototypes = new WeakMap<Layout, object>();

/**
 * Makes a view of one struct.
 *
 * @example
 * ```ts
 * import { timespec } from "./linux_glibc.ts";
 * import { viewOf } from "./view.ts";
 *
 * const time = viewOf(timespec, new ArrayBuffer(timespec.size));
 * time.tv_nsec = 500_000_000;
 * if (time.tv_nsec !== 500_000_000) throw new Error("not kept");
 * ```
 *
 * @param layout The struct's layout.
 * @param buffer The memory it lies in.
 * @param offset Where in the memory it begins, in bytes. Default 0.
 * @returns The view.
 */
export function viewOf<Name extends string>(
  layout: Layout<Name>,
  buffer: ArrayBufferLike,
  offset: number = 0,
): StructView<Name> {
  let prototype = prototypes.get(layout);
  if (prototype === undefined) {
    prototype = prototypeOf(layout);
    prototypes.set(layout, prototype);
  }
  const view = Object.create(prototype);
  Object.defineProperty(view, "memory", { value: new DataView(buffer, offset, layout.size) });
  return Object.preventExtensions(view); // a name that this struct lacks is an error, not a new property
}

function prototypeOf(layout: Layout): object {
  const prototype = {};
  for (const [name, { offset, type }] of Object.entries(layout.members)) {
    if (!isScalar(type)) continue;
    Object.defineProperty(prototype, name, {
      enumerable: true,
      get(this: StructView) {
        return readInteger(this.memory, offset, type, `${layout.name}.${name}`);
      },
      set(this: StructView, value: number | bigint) {
        writeInteger(this.memory, offset, type, value, `${layout.name}.${name}`);
      },
    });
  }
  return prototype;
}

function isScalar(type: CType): type is Scalar {
  return type.kind !== "array" && type.kind !== "struct" && type.kind !== "union";
}

/**
 * Reads one integer from memory.
 *
 * @param memory Where to read.
 * @param offset Distance from the start of `memory`, in bytes.
 * @param type The C type.
 * @param name What to call it in an error.
 * @returns The value as a number.
 * @throws {RangeError} If a 64-bit value cannot be held exactly by a number.
 */
export function readInteger(memory: DataView, offset: number, type: Scalar, name: string): number {
  switch (type.kind) {
    case "i8":
      return memory.getInt8(offset);
    case "u8":
      return memory.getUint8(offset);
    case "i16":
      return memory.getInt16(offset, true);
    case "u16":
      return memory.getUint16(offset, true);
    case "i32":
      return memory.getInt32(offset, true);
    case "u32":
      return memory.getUint32(offset, true);
  }
  const big = type.kind === "i64" ? memory.getBigInt64(offset, true) : memory.getBigUint64(offset, true);
  const value = Number(big);
  if (!Number.isSafeInteger(value)) {
    throw new RangeError(`Cannot read ${name}: ${big} does not fit a JavaScript number exactly`);
  }
  return value;
}

/**
 * Writes one integer into memory.
 *
 * @param memory Where to write.
 * @param offset Distance from the start of `memory`, in bytes.
 * @param type The C type.
 * @param value The value; an integer within the C type's range.
 * @param name What to call it in an error.
 * @throws {TypeError} If `value` is neither a number nor a bigint.
 * @throws {RangeError} If `value` is no integer or does not fit.
 */
export function writeInteger(
  memory: DataView,
  offset: number,
  type: Scalar,
  value: number | bigint,
  name: string,
): void {
  if (typeof value !== "number" && typeof value !== "bigint") {
    throw new TypeError(
      `Cannot set ${name}: expected a number or a bigint, got ${value === null ? "null" : typeof value}`,
    );
  }
  const [low, high] = RANGES[type.kind];
  if (typeof value === "number" && !Number.isInteger(value)) {
    throw new RangeError(`Cannot set ${name}: ${value} is not an integer`);
  }
  if (value < low || value > high) {
    throw new RangeError(`Cannot set ${name}: ${value} is outside ${low} to ${high}`);
  }
  switch (type.size) {
    case 1:
      return memory.setUint8(offset, Number(value));
    case 2:
      return memory.setUint16(offset, Number(value), true);
    case 4:
      return memory.setUint32(offset, Number(value), true);
    default:
      return memory.setBigUint64(offset, BigInt.asUintN(64, BigInt(value)), true);
  }
}
