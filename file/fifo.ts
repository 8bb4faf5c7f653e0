/**
 * Opening FIFOs, whose other end may never come: open(2) would wait for it on a thread that nobody can take back. So it
 * is opened without waiting, and looked at now and then until the other end is there.
 *
 * @module
 */

import fs from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { door } from "../ffi/door.ts";
import { libc } from "../ffi/libc.ts";
import { giveBlock, takeBlock } from "../ffi/memory.ts";
import { platform } from "../structs/platform.ts";

/** How often the other end is looked for, in milliseconds. */
const LOOK_MS = 5;

/** `<poll.h>`, the same number everywhere. */
const POLLIN = 1;

const { O_RDWR, O_WRONLY } = fs.constants;
const NOT_WAITING: number = fs.constants.O_NONBLOCK;

const open: (path: string, flags: number) => Promise<number> = promisify(fs.open);

/**
 * Opens a FIFO as open(2) does, waiting for the other end without a thread; with O_NONBLOCK it does not wait.
 *
 * @param path The FIFO.
 * @param flags How: for reading, for writing, or for both, which waits for nobody.
 * @param signal Ends the wait.
 * @returns The descriptor.
 * @throws What open(2) refused; the signal's reason after an abort.
 */
export async function openFifo(path: string, flags: number, signal: AbortSignal | undefined): Promise<number> {
  signal?.throwIfAborted();
  if ((flags & (O_RDWR | NOT_WAITING)) !== 0) return await open(path, flags);
  const fd = (flags & O_WRONLY) !== 0
    ? await openForWriting(path, flags, signal)
    : await open(path, flags | NOT_WAITING);
  try {
    while ((flags & O_WRONLY) === 0 && !isJoined(fd)) await wait(signal);
    signal?.throwIfAborted();
    setWaiting(fd);
    return fd;
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
}

/**
 * Whether somebody has opened a FIFO for writing, as far as can be told: who came and went between two looks, without a word,
 * is not seen. poll(2) tells of a writer only when it has written. So a read is tried into memory that is not there: it finds
 * an end without a writer, nothing yet with one (EAGAIN), and takes no byte of what is there (EFAULT).
 */
function isJoined(fd: number): boolean {
  return libc().call.read(fd, door().pointer(0), 1) !== 0;
}

/**
 * Waits until somebody writes to a FIFO, or has written.
 *
 * @param fd The FIFO, opened for reading without waiting.
 * @param signal Ends the wait.
 * @throws The signal's reason after an abort.
 */
export async function untilWriter(fd: number, signal: AbortSignal | undefined): Promise<void> {
  while (!hasWriter(fd)) await wait(signal);
}

async function openForWriting(path: string, flags: number, signal: AbortSignal | undefined): Promise<number> {
  for (;;) {
    try {
      return await open(path, flags | NOT_WAITING);
    } catch (error) {
      if ((error as { code?: string }).code !== "ENXIO") throw error; // nobody reads yet
    }
    await wait(signal);
  }
}

/** Pauses; what it is rejected with is the signal's own reason. */
async function wait(signal: AbortSignal | undefined): Promise<void> {
  await pause(LOOK_MS, undefined, { signal }).catch(() => {});
  signal?.throwIfAborted();
}

/** Whether somebody writes, or has written: until then the system tells of nothing, not of an end either. */
function hasWriter(fd: number): boolean {
  // struct pollfd { int fd; short events; short revents; };
  const block = takeBlock(8);
  try {
    const words = new Int32Array(block.array.buffer, 0, 2);
    words[0] = fd;
    words[1] = POLLIN;
    return libc().call.poll(door().pointer(block.address), 1, 0) > 0;
  } finally {
    giveBlock(block);
  }
}

/**
 * Lets reads and writes wait from now on.
 *
 * @param fd A descriptor that was opened with O_NONBLOCK.
 */
export function setWaiting(fd: number): void {
  const { F_GETFL, F_SETFL, O_NONBLOCK } = platform().constants;
  const { call } = libc();
  const flags = call.fcntl(fd, F_GETFL, 0);
  if (flags >= 0) call.fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
}
