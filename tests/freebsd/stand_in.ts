/**
 * Builds the C library that stands in for FreeBSD's on Linux, with the system's C compiler.
 *
 * The compiler gets all of FreeBSD's numbers and answers as a header made here from `tests/data`, so the library cannot
 * disagree with the tables. What was built is kept in the temporary folder under a name made from its sources.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** One line of the table of answers. */
export interface Answer {
  readonly name: string;
  /** The C function. */
  readonly call: string;
  /** Under which condition. */
  readonly when: string;
  readonly result: number;
  /** The C name of errno. */
  readonly errno?: string;
  /** The releases on whose kernels it was seen; with none it was read in the source. */
  readonly seen: readonly string[];
  /** What releases before that one, as 1501, answer instead. */
  readonly before?: { readonly release: number; readonly errno: string; readonly seen: readonly string[] };
}

interface AbiTable {
  readonly structs: Record<string, {
    readonly size: number;
    readonly members?: Record<string, { readonly offset: number; readonly size: number }>;
  }>;
  readonly constants: Record<string, number>;
  readonly limits: Record<string, number>;
}

function data(name: string): string {
  return readFileSync(new URL(`../data/${name}`, import.meta.url), "utf8");
}

/** The release that is stood in for unless another is asked for: the newest of which answers were seen. */
export const NEWEST_RELEASE = 1501;

const TABLE: readonly Answer[] = JSON.parse(data("freebsd_answers.json"));

/**
 * What a release of FreeBSD answers.
 *
 * @param release Its number, as 1501.
 * @returns The rows of the table.
 */
export function answersOf(release: number): readonly Answer[] {
  return TABLE.map(({ before, ...row }) =>
    before !== undefined && release < before.release ? { ...row, errno: before.errno, seen: before.seen } : row
  );
}

const ABI: AbiTable = JSON.parse(data("abi/freebsd.json"));

/** Numbers that the table of the headers lacks. */
const MORE: Record<string, number> = {
  ...{ EPERM: 1, EISDIR: 21, NOTE_TRIGGER: 0x01000000, _SC_MONOTONIC_CLOCK: 74 },
  ...{ F_GETFD: 1, F_SETFD: 2, F_GETFL: 3, F_SETFL: 4, F_DUPFD_CLOEXEC: 17 },
};

/** The structs that the library declares. */
const STRUCTS = ["aiocb", "sigevent", "kevent"];

const identifier = (name: string) => name.replaceAll(/[^A-Za-z0-9_]/g, "_");

function header(release: number): string {
  const answers = answersOf(release);
  const numbers: Record<string, number> = { ...ABI.constants, ...MORE };
  const lines = Object.entries(numbers).map(([name, value]) => `#define FB_${name} (${value})`);
  const sysctls: string[] = [];
  for (const [name, value] of Object.entries(ABI.limits)) {
    lines.push(`#define FB_${identifier(name)} (${value})`);
    if (name.startsWith("sysctl ")) sysctls.push(`{ "${name.slice(7)}", ${value} }`);
  }
  lines.push(`#define FB_SYSCTLS ${sysctls.join(", ")}`);
  for (const tag of STRUCTS) {
    const { size, members } = ABI.structs[tag];
    lines.push(`_Static_assert(sizeof(struct fb_${tag}) == ${size}, "${tag}");`);
    for (const [member, place] of Object.entries(members!)) {
      const type = `struct fb_${tag}`;
      const found =
        `offsetof(${type}, ${member}) == ${place.offset} && sizeof(((${type} *)0)->${member}) == ${place.size}`;
      lines.push(`_Static_assert(${found}, "${tag}.${member}");`);
    }
  }
  lines.push(`enum answer { ${answers.map(({ name }) => `A_${name}`).join(", ")} };`);
  const rows = answers.map(({ name, result, errno }) => `[A_${name}] = { ${result}, ${errno ? numbers[errno] : 0} }`);
  lines.push(`static const struct { long result; int error; } answers[] = { ${rows.join(", ")} };`);
  return `${lines.join("\n")}\n`;
}

function compiler(): string | undefined {
  return ["cc", "gcc", "clang"].find((name) => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0);
}

/**
 * Why the library cannot be had here; `undefined` if it can.
 *
 * @returns A reason for `(skipped: ...)`.
 */
export function standInMissing(): string | undefined {
  if (process.platform !== "linux") return `the stand-in runs on Linux, this is ${process.platform}`;
  return compiler() === undefined ? "there is no C compiler to build the stand-in" : undefined;
}

/**
 * Builds the library, unless it is built already.
 *
 * @param release The release whose functions it has: 1200, 1300, 1401, 1500 or 1501. Default {@linkcode NEWEST_RELEASE}.
 * @returns Its path.
 */
export function buildStandIn(release: number = NEWEST_RELEASE): string {
  const folder = new URL("stand_in/", import.meta.url).pathname;
  const files = readdirSync(folder).sort();
  const table = header(release);
  const hash = createHash("sha256").update(`${release}${table}`).update(readFileSync(new URL(import.meta.url)));
  for (const file of files) hash.update(file).update(readFileSync(join(folder, file)));
  const library = join(tmpdir(), `posix-aio-freebsd-${process.getuid?.()}-${hash.digest("hex").slice(0, 16)}.so`);
  if (existsSync(library)) return library;
  // Built under a name of its own and moved, since several test files may start at once.
  const work = `${library}.${process.pid}`;
  mkdirSync(work);
  writeFileSync(join(work, "table.h"), table);
  const { status, stderr } = spawnSync(compiler()!, [
    ...[
      "-std=gnu11",
      "-O1",
      "-g",
      "-fPIC",
      "-shared",
      "-Wl,-z,nodelete", // its threads go on when the worker that opened it has ended, as those of a kernel do
      "-pthread",
      "-Wall",
      "-Wextra",
      "-Werror",
      "-Wno-unused-const-variable",
    ],
    ...[`-DSTAND_IN_RELEASE=${release}`, "-D_GNU_SOURCE", `-I${work}`, `-I${folder}`, "-o", join(work, "library.so")],
    ...files.filter((file) => file.endsWith(".c")).map((file) => join(folder, file)),
  ], { encoding: "utf8" });
  if (status !== 0) throw new Error(`The stand-in for FreeBSD's libc does not compile:\n${stderr}`);
  renameSync(join(work, "library.so"), library);
  rmSync(work, { recursive: true });
  return library;
}
