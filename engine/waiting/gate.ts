/**
 * The gate for pipes and terminals on FreeBSD: their requests go to the kernel only when there is something to read, or
 * room to write.
 *
 * Where sysctl `vfs.aio.enable_unsafe` allows such requests at all, a daemon of the kernel sits in each as in read(2). It
 * cannot be cancelled, and its process cannot end before it does, not by `exit` nor by SIGKILL [sys/kern/vfs_aio.c:
 * aio_proc_rundown]. So a kqueue is asked first. A write is cut to the room that there is, and below the size from which on a
 * writer waits until its reader has taken the bytes [sys/kern/sys_pipe.c:pipe_direct_write].
 *
 * Somebody else who reads the same pipe may take the bytes between question and request; that alone is not seen.
 *
 * @module
 */

import { door } from "../../ffi/door.ts";
import type { Pointer } from "../../ffi/native.ts";
import { AioError } from "../../ffi/errno.ts";
import { libc } from "../../ffi/libc.ts";
import { map } from "../../ffi/memory.ts";
import { platform } from "../../structs/platform.ts";
import { viewOf } from "../../structs/view.ts";
import type { StructView } from "../../structs/view.ts";

/** Most bytes of one write: less than `PIPE_MINDIRECT` (8192), and no more than a page of the buffer. */
const WRITE_BYTES_MAX = 4096;

/** Events that are taken at a time. */
const EVENTS = 32;

/** Milliseconds between looks: the first, and the longest; each is twice the one before. */
const LOOK_MS_MIN = 1;
const LOOK_MS_MAX = 16;

/** Who waits at the gate. */
export interface Gated {
  /** Its number. */
  readonly fd: number;
  /** Whether it still has requests in a direction that wait. */
  waits(writes: boolean): boolean;
}

/** Who waits, and for what. */
interface Watched {
  readonly gated: Gated;
  readonly writes: boolean;
}

/** The gate of one JavaScript thread. */
export class Gate {
  readonly #open: (gated: Gated) => void;
  /** By number and direction. */
  readonly #watched = new Map<number, Watched>();
  readonly #constants: Readonly<Record<string, number>> = platform().constants;
  readonly #none: Pointer = door().pointer(0);
  #kqueue = -1;
  #change: StructView | undefined;
  #events: StructView[] = [];
  #changePointer: Pointer = this.#none;
  #eventsPointer: Pointer = this.#none;
  /** A time of 0. */
  #now: Pointer = this.#none;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pauseMs = LOOK_MS_MIN;

  /** @param open Told of each that may ask again. */
  constructor(open: (gated: Gated) => void) {
    this.#open = open;
  }

  /**
   * Asks whether a request can go.
   *
   * @param gated Whose.
   * @param writes Which way.
   * @returns The most bytes that it may have; 0 for not yet, and who asked is told later.
   * @throws {AioError} If the system cannot tell, of some devices.
   */
  room(gated: Gated, writes: boolean): number {
    this.#start();
    const { EV_ADD, EV_ONESHOT } = this.#constants;
    this.#watched.set(keyOf(gated.fd, writes), { gated, writes });
    this.#set(gated.fd, writes, EV_ADD | EV_ONESHOT);
    const room = this.#take(1, gated.fd, writes);
    if (room === 0) this.#lookSoon();
    return room;
  }

  /**
   * Takes what has come.
   *
   * @param changes Whether there is a change to make first.
   * @param fd The number that was asked about, if one was.
   * @param writes Which way.
   * @returns What its request may have.
   */
  #take(changes: 0 | 1, fd: number, writes: boolean): number {
    const { EV_ERROR, EVFILT_WRITE } = this.#constants;
    const { call, errno } = libc();
    const count = call.kevent(this.#kqueue, this.#changePointer, changes, this.#eventsPointer, EVENTS, this.#now);
    if (count < 0) throw new AioError("kevent", errno(), `ask about descriptor ${fd}`);
    let room = 0;
    for (let index = 0; index < count; index++) {
      const { ident, filter, flags, data } = this.#events[index];
      const key = keyOf(ident, filter === EVFILT_WRITE);
      const found = this.#watched.get(key);
      this.#watched.delete(key);
      if (key !== keyOf(fd, writes)) {
        if (found !== undefined) this.#open(found.gated);
      } else if ((flags & EV_ERROR) === 0) {
        room = writes ? Math.max(1, Math.min(data, WRITE_BYTES_MAX)) : Infinity;
      } else if (data === platform().errno.EBADF) {
        room = Infinity; // the request itself will say so
      } else {
        throw new AioError("kevent", data, `whether descriptor ${fd} has something to read or room to write`);
      }
    }
    return room;
  }

  #look(): void {
    this.#timer = undefined;
    for (const [key, { gated, writes }] of this.#watched) {
      if (gated.waits(writes)) continue;
      this.#watched.delete(key);
      this.#set(gated.fd, writes, this.#constants.EV_DELETE);
      libc().call.kevent(this.#kqueue, this.#changePointer, 1, this.#none, 0, this.#now);
    }
    if (this.#watched.size === 0) return;
    const before = this.#watched.size;
    this.#take(0, -1, false);
    this.#pauseMs = this.#watched.size < before ? LOOK_MS_MIN : Math.min(2 * this.#pauseMs, LOOK_MS_MAX);
    if (this.#watched.size > 0) this.#arm();
  }

  #lookSoon(): void {
    if (this.#timer !== undefined && this.#pauseMs === LOOK_MS_MIN) return;
    clearTimeout(this.#timer);
    this.#pauseMs = LOOK_MS_MIN;
    this.#arm();
  }

  /** It keeps the process alive, as a request in libc would. */
  #arm(): void {
    this.#timer = setTimeout(() => this.#look(), this.#pauseMs);
  }

  #set(fd: number, writes: boolean, flags: number): void {
    const { EVFILT_READ, EVFILT_WRITE } = this.#constants;
    const change = this.#change as StructView;
    change.ident = fd;
    change.filter = writes ? EVFILT_WRITE : EVFILT_READ;
    change.flags = flags;
  }

  #start(): void {
    if (this.#kqueue >= 0) return;
    const { call, errno } = libc();
    const { structs, constants } = platform();
    const kqueue = call.kqueue();
    if (kqueue < 0) throw new AioError("kqueue", errno(), "watch pipes and terminals");
    call.fcntl(kqueue, constants.F_SETFD, constants.FD_CLOEXEC);
    const { size } = structs.kevent;
    const { address, bytes } = map((EVENTS + 2) * size);
    const memory = door().view(address, bytes);
    this.#events = Array.from({ length: EVENTS }, (_, index) => viewOf(structs.kevent, memory, index * size));
    this.#eventsPointer = door().pointer(address);
    this.#change = viewOf(structs.kevent, memory, EVENTS * size);
    this.#changePointer = door().pointer(address + EVENTS * size);
    this.#now = door().pointer(address + (EVENTS + 1) * size);
    this.#kqueue = kqueue;
  }
}

function keyOf(fd: number, writes: boolean): number {
  return fd * 2 + (writes ? 1 : 0);
}
