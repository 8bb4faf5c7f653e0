/**
 * Which platform file the running system needs.
 *
 * The rest of the package asks {@linkcode platform} for layouts, constants, error numbers and behaviour; no other file
 * knows the operating system, the C library or the processor.
 *
 * @module
 */

import process from "node:process";
import { darwin } from "./darwin.ts";
import { freebsd } from "./freebsd.ts";
import { linuxGlibc } from "./linux_glibc.ts";
import { linuxMusl } from "./linux_musl.ts";
import type { Platform } from "./system.ts";

let current: Platform | undefined;
let chosen = false;

/**
 * The platform of the running process.
 *
 * On Linux the two C libraries share layouts and numbers; which one it is, and so its behaviour, is known as soon as the
 * library is open ({@linkcode recognize}).
 *
 * @example
 * ```ts
 * import { platform } from "./platform.ts";
 *
 * console.log(platform().name, platform().structs.aiocb.size);
 * ```
 *
 * @returns Layouts, constants and error numbers.
 * @throws {Error} If the system is not supported.
 */
export function platform(): Platform {
  return current ??= detect(process.platform, process.arch);
}

/**
 * Settles the platform by what the opened C library offers.
 *
 * @param has Whether the library has a function.
 */
export function recognize(has: (symbol: string) => boolean): void {
  if (chosen) return;
  const found = detect(process.platform, process.arch, has);
  if (found.name !== current?.name) current = found;
}

/** A platform other than the detected one, and the library that behaves like it. */
export interface PlatformChoice {
  /** The platform. */
  readonly platform: Platform;
  /** The path of the only library to open. Default: the platform's own names. */
  readonly library?: string;
}

/**
 * Chooses the platform instead of detecting it, for tests that run one system's code on another. It must come before
 * anything else of this package is imported, since `sys.ts` takes its constants from the platform.
 *
 * @param choice The platform and its library.
 * @throws {Error} If the platform has been asked for already.
 */
export function usePlatform(choice: PlatformChoice): void {
  if (current !== undefined) {
    throw new Error(`Cannot choose ${choice.platform.name}: ${current.name} is in use already`);
  }
  chosen = true;
  const { openFlags } = detect(process.platform, process.arch);
  const libraries = choice.library === undefined ? choice.platform.libraries : [choice.library];
  current = { ...choice.platform, libraries, openFlags };
}

/**
 * Chooses the platform file for a system.
 *
 * @param system The system's name as `process.platform` spells it.
 * @param processor The processor's name as `process.arch` spells it.
 * @param has Whether the C library has a function; needed where a system has several. Default: it has all.
 * @returns The platform.
 * @throws {Error} If the system is not supported; the message says what is.
 */
export function detect(system: string, processor: string, has: (symbol: string) => boolean = () => true): Platform {
  const x64 = processor === "x64";
  if (x64 || processor === "arm64") {
    switch (system) {
      case "linux":
        return (has("gnu_get_libc_version") ? linuxGlibc : linuxMusl)(x64 ? "x86_64" : "aarch64");
      case "freebsd":
        return freebsd(x64 ? "amd64" : "arm64");
      case "darwin":
        return darwin(x64 ? "x86_64" : "arm64");
    }
  }
  throw new Error(
    `Cannot use POSIX AIO on ${system} ${processor}: supported are 64-bit Linux (glibc, musl), FreeBSD and macOS ` +
      "on x64 and arm64",
  );
}
