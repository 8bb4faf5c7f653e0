/**
 * What a platform file offers, and which one the running system needs.
 *
 * The rest of the package asks {@linkcode platform} for layouts, constants and error numbers; no other file knows the
 * operating system or the processor.
 *
 * @module
 */

import process from "node:process";
import type { Layout, Member } from "./layout.ts";
import { linuxGlibc } from "./linux_glibc.ts";

/** Layouts, constants and names of one C library on one processor. */
export interface Platform {
  /** Such as `linux-glibc-x86_64`. */
  readonly name: string;
  /** Layouts by C tag. */
  readonly structs: {
    readonly aiocb: Layout;
    readonly sigevent: Layout;
    readonly iovec: Layout;
    readonly timespec: Layout;
    readonly [name: string]: Layout;
  };
  /** Constants by C name, without the error numbers. */
  readonly constants: Readonly<Record<string, number>>;
  /** Error numbers by C name. */
  readonly errno: Readonly<Record<string, number>>;
  /** Where the control block shows its state, if user memory shows it at all. */
  readonly status?: { readonly error: Member; readonly result: Member };
  /** Names and paths under which the C library is tried, in this order. */
  readonly libraries: readonly string[];
  /** Libraries that hold the AIO functions of older releases. */
  readonly legacyLibraries: readonly string[];
  /** The function that gives the address of `errno`. */
  readonly errnoFunction: string;
  /** The most bytes that one request moves. */
  readonly ioBytesMax: number;
  /** Flags for a private anonymous mapping. */
  readonly mmapFlags: number;
}

let current: Platform | undefined;

/**
 * The platform of the running process.
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
 * Chooses the platform file for a system.
 *
 * @param system The system's name as `process.platform` spells it.
 * @param processor The processor's name as `process.arch` spells it.
 * @returns The platform.
 * @throws {Error} If the system is not supported; the message says what is.
 */
export function detect(system: string, processor: string): Platform {
  if (system === "linux" && processor === "x64") return linuxGlibc("x86_64");
  if (system === "linux" && processor === "arm64") return linuxGlibc("aarch64");
  throw new Error(
    `Cannot use POSIX AIO on ${system} ${processor}: supported are 64-bit Linux (x64, arm64) with the GNU C library`,
  );
}
