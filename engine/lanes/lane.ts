/**
 * A descriptor number on which libc runs requests, and what is asked of the system about such numbers.
 *
 * @module
 */

import fs from "node:fs";
import { libc } from "../../ffi/libc.ts";
import { platform } from "../../structs/platform.ts";
import { Fifo } from "../fifo.ts";
import { makeUnshared } from "../numbers.ts";
import type { Operation } from "../operation.ts";

/** A descriptor number on which libc runs one request after another. */
export class Lane {
  /** The requests that libc holds, oldest first. */
  readonly held: Fifo<Operation> = new Fifo();
  /** They do not end in their order: nowhere but in glibc, and there not when one of them was cancelled. */
  disordered: boolean;
  /** The number. */
  readonly fd: number;

  /**
   * @param fd The number.
   * @param serial Whether its requests end in their order.
   */
  constructor(fd: number, serial: boolean) {
    this.fd = fd;
    this.disordered = !serial;
  }
}

/** Another number for the same open file, unless there is none left; it is closed by {@linkcode closeNow}. */
export function duplicate(fd: number): number | undefined {
  const { fcntl } = libc().call;
  const { F_DUPFD_CLOEXEC } = platform().constants;
  const found = makeUnshared(() => fcntl(fd, F_DUPFD_CLOEXEC, 3));
  return found < 0 ? undefined : found;
}

/** Which file a number stands for, and how it was opened. */
export function identityOf(fd: number): string {
  try {
    const { dev, ino } = fs.fstatSync(fd);
    return `${dev} ${ino} ${libc().call.fcntl(fd, platform().constants.F_GETFL, 0)}`;
  } catch {
    return "closed";
  }
}

/** Whether a number stands for a socket, as far as the runtime knows it. */
export function isSocket(fd: number): boolean {
  try {
    return fs.fstatSync(fd).isSocket();
  } catch {
    return false;
  }
}

/** Whether a number stands for a regular file or a block device. */
export function isFile(fd: number): boolean {
  try {
    const found = fs.fstatSync(fd);
    return found.isFile() || found.isBlockDevice();
  } catch {
    return false;
  }
}
