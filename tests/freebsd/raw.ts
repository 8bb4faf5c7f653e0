/**
 * FreeBSD's functions without the package's C interface around them: control blocks in native memory, and what each
 * call returns together with errno.
 *
 * @module
 */

import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { door } from "../../ffi/door.ts";
import type { NativeFunction, Pointer, Signature } from "../../ffi/native.ts";
import { errnoName } from "../../ffi/errno.ts";
import { libc } from "../../ffi/libc.ts";
import { map } from "../../ffi/memory.ts";
import type { Layout } from "../../structs/layout.ts";
import { platform } from "../../structs/platform.ts";
import { viewOf } from "../../structs/view.ts";
import type { StructView } from "../../structs/view.ts";

/** What a call answered. */
export interface Outcome {
  readonly result: number;
  readonly errno?: string | undefined;
}

/** Makes an outcome of a call's result; the next thing after the call. */
export function outcomeOf(result: number): Outcome {
  const errno = libc().errno();
  return result === -1 ? { result, errno: errnoName(errno) } : { result };
}

/** Binds a function that only tests call. */
export function bind<S extends Signature>(name: string, signature: S): NativeFunction<S> {
  return door().open(libc().library).bind(name, signature) as NativeFunction<S>;
}

/** The null pointer. */
export function nothing(): Pointer {
  return door().pointer(0);
}

/** Native memory that nobody gives back: it lasts as long as the test process. */
export class Memory {
  readonly address: number;
  readonly pointer: Pointer;
  readonly bytes: Uint8Array;

  constructor(size: number) {
    this.address = map(size).address;
    this.pointer = door().pointer(this.address);
    this.bytes = new Uint8Array(door().view(this.address, size));
  }

  /** A struct at an offset. */
  struct(layout: Layout, offset = 0): StructView {
    return viewOf(layout, this.bytes.buffer as ArrayBuffer, offset);
  }

  /** Lays addresses one after another. */
  addresses(...values: readonly number[]): this {
    new BigUint64Array(this.bytes.buffer as ArrayBuffer).set(values.map(BigInt));
    return this;
  }

  text(): string {
    return new TextDecoder().decode(this.bytes);
  }
}

/** A `struct timespec`. */
export function time(seconds: number, nanoseconds = 0): Pointer {
  const memory = new Memory(16);
  const view = memory.struct(platform().structs.timespec);
  view.tv_sec = seconds;
  view.tv_nsec = nanoseconds;
  return memory.pointer;
}

/** A control block. */
export class Block {
  readonly memory: Memory = new Memory(platform().structs.aiocb.size);
  readonly pointer: Pointer = this.memory.pointer;
  readonly address: number = this.memory.address;
  readonly view: StructView = this.memory.struct(platform().structs.aiocb);
  readonly buffer: Memory | undefined;

  constructor(members: Record<string, number | bigint> = {}, bufferBytes = 0) {
    if (bufferBytes > 0) {
      this.buffer = new Memory(bufferBytes);
      this.view.aio_buf = this.buffer.address;
      this.view.aio_nbytes = bufferBytes;
    }
    Object.assign(this.view, members);
  }

  /** Makes it a vectored one, with buffers of these sizes. */
  parts(...sizes: readonly number[]): Memory[] {
    const buffers = sizes.map((size) => new Memory(size));
    const { iovec } = platform().structs;
    const list = new Memory(iovec.size * Math.max(1, sizes.length));
    for (const [index, { address }] of buffers.entries()) {
      const part = list.struct(iovec, index * iovec.size);
      part.iov_base = address;
      part.iov_len = sizes[index];
    }
    this.view.aio_iov = list.address;
    this.view.aio_iovcnt = sizes.length;
    return buffers;
  }

  /** Waits until the request has ended. */
  wait(): this {
    const list = new Memory(8).addresses(this.address);
    while (libc().call.aio_error(this.pointer) === platform().errno.EINPROGRESS) {
      libc().call.aio_suspend(list.pointer, 1, nothing());
    }
    return this;
  }

  /** Waits until it has ended and takes its result. */
  reap(): Outcome {
    this.wait();
    return outcomeOf(libc().call.aio_return(this.pointer));
  }
}

