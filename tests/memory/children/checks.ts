/**
 * Which checks of memory are really on in this process.
 *
 * @module
 */

import fs from "node:fs";
import { door } from "../../../ffi/door.ts";
import { libc } from "../../../ffi/libc.ts";
import { map } from "../../../ffi/memory.ts";

/** The file that lies at an address. */
function fileAt(address: number): string {
  for (const line of fs.readFileSync("/proc/self/maps", "utf8").split("\n")) {
    const [, from, to, path] = line.match(/^(\w+)-(\w+) \S+ \S+ \S+ \S+ *(.*)$/) ?? [];
    if (address >= parseInt(from, 16) && address < parseInt(to, 16)) return path.split("/").at(-1)!;
  }
  return "";
}

/** The version of C's oldest functions: glibc's first one on x86-64, and on aarch64. */
const VERSIONS = ["GLIBC_2.2.5", "GLIBC_2.17"];

/**
 * From which file libc's own calls of a function are served, or `""`. Asked with a version, as libc does: the library of
 * checks hides its functions from who asks without.
 */
export function servedBy(name: string): string {
  /** void *dlvsym(void *handle, const char *symbol, const char *version); */
  const signature = { result: "pointer", parameters: ["pointer", "pointer", "pointer"] } as const;
  const dlvsym = door().open(libc().library).bind("dlvsym", signature);
  const text = map(128);
  const write = (value: string, at: number) => {
    new Uint8Array(door().view(text.address, text.bytes)).set(new TextEncoder().encode(`${value}\0`), at);
    return door().pointer(text.address + at);
  };
  for (const version of VERSIONS) {
    const found = dlvsym?.(door().pointer(0), write(name, 0), write(version, 64)); // 0 is RTLD_DEFAULT
    if (found) return fileAt(found);
  }
  return "";
}

/** What is on: who serves `calloc`, from which libc takes the memory for its requests, and how. */
export function checksInForce(): { readonly calloc: string; readonly filled: boolean } {
  return {
    calloc: servedBy("calloc"),
    filled: fs.readFileSync("/proc/self/environ", "utf8").includes("MALLOC_PERTURB_"),
  };
}
