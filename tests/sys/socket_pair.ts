// Sockets whose writes block for as long as a test wants: an AF_UNIX pair. A write of half the send buffer fits twice; the
// third one blocks until somebody reads. Linux' are datagrams, as in the suite that these tests follow (LTP's
// aio_test.h:setup_aio); FreeBSD's would not block [sys/kern/uipc_usrreq.c], so there it is a stream.

import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { door } from "../../ffi/door.ts";
import type { NativeFunction, Signature } from "../../ffi/native.ts";
import { libc } from "../../ffi/libc.ts";
import { map } from "../../ffi/memory.ts";
import { aio_cancel, aio_error, aio_write, Aiocb, allocate, EINPROGRESS, LIO_WRITE } from "../../sys.ts";
import { AIO_ALLDONE, AIO_CANCELED, AIO_NOTCANCELED, ECANCELED } from "../../sys.ts";
import type { AiocbMembers } from "../../sys.ts";
import { answers, onFreebsd } from "./answers.ts";
import { outcomes } from "./outcome.ts";

const AF_UNIX = 1;
const { TYPE, SOL_SOCKET, SO_SNDBUF, MSG_DONTWAIT } = onFreebsd
  ? { TYPE: 1, SOL_SOCKET: 0xffff, SO_SNDBUF: 0x1001, MSG_DONTWAIT: 0x80 }
  : { TYPE: 2, SOL_SOCKET: 1, SO_SNDBUF: 7, MSG_DONTWAIT: 0x40 };

/** Binds a function of libc that only tests call. */
export function bind<S extends Signature>(name: string, signature: S): NativeFunction<S> {
  const bound = door().open(libc().library).bind(name, signature);
  if (bound === undefined) throw new Error(`libc has no ${name}()`);
  return bound as NativeFunction<S>;
}

/** int socketpair(int domain, int type, int protocol, int sv[2]); */
const socketpair = { result: "i32", parameters: ["i32", "i32", "i32", "pointer"] } as const;
/** int getsockopt(int sockfd, int level, int optname, void *optval, socklen_t *optlen); */
const getsockopt = { result: "i32", parameters: ["i32", "i32", "i32", "pointer", "pointer"] } as const;
/** ssize_t recv(int sockfd, void *buf, size_t len, int flags); */
const recv = { result: "i64", parameters: ["i32", "pointer", "usize", "i32"] } as const;
/** ssize_t send(int sockfd, const void *buf, size_t len, int flags); */
const send = { result: "i64", parameters: ["i32", "pointer", "usize", "i32"] } as const;

let scratch: ReturnType<typeof map> | undefined;

export class SocketPair implements Disposable {
  readonly fd: number;
  readonly peer: number;
  readonly sendBufferBytes: number;

  constructor() {
    scratch ??= map(1 << 20);
    const words = new Int32Array(door().view(scratch.address, 12));
    const at = (offset: number) => door().pointer(scratch!.address + offset);
    if (bind("socketpair", socketpair)(AF_UNIX, TYPE, 0, at(0)) !== 0) throw new Error("no socket pair");
    [this.fd, this.peer] = words;
    words[1] = 4;
    if (bind("getsockopt", getsockopt)(this.fd, SOL_SOCKET, SO_SNDBUF, at(8), at(4)) !== 0) throw new Error("no size");
    this.sendBufferBytes = words[2];
  }

  /** Sends from the other end what a request on `fd` reads. */
  send(bytes: number): void {
    bind("send", send)(this.peer, door().pointer(scratch!.address), bytes, 0);
  }

  /** Takes what there is at the other end, of datagrams one. */
  receive(): boolean {
    return bind("recv", recv)(this.peer, door().pointer(scratch!.address), scratch!.bytes, MSG_DONTWAIT) > 0;
  }

  [Symbol.dispose](): void {
    libc().call.close(this.fd);
    libc().call.close(this.peer);
  }
}

