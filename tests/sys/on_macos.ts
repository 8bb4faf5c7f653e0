/** Makes the C interface check arguments and reap as on macOS, over Linux' layouts, numbers and library. */

import process from "node:process";
import { darwin } from "../../structs/darwin.ts";
import { linuxGlibc } from "../../structs/linux_glibc.ts";
import { usePlatform } from "../../structs/platform.ts";

/** Whether the library below can stand in: any Linux. */
export const onLinux: boolean = process.platform === "linux";

if (onLinux) {
  const linux = linuxGlibc(process.arch === "arm64" ? "aarch64" : "x86_64");
  const { behaviour, name } = darwin("arm64");
  usePlatform({ platform: { ...linux, name, behaviour: { ...behaviour, serialPerDescriptor: true } } });
}