/** The addresses of blocks as C's `struct aiocb *list[]`. */
export function list(...blocks: readonly (Block | null)[]): Memory {
  return new Memory(8 * Math.max(1, blocks.length)).addresses(...blocks.map((block) => block?.address ?? 0));
}

/** Takes a finished request by `aio_waitcomplete()`, which has to be this one. */
export function waitComplete(expected: Block): Outcome {
  const place = new Memory(8);
  const outcome = outcomeOf(libc().call.aio_waitcomplete(place.pointer, nothing()));
  const [taken] = new BigUint64Array(place.bytes.buffer as ArrayBuffer);
  if (taken !== BigInt(expected.address)) throw new Error("aio_waitcomplete() took another request");
  return outcome;
}

/** A temporary file of numbered bytes, or what stands in its place. */
export class Scratch implements Disposable {
  readonly fd: number;
  readonly folder: string = mkdtempSync(join(tmpdir(), "aio-freebsd-"));
  readonly path: string = join(this.folder, "file");

  constructor(flags = "r+", content = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
    writeFileSync(this.path, content);
    this.fd = openSync(this.path, flags);
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
    rmSync(this.folder, { recursive: true });
  }
}

/** Two descriptors that are connected. */
export class Pair implements Disposable {
  readonly fd: number;
  readonly peer: number;
  readonly #open = new Set<number>();

  constructor(kind: "socket" | "pipe" = "socket") {
    const memory = new Memory(8);
    const words = new Int32Array(memory.bytes.buffer as ArrayBuffer, 0, 2);
    const made = kind === "socket"
      // int socketpair(int domain, int type, int protocol, int sv[2]); AF_UNIX 1, SOCK_STREAM 1
      ? bind("socketpair", { result: "i32", parameters: ["i32", "i32", "i32", "pointer"] })(1, 1, 0, memory.pointer)
      // int pipe(int fildes[2]);
      : bind("pipe", { result: "i32", parameters: ["pointer"] })(memory.pointer);
    if (made !== 0) throw new Error(`no ${kind} pair: ${JSON.stringify(outcomeOf(made))}`);
    [this.fd, this.peer] = words;
    this.#open.add(this.fd).add(this.peer);
  }

  /** Writes at the other end. */
  send(text: string): void {
    const memory = new Memory(text.length);
    memory.bytes.set(new TextEncoder().encode(text));
    // ssize_t write(int fd, const void *buf, size_t nbytes);
    bind("write", { result: "i64", parameters: ["i32", "pointer", "usize"] })(this.peer, memory.pointer, text.length);
  }

  /** Takes at most that many bytes at the other end, without waiting; how many there were, or -1. */
  receive(bytes: number): number {
    const MSG_DONTWAIT = 0x80;
    // ssize_t recv(int s, void *buf, size_t len, int flags);
    const recv = bind("recv", { result: "i64", parameters: ["i32", "pointer", "usize", "i32"] });
    return recv(this.peer, new Memory(bytes).pointer, bytes, MSG_DONTWAIT);
  }

  close(fd: number): void {
    if (this.#open.delete(fd)) libc().call.close(fd);
  }

  [Symbol.dispose](): void {
    this.close(this.fd);
    this.close(this.peer);
  }
}

/** A kqueue. */
export class Queue implements Disposable {
  readonly fd: number = libc().call.kqueue();

  /** Hands over one change and takes up to `room` events; {0, 0} unless a time is given. */
  kevent(
    change: Record<string, number> | null,
    room = 8,
    timeout: Pointer = time(0),
  ): Outcome & { events: StructView[] } {
    const { kevent } = platform().structs;
    const changes = new Memory(kevent.size);
    if (change !== null) Object.assign(changes.struct(kevent), change);
    const events = new Memory(kevent.size * Math.max(1, room));
    const count = change === null ? 0 : 1;
    const outcome = outcomeOf(
      libc().call.kevent(this.fd, changes.pointer, count, events.pointer, room, timeout),
    );
    const views = Array.from(
      { length: Math.max(0, outcome.result) },
      (_, index) => events.struct(kevent, index * kevent.size),
    );
    return { ...outcome, events: views };
  }

  [Symbol.dispose](): void {
    libc().call.close(this.fd);
  }
}
