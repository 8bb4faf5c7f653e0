/** Makes the C interface behave as on musl, whose layouts and numbers are glibc's: the library below stays glibc's. */

import process from "node:process";
import { linuxMusl } from "../../structs/linux_musl.ts";
import { usePlatform } from "../../structs/platform.ts";

/** Whether the library below can stand in: any Linux. */
export const onLinux: boolean = process.platform === "linux";

if (onLinux) usePlatform({ platform: linuxMusl(process.arch === "arm64" ? "aarch64" : "x86_64") });
