// The declarations of every platform against tables taken from the systems' own headers (tests/data/abi): each struct
// member for member, each constant, each error number, on whatever system the tests run.

import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readFileSync } from "node:fs";
import { darwin } from "../structs/darwin.ts";
import { freebsd, sigset_t, sigval } from "../structs/freebsd.ts";
import * as c from "../structs/layout.ts";
import { linuxGlibc } from "../structs/linux_glibc.ts";
import { linuxMusl } from "../structs/linux_musl.ts";
import type { Platform } from "../structs/system.ts";

interface Place {
  readonly offset: number;
  readonly size: number;
}

interface Table {
  readonly structs: Record<
    string,
    { readonly size: number; readonly align?: number; readonly members?: Record<string, Place> }
  >;
  readonly constants: Record<string, number>;
}

interface Type {
  readonly size: number;
  readonly align: number;
  readonly members?: Readonly<Record<string, Place>>;
}

/** Types that the package does not hand to libc and so does not declare. */
const NOT_DECLARED = new Set(["pthread_attr_t", "siginfo"]);

/** The release whose headers the table was made from: no constant that a program could rely on. */
const NO_CONSTANTS = new Set(["__FreeBSD_version"]);

const SCALARS: Record<string, Type> = {
  ...{ sigval, sigset_t, off_t: c.off_t, size_t: c.size_t, long: c.long, time_t: c.time_t },
};

const PLATFORMS: readonly [string, readonly Platform[]][] = [
  ["freebsd", [freebsd("amd64"), freebsd("arm64")]],
  ["linux_glibc_x86_64", [linuxGlibc("x86_64")]],
  ["linux_musl_x86_64", [linuxMusl("x86_64")]],
  ["macos", [darwin("arm64"), darwin("x86_64")]],
];

for (const [name, platforms] of PLATFORMS) {
  const table: Table = JSON.parse(readFileSync(new URL(`data/abi/${name}.json`, import.meta.url), "utf8"));
  for (const platform of platforms) {
    describe(`${platform.name} and the table ${name}.json`, () => {
      for (const [tag, expected] of Object.entries(table.structs)) {
        if (NOT_DECLARED.has(tag)) continue;
        it(`agree on ${tag}`, () => {
          const key = tag === "__siginfo" ? "siginfo" : tag;
          const type: Type | undefined = platform.structs[key] ?? SCALARS[tag];
          assert(type !== undefined, `${tag} is not declared`);
          assertEquals([type.size, expected.align === undefined ? undefined : type.align], [
            expected.size,
            expected.align,
          ]);
          const members = type.members ?? {};
          const found = Object.keys(expected.members ?? {}).map((member) => {
            const { offset, size } = members[member] ?? { offset: NaN, size: NaN };
            return [member, { offset, size }] as const;
          });
          assertEquals(Object.fromEntries(found), expected.members ?? {});
        });
      }

      it("agree on every member of the control block: none of the declaration is missing in the table", () => {
        const { members } = platform.structs.aiocb;
        const { members: expected } = table.structs.aiocb;
        const own = Object.keys(members).filter((member) => !member.includes("."));
        assertEquals(own.filter((member) => !(member in expected!)), []);
      });

      it("agree on every constant and error number", () => {
        const numbers: Record<string, number> = { ...platform.constants, ...platform.errno };
        const expected = Object.entries(table.constants).filter(([constant]) => !NO_CONSTANTS.has(constant));
        assertEquals(expected.map(([constant]) => [constant, numbers[constant]]), expected);
      });

      it("open flags are among the constants", () => {
        for (const [flag, value] of Object.entries(platform.openFlags)) assertEquals(platform.constants[flag], value);
      });
    });
  }
}
