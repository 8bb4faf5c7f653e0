/**
 * What the tests of hazards share.
 *
 * @module
 */

import { fail } from "@std/assert";
import fs from "node:fs";

/** So long a thing may take that must not wait for ever: more than any delay of a busy machine. */
const FOR_EVER_MS = 3000;

/** Waits for something that must come; fails, rather than hang, if it does not. */
export async function within<Value>(promise: Promise<Value>): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It has not come after ${FOR_EVER_MS} ms`)), FOR_EVER_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Opens a file under a number that is free, until the end of the scope. */
export function openAs(number: number, path: string, flags: string): Disposable & { readonly fd: number } {
  const others: number[] = [];
  try {
    for (let attempt = 0; attempt < 50; attempt++) {
      const fd = fs.openSync(path, flags);
      if (fd === number) return { fd, [Symbol.dispose]: () => fs.closeSync(fd) };
      others.push(fd);
    }
  } finally {
    for (const fd of others) fs.closeSync(fd);
  }
  return fail(`Cannot open a file as descriptor ${number}: it is not free`);
}
