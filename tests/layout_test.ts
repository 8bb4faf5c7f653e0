// C's layout rules and the views over laid-out memory: padding, unions, nesting, arrays, aliases, and what each scalar takes.

import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import * as c from "../structs/layout.ts";
import type { Layout, Scalar } from "../structs/layout.ts";
import { detect, platform, usePlatform } from "../structs/platform.ts";
import { readInteger, viewOf, writeInteger } from "../structs/view.ts";
import type { StructView } from "../structs/view.ts";

function offsets(layout: Layout): Record<string, number> {
  return Object.fromEntries(Object.entries(layout.members).map(([name, { offset }]) => [name, offset]));
}

describe("struct()", () => {
  it("aligns each member to its own size", () => {
    const layout = c.struct("s", { a: c.char, b: c.short, d: c.char, e: c.int, f: c.char, g: c.long });
    assertEquals(offsets(layout), { a: 0, b: 2, d: 4, e: 8, f: 12, g: 16 });
    assertEquals([layout.size, layout.align], [24, 8]);
  });

  it("pads its end to the alignment of its largest member", () => {
    assertEquals(c.struct("s", { a: c.pointer, b: c.char }).size, 16);
    assertEquals(c.struct("s", { a: c.int, b: c.char }).size, 8);
    assertEquals(c.struct("s", { a: c.char, b: c.char, d: c.char }).size, 3);
  });

  it("lays nested structs at their alignment and names their members by path", () => {
    const inner = c.struct("inner", { x: c.char, y: c.int64_t });
    const outer = c.struct("outer", { flag: c.char, inner, last: c.char });
    assertEquals(offsets(outer), { flag: 0, inner: 8, "inner.x": 8, "inner.y": 16, last: 24 });
    assertEquals(outer.size, 32);
  });

  it("names members two levels deep", () => {
    const a = c.struct("a", { z: c.short });
    const b = c.struct("b", { pad: c.int, a });
    const layout = c.struct("l", { pad: c.long, b });
    assertEquals(layout.members["b.a.z"].offset, 12);
  });

  it("gives arrays the alignment of their element", () => {
    const layout = c.struct("s", { a: c.char, list: c.array(c.ushort, 3), b: c.uint, tail: c.array(c.char, 5) });
    assertEquals(offsets(layout), { a: 0, list: 2, b: 8, tail: 12 });
    assertEquals([layout.size, layout.members.list.size], [20, 6]);
  });

  it("gives arrays of structs the size of all", () => {
    const point = c.struct("point", { x: c.int, y: c.char });
    assertEquals(c.struct("s", { c: c.char, points: c.array(point, 3) }).size, 28);
  });

  it("resolves aliases, also of nested members", () => {
    const inner = c.struct("inner", { x: c.int, y: c.int });
    const layout = c.struct("s", { head: c.long, inner }, { y: "inner.y", first: "head" });
    assertEquals([layout.members.y.offset, layout.members.first.offset], [12, 0]);
    assertThrows(() => c.struct("s", { a: c.int }, { b: "c" }), TypeError, "alias b names no member c");
  });
});

describe("union()", () => {
  it("lays every member at 0 and is as large as the largest, padded to the strictest", () => {
    const layout = c.union("u", { bytes: c.array(c.char, 9), word: c.int, wide: c.int64_t });
    assertEquals(offsets(layout), { bytes: 0, word: 0, wide: 0 });
    assertEquals([layout.size, layout.align], [16, 8]);
  });

  it("aligns where it is nested", () => {
    const choice = c.union("u", { word: c.int, pair: c.struct("p", { a: c.pointer, b: c.pointer }) });
    const layout = c.struct("s", { flag: c.int, choice });
    assertEquals([layout.members.choice.offset, layout.members["choice.pair.b"].offset, layout.size], [8, 16, 24]);
  });
});

describe("a view", () => {
  const layout = c.struct("s", {
    a: c.char,
    b: c.ushort,
    c: c.int,
    d: c.uint,
    e: c.int64_t,
    f: c.size_t,
    g: c.short,
  });

  it("reads and writes little-endian integers where C has them", () => {
    const memory = new ArrayBuffer(layout.size + 8);
    const view = viewOf(layout, memory, 8);
    Object.assign(view, { a: -1, b: 0xfffe, c: -2, d: 0xfffffffd, e: -3, f: 2 ** 53 - 1, g: -4 });
    assertEquals([view.a, view.b, view.c, view.d, view.e, view.f, view.g], [
      -1,
      65534,
      -2,
      4294967293,
      -3,
      2 ** 53 - 1,
      -4,
    ]);
    assertEquals([...new Uint8Array(memory, 8, 8)], [0xff, 0, 0xfe, 0xff, 0xfe, 0xff, 0xff, 0xff]);
    assertEquals([...new Uint8Array(memory, 0, 8)], Array(8).fill(0));
  });

  it("does not write outside its struct", () => {
    const memory = new ArrayBuffer(layout.size);
    assertThrows(() => viewOf(layout, memory, 1), RangeError);
  });

  it("leaves structs, unions and arrays to their members", () => {
    const nested = c.struct("n", { list: c.array(c.int, 2), inner: c.struct("i", { x: c.int }) });
    const view = viewOf<string>(nested, new ArrayBuffer(nested.size)) as StructView;
    assertEquals(["list" in view, "inner" in view, "inner.x" in view], [false, false, true]);
    view["inner.x"] = 9;
    assertEquals(view.memory.getInt32(8, true), 9);
  });

  it("takes bigints and gives numbers", () => {
    const view = viewOf(layout, new ArrayBuffer(layout.size));
    (view as Record<string, unknown>).e = -5n;
    assertEquals(view.e, -5);
  });
});