/**
 * What the stand-in's host puts into a stream is a part of less than half the buffer [Linux net/unix/af_unix.c]; FreeBSD's
 * kernel takes exactly SO_SNDBUF bytes, and of a third write what a smaller half would leave.
 */
const STREAM_PART_BYTES = process.platform === "freebsd" ? 0 : 64;

/** How many of the writes fit before one blocks: the one with this index is the one that runs and blocks. */
export const BLOCKED = 2;

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
}

/**
 * Waits until one of libc's threads is inside a read or write of the descriptor: only then it is beyond cancelling.
 * FreeBSD's kernel has no thread inside a socket that would block.
 */
export function waitUntilInside(fd: number): void {
  if (onFreebsd) return;
  const inside = new RegExp(`^(0|1|63|64) 0x${fd.toString(16)} `); // read and write on x86-64, and on aarch64
  for (let turn = 0; turn < 2000; turn++) {
    for (const task of readdirSync("/proc/self/task")) {
      try {
        if (inside.test(readFileSync(`/proc/self/task/${task}/syscall`, "utf8"))) return;
      } catch {
        // a thread that has ended meanwhile
      }
    }
    pause();
  }
  throw new Error(`No thread reads or writes descriptor ${fd}`);
}

/** The first of the writes that `aio_cancel()` cancels. */
const FIRST_CANCELLED = { blocked: BLOCKED, waiting: BLOCKED + 1, none: Infinity }[answers.firstCancelled];

/** What `aio_cancel()` says of one of the writes. */
export function cancelOf(index: number): number {
  if (index < BLOCKED) return AIO_ALLDONE;
  return index < FIRST_CANCELLED ? AIO_NOTCANCELED : AIO_CANCELED;
}

/** What `aio_error()` says of one of the writes when `aio_cancel()` has seen it. */
export function errorAfterCancel(index: number): number {
  return { [AIO_ALLDONE]: 0, [AIO_NOTCANCELED]: EINPROGRESS, [AIO_CANCELED]: ECANCELED }[cancelOf(index)];
}

/** What `aio_error()` says of that many writes when `aio_cancel()` has seen them all. */
export function errorsAfterCancel(count: number): number[] {
  return Array.from({ length: count }, (_, index) => errorAfterCancel(index));
}

/** Writes on a socket, each half the send buffer: two end, one blocks, the others wait behind it. */
export class SocketWrites implements Disposable {
  readonly sockets: SocketPair = new SocketPair();
  readonly list: Aiocb[];

  constructor(count: number, membersOf: (index: number) => AiocbMembers = () => ({})) {
    const bytes = this.sockets.sendBufferBytes / 2 - (onFreebsd ? STREAM_PART_BYTES : 0);
    this.list = Array.from({ length: count }, (_, index) =>
      new Aiocb({
        aio_fildes: this.sockets.fd,
        aio_buf: allocate(bytes),
        aio_nbytes: bytes,
        aio_lio_opcode: LIO_WRITE,
        ...membersOf(index),
      }));
  }

  /** Submits all, and waits until the first two have ended and the third one runs, and blocks. */
  submit(): this {
    for (const cb of this.list) aio_write(cb);
    return this.untilBlocked();
  }

  untilBlocked(): this {
    outcomes(this.list.slice(0, BLOCKED));
    if (this.list.length > BLOCKED) waitUntilInside(this.sockets.fd);
    return this;
  }

  errors(): number[] {
    return this.list.map(aio_error);
  }

  /** Reads at the other end until every write has ended. */
  drain(): void {
    while (this.errors().includes(EINPROGRESS)) if (!this.sockets.receive()) pause();
  }

  [Symbol.dispose](): void {
    aio_cancel(this.sockets.fd, null);
    this.drain();
    for (const cb of this.list) cb[Symbol.dispose]();
    this.sockets[Symbol.dispose]();
  }
}
