// Compares every struct, constant and error number of the running platform with the system's C headers: a C program of static
// assertions is made from the declarations and handed to the C compiler, so a member that is added is compared as well.

import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { linuxGlibc } from "../structs/linux_glibc.ts";
import { linuxMusl } from "../structs/linux_musl.ts";
import type { Layout } from "../structs/layout.ts";
import { platform } from "../structs/platform.ts";
import type { Platform } from "../structs/system.ts";
import { itUnless } from "./support/platform.ts";

const HEADERS = `
#define _GNU_SOURCE
#define _WANT_ALL_LIO_OPCODES
#include <sys/types.h>
#include <aio.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#if __has_include(<linux/stat.h>)
#include <linux/stat.h>
#endif
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#ifdef __FreeBSD__
#include <sys/param.h>
#include <sys/event.h>
#include <sys/sysctl.h>
#endif
#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif
`;

function equals(expression: string, value: number): string {
  const name = expression.replaceAll('"', "'");
  return `_Static_assert((long long)(${expression}) == ${value}LL, "${name} is not ${value}");`;
}

/** Members that begin with "_stx_" stand for several members of no interest here. */
const NOT_IN_C = /(^|\.)_stx_/;

/** Assertions for one struct. */
function structAssertions(layout: Layout, left: RegExp = NOT_IN_C): string[] {
  const type = `${layout.kind} ${layout.name}`;
  const members = Object.entries(layout.members).filter(([member]) => !left.test(member));
  return [
    equals(`sizeof(${type})`, layout.size),
    equals(`_Alignof(${type})`, layout.align),
    ...members.flatMap(([member, { offset, size }]) => [
      equals(`offsetof(${type}, ${member})`, offset),
      equals(`sizeof(((${type} *)0)->${member})`, size),
    ]),
  ];
}

function numberAssertions(numbers: Readonly<Record<string, number>>): string[] {
  return Object.entries(numbers).map(([name, value]) => equals(name, value));
}

/** The compiler's complaints. */
function compile(compiler: string, assertions: string[]): string[] {
  const input = `${HEADERS}\n${assertions.join("\n")}\n`;
  const { status, stderr } = spawnSync(compiler, ["-std=c11", "-fsyntax-only", "-xc", "-"], {
    input,
    encoding: "utf8",
  });
  if (status === 0) return [];
  return stderr.split("\n").filter((line) => line.includes("error:"));
}

function hasCompiler(compiler: string): boolean {
  return spawnSync(compiler, ["--version"], { stdio: "ignore" }).status === 0;
}

/** Registers a test that needs a compiler; where there is none it is skipped and says so. */
function itCompiles(compiler: string, name: string, run: () => void): void {
  itUnless(hasCompiler(compiler) ? undefined : `there is no ${compiler}`, name, run);
}

/** The C compiler for the processor that this runtime was built for: an emulator may run it on another. */
const COMPILER = process.arch === "arm64" && hasCompiler("aarch64-linux-gnu-gcc") ? "aarch64-linux-gnu-gcc" : "cc";

function sigvalAssertion({ structs }: Platform): string {
  return equals("sizeof(union sigval)", structs.sigevent.members.sigev_value.size);
}

describe("the declarations of the running platform", () => {
  const { structs, constants: all, errno, name } = platform();
  const { AIO_PRIO_DELTA_MAX: _, ...others } = all; // a macro in glibc only
  const constants = name.startsWith("linux-glibc") ? all : others;
  const same = (assertions: string[]) => assertEquals(compile(COMPILER, assertions), []);
  for (const layout of Object.values(structs)) {
    itCompiles(COMPILER, `lay out struct ${layout.name} as C does`, () => same(structAssertions(layout)));
  }
  itCompiles(COMPILER, "lay out union sigval as C does", () => same([sigvalAssertion(platform())]));
  itCompiles(COMPILER, "give every constant C's value", () => same(numberAssertions(constants)));
  itCompiles(COMPILER, "give every error number C's value", () => same(numberAssertions(errno)));

  itCompiles(COMPILER, "are compared so that a wrong offset, size or constant is found", () => {
    const wrong = [
      equals("sizeof(struct aiocb)", 167),
      equals("offsetof(struct aiocb, aio_offset)", 0),
      equals("EAGAIN", 9999),
    ];
    assertEquals(compile(COMPILER, wrong).length, 3);
  });
});