describe("writeInteger()", () => {
  const memory = new DataView(new ArrayBuffer(16));
  const limits: [string, Scalar, number | bigint, number | bigint][] = [
    ["char", c.char, -128, 127],
    ["short", c.short, -32768, 32767],
    ["unsigned short", c.ushort, 0, 65535],
    ["int", c.int, -(2 ** 31), 2 ** 31 - 1],
    ["unsigned int", c.uint, 0, 2 ** 32 - 1],
    ["long", c.long, -(2n ** 63n), 2n ** 63n - 1n],
    ["off_t", c.off_t, -(2n ** 63n), 2n ** 63n - 1n],
    ["size_t", c.size_t, 0n, 2n ** 64n - 1n],
    ["pointer", c.pointer, 0n, 2n ** 64n - 1n],
  ];
  for (const [name, type, low, high] of limits) {
    it(`takes what a C ${name} holds, and refuses the next number`, () => {
      for (const value of [low, high]) {
        writeInteger(memory, 3, type, value, name);
        if (Number.isSafeInteger(Number(value))) assertEquals(readInteger(memory, 3, type, name), Number(value));
        else assertThrows(() => readInteger(memory, 3, type, name), RangeError, "does not fit a JavaScript number");
      }
      for (const value of [BigInt(low) - 1n, BigInt(high) + 1n]) {
        assertThrows(() => writeInteger(memory, 3, type, value, name), RangeError, `Cannot set ${name}: ${value}`);
      }
      assertThrows(() => writeInteger(memory, 3, type, 2 ** 70, name), RangeError);
      assertThrows(() => writeInteger(memory, 3, type, 0.5, name), RangeError, "not an integer");
      assertThrows(() => writeInteger(memory, 3, type, NaN, name), RangeError, "not an integer");
      assertThrows(() => writeInteger(memory, 3, type, -Infinity, name), RangeError, "not an integer");
    });
  }

  it("refuses what is no number", () => {
    for (const value of ["1", null, undefined, true, {}]) {
      assertThrows(
        () => writeInteger(memory, 0, c.int, value as number, "x"),
        TypeError,
        "expected a number or a bigint",
      );
    }
  });

  it("reads -1 of a long as -1 and 2^53 of neither sign", () => {
    writeInteger(memory, 0, c.long, -1, "x");
    assertEquals(readInteger(memory, 0, c.long, "x"), -1);
    for (const value of [2n ** 53n, -(2n ** 53n)]) {
      writeInteger(memory, 0, c.long, value, "x");
      assertThrows(() => readInteger(memory, 0, c.long, "x"), RangeError);
    }
  });
});

describe("detect()", () => {
  it("chooses by system and processor", () => {
    const names = ["linux", "freebsd", "darwin"].flatMap((system) =>
      ["x64", "arm64"].map((processor) => detect(system, processor).name)
    );
    assertEquals(names, [
      ...["linux-glibc-x86_64", "linux-glibc-aarch64", "freebsd-amd64", "freebsd-arm64"],
      ...["darwin-x86_64", "darwin-arm64"],
    ]);
  });

  it("tells musl by what the library lacks", () => {
    const musl = (symbol: string) => symbol !== "gnu_get_libc_version";
    assertEquals(detect("linux", "x64", musl).name, "linux-musl-x86_64");
    assertEquals(detect("linux", "arm64", musl).name, "linux-musl-aarch64");
    assertEquals(detect("freebsd", "x64", () => false).name, "freebsd-amd64");
  });

  it("refuses another system in one sentence that says what is supported", () => {
    assertThrows(() => detect("win32", "x64"), Error, "Cannot use POSIX AIO on win32 x64: supported are 64-bit Linux");
    for (const system of ["linux", "freebsd", "darwin"]) {
      assertThrows(() => detect(system, "ia32"), Error, `Cannot use POSIX AIO on ${system} ia32`);
    }
    assertThrows(() => detect("linux", "s390x"), Error, "supported are");
  });
});

describe("usePlatform()", () => {
  it("comes too late when the platform has been asked for", () => {
    const { name } = platform();
    const late = assertThrows(() => usePlatform({ platform: detect("freebsd", "x64") }), Error);
    assertEquals(late.message, `Cannot choose freebsd-amd64: ${name} is in use already`);
    assertEquals(platform().name, name);
  });
});
