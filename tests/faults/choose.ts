/**
 * Puts the library of `faults.c` and `process.c` between this process and glibc, built with the system's C compiler.
 *
 * This module imports nothing that waits (`@std/testing/bdd` does), or it would run after `sys.ts` has asked for the
 * platform.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { linuxGlibc } from "../../structs/linux_glibc.ts";
import { usePlatform } from "../../structs/platform.ts";

const SOURCES = ["faults.c", "process.c"].map((name) => fileURLToPath(new URL(name, import.meta.url)));

/** The compiler and the system it compiles for. */
function findCompiler(): { name: string; system: string } | undefined {
  for (const name of ["cc", "gcc", "clang"]) {
    const { status, stdout } = spawnSync(name, ["-dumpmachine"], { encoding: "utf8" });
    if (status === 0) return { name, system: stdout };
  }
  return undefined;
}

const compiler = process.platform === "linux" ? findCompiler() : undefined;

/** Why there are no faults here; `undefined` if there are. */
export const reason: string | undefined = process.platform !== "linux"
  ? "not Linux"
  : compiler === undefined
  ? "no C compiler"
  : compiler.system.includes("musl")
  ? "not glibc"
  : undefined;

/** Builds the library, unless it is built already. */
function build(): string {
  const text = SOURCES.map((source) => readFileSync(source, "utf8")).join("");
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  const library = join(tmpdir(), `posix-aio-faults-${process.getuid?.()}-${hash}.so`);
  if (existsSync(library)) return library;
  const work = `${library}.${process.pid}`; // moved when it is whole, since several test files may start at once
  const { status, stderr } = spawnSync(compiler!.name, [
    ...["-std=gnu11", "-D_GNU_SOURCE", "-O1", "-g", "-fPIC", "-shared", "-pthread", "-Wall", "-Wextra", "-Werror"],
    ...["-o", work, ...SOURCES, "-ldl"],
  ], { encoding: "utf8" });
  if (status !== 0) throw new Error(`The library of faults does not compile:\n${stderr}`);
  renameSync(work, library);
  return library;
}

if (reason === undefined) {
  usePlatform({ platform: linuxGlibc(process.arch === "arm64" ? "aarch64" : "x86_64"), library: build() });
}
