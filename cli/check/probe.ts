/**
 * What a probe of `aio info --check` is, and what probes have in common: a folder for their files, requests that end,
 * and ways to say that something does not hold or is not there.
 *
 * @module
 */

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { door } from "../../ffi/door.ts";
import { AioError, errnoName } from "../../ffi/errno.ts";
import { libc } from "../../ffi/libc.ts";
import { map } from "../../ffi/memory.ts";
import { platform } from "../../structs/platform.ts";
import { aio_error, aio_suspend, Aiocb, allocate, EINPROGRESS } from "../../sys.ts";
import type { NativeBytes } from "../../sys.ts";

/** Takes what a probe uses, and disposes of it when the probe has ended. */
export type Uses = <Resource extends Disposable | AsyncDisposable>(resource: Resource) => Resource;

/** One thing that has to hold. */
export interface Probe {
  /** What kind of thing it is. */
  readonly group: string;
  /** What has to hold. */
  readonly name: string;
  /** Tries it; gives what was seen, in a few words. */
  run(bench: Bench, uses: Uses): string | Promise<string>;
}

/**
 * Runs a probe, and then disposes of what it has used, the last one first. It does what `using` does, at which a Node that
 * is too old would stop before it could say so.
 */
export async function runProbe(probe: Probe, bench: Bench): Promise<string> {
  const used: (Disposable | AsyncDisposable)[] = [];
  try {
    return await probe.run(bench, (resource) => {
      used.push(resource);
      return resource;
    });
  } finally {
    for (const resource of used.reverse()) {
      if (Symbol.asyncDispose in resource) await resource[Symbol.asyncDispose]();
      else resource[Symbol.dispose]();
    }
  }
}

/** The system or the runtime does not offer it, as it should not. */
export class Absent extends Error {
  override name = "Absent";
}

/** Says that something does not hold. */
export function must(holds: boolean, seen: string): asserts holds {
  if (!holds) throw new Error(seen);
}

/** The code of the error that a function throws. */
export function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof AioError) return error.code;
    throw error;
  }
  return "no error";
}

/** The error number of a call of libc that was made just before, by name. */
export function errnoNow(): string {
  return errnoName(libc().errno());
}

/** Waits until a request has ended, 10 s at most; gives what `aio_error` says then. */
export function ended(cb: Aiocb): number {
  const until = performance.now() + 10_000;
  while (aio_error(cb) === EINPROGRESS) {
    must(performance.now() < until, "the request has not ended in 10 s");
    try {
      aio_suspend([cb], { tv_sec: 1, tv_nsec: 0 });
    } catch (error) {
      if (!(error instanceof AioError) || !["EAGAIN", "EINTR"].includes(error.code)) throw error;
    }
  }
  return aio_error(cb);
}

/** Waits, with time for the event loop, 10 s at most. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const end = performance.now() + 10_000;
  while (!holds()) {
    must(performance.now() < end, `${what} has not come in 10 s`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Two connected sockets. */
export interface Sockets {
  readonly fd: number;
  /** Sends one byte to `fd`. */
  send(): void;
}

/** Where probes work: a temporary folder with a file of known bytes. */
export class Bench implements Disposable {
  /** The folder. */
  readonly folder: string = fs.mkdtempSync(path.join(os.tmpdir(), "aio-check-"));
  /** What the file holds. */
  readonly content: Uint8Array = new Uint8Array(1 << 20).map((_, index) => index * 31 >> 3);
  /** The file, opened for both. */
  readonly fd: number;
  readonly #open: number[] = [];
  readonly #allocated: NativeBytes[] = [];

  constructor() {
    fs.writeFileSync(this.path("file"), this.content);
    this.fd = this.open("file", "r+");
  }

  /** The path of a file in the folder. */
  path(name: string): string {
    return path.join(this.folder, name);
  }

  /** Opens a file in the folder. */
  open(name: string, flags: string): number {
    const fd = fs.openSync(this.path(name), flags);
    this.#open.push(fd);
    return fd;
  }

  /** Memory that is given back at the end. */
  allocate(bytes: number): NativeBytes {
    const array = allocate(bytes);
    this.#allocated.push(array);
    return array;
  }

  /** A control block for some bytes of the file. */
  block(bytes: number, offset: number = 0): Aiocb {
    return new Aiocb({ aio_fildes: this.fd, aio_buf: this.allocate(bytes), aio_nbytes: bytes, aio_offset: offset });
  }

  /** Whether bytes are those of the file at an offset. */
  holds(bytes: Uint8Array, offset: number): boolean {
    return bytes.every((byte, index) => byte === this.content[offset + index]);
  }

  /** Two sockets; a read of `fd` pends until something is sent. */
  sockets(): Sockets {
    if (platform().behaviour.wakeUp === "none") throw new Absent(`${platform().name} takes no requests on sockets`);
    const memory = map(64);
    const numbers = new Int32Array(door().view(memory.address, 8));
    const AF_UNIX = 1, SOCK_STREAM = 1;
    const made = libc().call.socketpair(AF_UNIX, SOCK_STREAM, 0, door().pointer(memory.address));
    must(made === 0, `socketpair: ${errnoNow()}`);
    const [fd, peer] = numbers;
    this.#sockets.push(fd, peer);
    return { fd, send: () => void libc().call.write(peer, door().pointer(memory.address + 16), 1) };
  }

  readonly #sockets: number[] = [];

  [Symbol.dispose](): void {
    for (const bytes of this.#allocated) bytes[Symbol.dispose]();
    for (const fd of this.#open) fs.closeSync(fd);
    for (const fd of this.#sockets) libc().call.close(fd);
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
