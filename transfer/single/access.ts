/**
 * One end of a copy: asynchronous requests, or `node:fs` where the system takes none for such a file. FreeBSD refuses
 * pipes, devices and files that are not local.
 *
 * Pipes are made ones that never wait, since a call of `node:fs` that waits for a silent pipe cannot be ended. They are
 * written by write(2) then: Deno's `fs.write` writes again what a full pipe had taken a part of.
 *
 * @module
 */

import fs from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { door } from "../../ffi/door.ts";
import { AioError } from "../../ffi/errno.ts";
import { libc } from "../../ffi/libc.ts";
import { platform } from "../../structs/platform.ts";
import type { AioQueue } from "../../queue/queue.ts";
import { fsync } from "./open.ts";

/** How often a pipe is looked at that has nothing, or no room, in milliseconds. */
const LOOK_MS = 5;

/** A function of `node:fs` that moves bytes. */
type Move = (
  fd: number,
  buffer: Uint8Array,
  offset: number,
  length: number,
  position: number | null,
  done: (error: Error | null, bytes: number) => void,
) => void;

/** An open file, FIFO or device. */
export class Access {
  readonly #fd: number;
  readonly #stream: boolean;
  readonly #base: number;
  #refused = false;
  /** It never waits: EAGAIN says that there is nothing, or no room. */
  #impatient = false;
  /** It was written by write(2). */
  #wrote = false;
  /** The descriptor's flags before it was made one that never waits, or -1. */
  #flags = -1;

  /**
   * Nothing is asked yet.
   *
   * @param fd The descriptor.
   * @param stream Whether it has no offsets.
   * @param base Where offset 0 of the copy is.
   */
  constructor(fd: number, stream: boolean, base: number) {
    this.#fd = fd;
    this.#base = base;
    this.#stream = stream;
  }

  /** What is used instead of asynchronous requests, if the system refused them. */
  get instead(): string | undefined {
    if (!this.#refused) return undefined;
    return this.#wrote ? "write(2)" : "node:fs";
  }

  /** Reads, as {@linkcode AioQueue.read}; gives the number of bytes. */
  async read(queue: AioQueue, buffer: Uint8Array, offset: number, signal?: AbortSignal): Promise<number> {
    if (!this.#refused) {
      try {
        return (await queue.read(this.#fd, { buffer, offset: this.#base + offset, signal })).bytes;
      } catch (error) {
        this.#fallBack(error);
      }
    }
    return await this.#move(fs.read as Move, buffer, offset, signal);
  }

  /** Writes, as {@linkcode AioQueue.write}; gives the number of bytes. */
  async write(queue: AioQueue, buffer: Uint8Array, offset: number, signal?: AbortSignal): Promise<number> {
    if (!this.#refused) {
      try {
        return (await queue.write(this.#fd, buffer, { offset: this.#base + offset, signal })).bytes;
      } catch (error) {
        this.#fallBack(error);
      }
    }
    this.#wrote = this.#impatient;
    return await this.#move(this.#impatient ? writeNow : fs.write as Move, buffer, offset, signal);
  }

  /** Leaves the descriptor as it was: others may share it. */
  restore(): void {
    if (this.#flags >= 0) libc().call.fcntl(this.#fd, platform().constants.F_SETFL, this.#flags);
    this.#flags = -1;
  }

  #fallBack(error: unknown): void {
    if (!isRefusal(error)) throw error;
    if (this.#refused) return;
    this.#refused = true;
    if (!this.#stream) return;
    const { F_GETFL, F_SETFL, O_NONBLOCK } = platform().constants;
    const { call } = libc();
    const flags = call.fcntl(this.#fd, F_GETFL, 0);
    if (flags < 0) return;
    this.#impatient = (flags & O_NONBLOCK) !== 0;
    if (this.#impatient || call.fcntl(this.#fd, F_SETFL, flags | O_NONBLOCK) !== 0) return;
    this.#impatient = true;
    this.#flags = flags;
  }

  async #move(call: Move, buffer: Uint8Array, offset: number, signal: AbortSignal | undefined): Promise<number> {
    const position = this.#stream ? null : this.#base + offset;
    for (;;) {
      try {
        return await new Promise((resolve, reject) =>
          call(
            this.#fd,
            buffer,
            0,
            buffer.length,
            position,
            (error, bytes) => error === null ? resolve(bytes) : reject(error),
          )
        );
      } catch (error) {
        if ((error as { code?: string }).code !== "EAGAIN") throw error;
      }
      await pause(LOOK_MS, undefined, { signal });
    }
  }
}

/**
 * Makes a file durable.
 *
 * @param queue Where the request goes through, if the system takes it.
 * @param fd The file's descriptor.
 */
export async function sync(queue: AioQueue, fd: number): Promise<void> {
  try {
    await queue.sync(fd);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    await fsync(fd);
  }
}

/** write(2) of a descriptor that never waits, in the form of `fs.write`. */
const writeNow: Move = (fd, buffer, _offset, length, _position, done) => {
  if (length === 0) return done(null, 0);
  const moved = libc().call.write(fd, door().pointer(door().addressOf(buffer)), length);
  if (moved >= 0) done(null, moved);
  else done(new AioError("write", libc().errno(), `descriptor ${fd}`), 0);
};

function isRefusal(error: unknown): boolean {
  return error instanceof AioError && error.code === "EOPNOTSUPP";
}
