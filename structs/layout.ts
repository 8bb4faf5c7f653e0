/**
 * C's layout rules: declarations that read like C become offsets, sizes and alignments.
 *
 * Each platform file declares its structs with {@linkcode struct}, {@linkcode union} and the scalar types below; nothing
 * else in the package computes an offset. The rules are those of the System V ABI for 64-bit little-endian processors
 * (natural alignment, padding to the largest member), which Linux, FreeBSD and macOS share.
 *
 * @module
 */

/** How a scalar is read and written. */
export type ScalarKind = "i8" | "u8" | "i16" | "u16" | "i32" | "u32" | "i64" | "u64" | "pointer";

/** A C scalar type: size and alignment are equal on all supported processors. */
export interface Scalar {
  readonly kind: ScalarKind;
  /** Size in bytes. */
  readonly size: number;
  /** Alignment in bytes. */
  readonly align: number;
}

/** A fixed-length C array, `type name[length]`. */
export interface ArrayType {
  readonly kind: "array";
  readonly element: CType;
  readonly length: number;
  readonly size: number;
  readonly align: number;
}

/** A member of a laid-out struct or union. */
export interface Member {
  /** Distance in bytes from the start of the outermost struct. */
  readonly offset: number;
  /** Size in bytes. */
  readonly size: number;
  /** The member's type. */
  readonly type: CType;
}

/** A laid-out struct or union. */
export interface Layout<Name extends string = string> {
  readonly kind: "struct" | "union";
  /** The C tag. */
  readonly name: string;
  /** `sizeof`, in bytes. */
  readonly size: number;
  /** `_Alignof`, in bytes. */
  readonly align: number;
  /** Every member by its C name; members of nested structs also by their dotted path, and the aliases. */
  readonly members: Readonly<Record<Name, Member>> & Readonly<Record<string, Member>>;
}

/** Any C type that can be a member. */
export type CType = Scalar | ArrayType | Layout;

const scalar = (kind: ScalarKind, size: number): Scalar => ({ kind, size, align: size });

/** `short` */
export const short: Scalar = scalar("i16", 2);
/** `unsigned short` */
export const ushort: Scalar = scalar("u16", 2);
/** `int` */
export const int: Scalar = scalar("i32", 4);
/** `unsigned int` */
export const uint: Scalar = scalar("u32", 4);
/** `long` (LP64) */
export const long: Scalar = scalar("i64", 8);
/** `char` used as padding */
export const char: Scalar = scalar("i8", 1);
/** `int64_t` */
export const int64_t: Scalar = scalar("i64", 8);
/** `uint64_t` */
export const uint64_t: Scalar = scalar("u64", 8);
/** `size_t` (LP64) */
export const size_t: Scalar = scalar("u64", 8);
/** `ssize_t` (LP64) */
export const ssize_t: Scalar = scalar("i64", 8);
/** `off_t` (64-bit on every supported platform) */
export const off_t: Scalar = scalar("i64", 8);
/** `time_t` (64-bit on every supported platform) */
export const time_t: Scalar = scalar("i64", 8);
/** Any data or function pointer. */
export const pointer: Scalar = scalar("pointer", 8);

/**
 * `element name[length]`
 *
 * @param element The type of one element.
 * @param length How many elements.
 * @returns The array type.
 */
export function array(element: CType, length: number): ArrayType {
  return { kind: "array", element, length, size: element.size * length, align: element.align };
}

/**
 * Lays out a C struct.
 *
 * @example
 * ```ts
 * import { int, pointer, struct } from "./layout.ts";
 *
 * const example = struct("example", { flag: int, next: pointer });
 * if (example.members.next.offset !== 8 || example.size !== 16) throw new Error("C would disagree");
 * ```
 *
 * @param name The C tag.
 * @param declarations The members in their C order.
 * @param aliases Further names for members, as the headers define them with macros: alias to (dotted) member.
 * @returns The layout.
 */
export function struct<Name extends string, Alias extends string = never>(
  name: string,
  declarations: Readonly<Record<Name, CType>>,
  aliases: Readonly<Record<Alias, string>> = {} as Record<Alias, string>,
): Layout<Name | Alias> {
  return lay("struct", name, declarations, aliases);
}

/**
 * Lays out a C union: every member at offset 0.
 *
 * @param name The C tag.
 * @param declarations The members.
 * @returns The layout.
 */
export function union<Name extends string>(name: string, declarations: Readonly<Record<Name, CType>>): Layout<Name> {
  return lay("union", name, declarations, {});
}

function lay(
  kind: "struct" | "union",
  name: string,
  declarations: Readonly<Record<string, CType>>,
  aliases: Readonly<Record<string, string>>,
): Layout {
  const members: Record<string, Member> = {};
  let end = 0;
  let align = 1;
  for (const [memberName, type] of Object.entries(declarations)) {
    const offset = kind === "union" ? 0 : roundUp(end, type.align);
    members[memberName] = { offset, size: type.size, type };
    if (type.kind === "struct" || type.kind === "union") {
      for (const [inner, member] of Object.entries(type.members)) {
        members[`${memberName}.${inner}`] = { ...member, offset: offset + member.offset };
      }
    }
    end = Math.max(end, offset + type.size);
    align = Math.max(align, type.align);
  }
  for (const [alias, target] of Object.entries(aliases)) {
    const member = members[target];
    if (member === undefined) throw new TypeError(`Cannot lay out ${name}: alias ${alias} names no member ${target}`);
    members[alias] = member;
  }
  return { kind, name, size: roundUp(end, align), align, members };
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