describe("the declarations for aarch64", () => {
  const compiler = "aarch64-linux-gnu-gcc";
  itCompiles(compiler, "lay out every struct and give every number as C does", () => {
    const aarch64 = linuxGlibc("aarch64");
    const structs = Object.values(aarch64.structs).flatMap((layout) => structAssertions(layout));
    const numbers = [...numberAssertions(aarch64.constants), ...numberAssertions(aarch64.errno)];
    assertEquals(compile(compiler, [...structs, sigvalAssertion(aarch64), ...numbers]), []);
  });
});

describe("the declarations for musl", () => {
  const compiler = "musl-gcc";
  const musl = linuxMusl("x86_64");
  // statx is the kernel's; AIO_PRIO_DELTA_MAX is known to sysconf() only; the union in sigevent has another private name
  const { statx: _, ...structs } = musl.structs;
  const { AIO_PRIO_DELTA_MAX: __, ...constants } = musl.constants;

  itCompiles(compiler, "lay out every struct as C does", () => {
    const assertions = Object.values(structs).flatMap((layout) => structAssertions(layout, /_sigev_un/));
    assertEquals(compile(compiler, [...assertions, sigvalAssertion(musl)]), []);
  });

  itCompiles(compiler, "give every constant and error number C's value", () => {
    assertEquals(compile(compiler, [...numberAssertions(constants), ...numberAssertions(musl.errno)]), []);
  });
});

describe("the table of the reference for aarch64", () => {
  const { constants, structs } = linuxGlibc("aarch64");
  const x86 = linuxGlibc("x86_64");

  it("differs from x86-64 in three open flags", () => {
    const different = Object.keys(constants).filter((name) => constants[name] !== x86.constants[name]);
    assertEquals(different.sort(), ["O_DIRECT", "O_DIRECTORY", "O_NOFOLLOW"]);
    assertEquals([constants.O_DIRECT, constants.O_DIRECTORY, constants.O_NOFOLLOW], [0x10000, 0x4000, 0x8000]);
    assertEquals([x86.constants.O_DIRECT, x86.constants.O_DIRECTORY, x86.constants.O_NOFOLLOW], [
      0x4000,
      0x10000,
      0x20000,
    ]);
  });

  it("has Linux' other numbers", () => {
    const { AIO_CANCELED, AIO_NOTCANCELED, AIO_ALLDONE, LIO_READ, LIO_WRITE, LIO_NOP, LIO_WAIT, LIO_NOWAIT } =
      constants;
    assertEquals([AIO_CANCELED, AIO_NOTCANCELED, AIO_ALLDONE], [0, 1, 2]);
    assertEquals([LIO_READ, LIO_WRITE, LIO_NOP, LIO_WAIT, LIO_NOWAIT], [0, 1, 2, 0, 1]);
    assertEquals([constants.SIGEV_SIGNAL, constants.SIGEV_NONE, constants.SIGEV_THREAD], [0, 1, 2]);
    assertEquals([constants.O_CREAT, constants.O_EXCL, constants.O_TRUNC, constants.O_APPEND], [
      0x40,
      0x80,
      0x200,
      0x400,
    ]);
    assertEquals([constants.O_SYNC, constants.O_DSYNC, constants.O_CLOEXEC], [0x101000, 0x1000, 0x80000]);
    assertEquals([constants.SI_ASYNCIO, constants.IOV_MAX, constants.O_NONBLOCK], [-4, 1024, 0x800]);
  });

  it("has x86-64's layouts", () => {
    assertEquals(structs, x86.structs);
    const { aiocb, sigevent, aioinit } = structs;
    assertEquals([aiocb.size, sigevent.size, aioinit.size, structs.iovec.size, structs.timespec.size], [
      168,
      64,
      32,
      16,
      16,
    ]);
    const { aio_fildes, aio_lio_opcode, aio_reqprio, aio_buf, aio_nbytes, aio_offset, aio_sigevent } = aiocb.members;
    const offsets = [aio_fildes, aio_lio_opcode, aio_reqprio, aio_buf, aio_nbytes, aio_offset, aio_sigevent];
    assertEquals(offsets.map(({ offset }) => offset), [0, 4, 8, 16, 24, 128, 32]);
    assertEquals([aiocb.members.__error_code.offset, aiocb.members.__return_value.offset], [112, 120]);
  });
});
