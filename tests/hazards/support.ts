/**
 * What the tests of hazards share.
 *
 * @module
 */

import { fail } from "@std/assert";
import fs from "node:fs";
import process from "node:process";
import { libc } from "../../ffi/libc.ts";
import { itUnless } from "../support/platform.ts";
import { bind } from "../sys/socket_pair.ts";

/** So long a thing may take that must not wait for ever: more than any delay of a busy machine. */
const FOR_EVER_MS = 15_000;

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

/** A terminal, made without any tool: what is written to `keyboard` is typed on `fd`. */
export class Terminal implements Disposable {
  /** What a program on the terminal has. */
  readonly fd: number;
  /** The other side: types and sees. */
  readonly keyboard: number;

  constructor() {
    this.keyboard = fs.openSync("/dev/ptmx", fs.constants.O_RDWR | fs.constants.O_NOCTTY);
    /* int unlockpt(int fd); int ioctl(int fd, unsigned long op, ...); TIOCGPTPEER [linux asm-generic/ioctls.h] */
    bind("unlockpt", { result: "i32", parameters: ["i32"] })(this.keyboard);
    const ioctl = bind("ioctl", { result: "i32", parameters: ["i32", "usize", "i32"] });
    this.fd = ioctl(this.keyboard, 0x5441, fs.constants.O_RDWR | fs.constants.O_NOCTTY);
    if (this.fd < 0) throw new Error("Cannot open a terminal");
  }

  /** A test that needs one. */
  static it(name: string, body: () => Promise<void>): void {
    const there = process.platform === "linux" && fs.existsSync("/dev/ptmx");
    itUnless(there ? undefined : "no /dev/ptmx", name, body);
  }

  [Symbol.dispose](): void {
    libc().call.close(this.fd);
    fs.closeSync(this.keyboard);
  }
}
