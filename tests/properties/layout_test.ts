// The struct layout against another way to find it: place each member at the first address that its alignment divides,
// one byte at a time, and mark the bytes it takes.

import { assert, assertEquals } from "@std/assert";
import { it } from "@std/testing/bdd";
import fc from "fast-check";
import * as c from "../../structs/layout.ts";
import type { CType, Layout } from "../../structs/layout.ts";
import { viewOf } from "../../structs/view.ts";
import { runs } from "./runs.ts";

/** What a C declaration says. */
type Declaration =
  | { readonly scalar: "char" | "short" | "int" | "int64_t" | "uint64_t" | "pointer" | "uint" | "ushort" }
  | { readonly element: Declaration; readonly length: number }
  | { readonly fields: readonly Declaration[]; readonly union: boolean };

const SIZES = { char: 1, short: 2, ushort: 2, int: 4, uint: 4, int64_t: 8, uint64_t: 8, pointer: 8 } as const;

const { declaration, struct } = fc.letrec<{ declaration: Declaration; struct: Declaration; scalar: Declaration }>(
  (tie) => ({
    scalar: fc.record({ scalar: fc.constantFrom(...Object.keys(SIZES) as (keyof typeof SIZES)[]) }),
    struct: fc.record({ fields: fc.array(tie("declaration"), { minLength: 1, maxLength: 6 }), union: fc.boolean() }),
    declaration: fc.oneof(
      { depthSize: "small", maxDepth: 4, withCrossShrink: true },
      tie("scalar"),
      fc.record({ element: tie("declaration"), length: fc.integer({ min: 1, max: 5 }) }),
      tie("struct"),
    ),
  }),
);

/** The members of a struct are called a, b, c and so on. */
const nameOf = (index: number) => String.fromCharCode(97 + index);

function declare(given: Declaration): CType {
  if ("scalar" in given) return c[given.scalar];
  if ("element" in given) return c.array(declare(given.element), given.length);
  const members = Object.fromEntries(given.fields.map((field, index) => [nameOf(index), declare(field)]));
  return given.union ? c.union("u", members) : c.struct("s", members);
}

/** Size and alignment by the model, and where the scalars that have a name are. */
interface Modelled {
  readonly size: number;
  readonly align: number;
  readonly places: ReadonlyMap<string, number>;
}

function model(given: Declaration): Modelled {
  if ("scalar" in given) return { size: SIZES[given.scalar], align: SIZES[given.scalar], places: new Map() };
  if ("element" in given) {
    const { size, align } = model(given.element);
    return { size: size * given.length, align, places: new Map() };
  }
  const places = new Map<string, number>();
  let [at, size, align] = [0, 0, 1];
  for (const [index, field] of given.fields.entries()) {
    const inner = model(field);
    if (given.union) at = 0;
    while (at % inner.align !== 0) at++;
    places.set(nameOf(index), at);
    for (const [name, place] of inner.places) places.set(`${nameOf(index)}.${name}`, at + place);
    at += inner.size;
    size = Math.max(size, at);
    align = Math.max(align, inner.align);
  }
  while (size % align !== 0) size++;
  return { size, align, places };
}

it("struct() and union() lay out as the model does", () => {
  fc.assert(
    fc.property(struct, (given) => {
      const layout = declare(given) as Layout;
      const { size, align, places } = model(given);
      assertEquals([layout.size, layout.align], [size, align]);
      const found = Object.entries(layout.members).map(([name, { offset }]) => [name, offset]);
      assertEquals(new Map(found as [string, number][]), places);
      for (const { offset, size: bytes } of Object.values(layout.members)) assert(offset + bytes <= size);
    }),
    runs(2000),
  );
});

it("array() takes the size of all its elements at their alignment", () => {
  fc.assert(
    fc.property(declaration, fc.integer({ min: 1, max: 9 }), (element, length) => {
      const { size, align } = model(element);
      const type = c.array(declare(element), length);
      assertEquals([type.size, type.align], [size * length, align]);
    }),
    runs(500),
  );
});

it("viewOf() writes a member's own bytes and no others", () => {
  const kinds = fc.array(fc.constantFrom("char", "short", "ushort", "int", "uint", "int64_t"), {
    minLength: 1,
    maxLength: 8,
  }) as fc.Arbitrary<("char" | "short" | "ushort" | "int" | "uint" | "int64_t")[]>;
  fc.assert(
    fc.property(kinds, fc.nat({ max: 127 }), fc.nat(), fc.nat({ max: 3 }), (names, value, chosen, skip) => {
      const fields = names.map((scalar) => ({ scalar }));
      const layout = declare({ fields, union: false }) as Layout;
      const { places } = model({ fields, union: false });
      const member = nameOf(chosen % names.length);
      const base = skip * 8;
      const bytes = new Uint8Array(base + layout.size + 8).fill(0xaa);
      const view = viewOf(layout, bytes.buffer, base) as Record<string, number>;
      view[member] = value;
      assertEquals(view[member], value);
      const expected = new Uint8Array(bytes.length).fill(0xaa);
      const at = base + places.get(member)!;
      expected.fill(0, at, at + SIZES[names[chosen % names.length]]);
      expected[at] = value;
      assertEquals(bytes, expected);
    }),
    runs(1000),
  );
});
