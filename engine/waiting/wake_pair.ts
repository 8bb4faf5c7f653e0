/**
 * The wake channel where libc takes no reads of timers: reads of one byte from the quiet end of a pipe, or of two
 * sockets, and a byte written to the other end.
 *
 * Each list has a pair of its own, so that a byte ends the read that it is meant for.
 *
 * @module
 */

import { door } from "../../ffi/door.ts";
import type { Pointer } from "../../ffi/native.ts";
import { AioError } from "../../ffi/errno.ts";
import { libc } from "../../ffi/libc.ts";
import { map } from "../../ffi/memory.ts";
import { LISTS } from "../../ffi/waiter_thread.ts";
import { platform } from "../../structs/platform.ts";
import type { ControlBlocks } from "../backends/blocks.ts";
import type { WakeChannel } from "./wake_channel.ts";

const AF_UNIX = 1;
const SOCK_STREAM = 1;

interface Sentinel {
  /** The block of the read. */
  readonly slot: number;
  /** Where a byte is written to end it. */
  readonly target: number;
  /** The read has been submitted, and its result not been taken. */
  armed: boolean;
  /** The byte has been written. */
  woken: boolean;
}

/** Pairs of descriptors and the reads from them. */
export class PairChannel implements WakeChannel {
  readonly waitMs: number;
  readonly #blocks: ControlBlocks;
  readonly #sentinels: Sentinel[] = [];
  /** The byte that is written. */
  readonly #byte: Pointer;

  constructor(blocks: ControlBlocks, kind: "pipe" | "socketpair", waitMs: number) {
    this.waitMs = waitMs;
    this.#blocks = blocks;
    const { constants } = platform();
    const { call, errno } = libc();
    const memory = map(64);
    const numbers = new Int32Array(door().view(memory.address, 8));
    const pair = door().pointer(memory.address);
    this.#byte = door().pointer(memory.address + 8);
    for (let index = 0; index < LISTS; index++) {
      const made = kind === "pipe" ? call.pipe(pair) : call.socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
      if (made !== 0) throw new AioError(kind, errno(), "make the wake channel");
      const [source, target] = numbers;
      for (const fd of [source, target]) call.fcntl(fd, constants.F_SETFD, constants.FD_CLOEXEC);
      const slot = blocks.take();
      const address = memory.address + 16 + index;
      blocks.fill(slot, constants.LIO_READ, source, { address, pieceBytes: 1, vectorCount: 0, position: 0, moved: 0 });
      this.#sentinels.push({ slot, target, armed: false, woken: false });
    }
  }

  arm(turn: number): number {
    const sentinel = this.#sentinels[turn % LISTS];
    if (!this.#pends(sentinel)) {
      const { call } = libc();
      const pointer = this.#blocks.pointers[sentinel.slot];
      if (sentinel.armed) call.aio_return(pointer);
      sentinel.armed = call.aio_read(pointer) === 0;
      sentinel.woken = false;
    }
    return sentinel.armed ? this.#blocks.address(sentinel.slot) : 0;
  }

  wake(turn: number): void {
    const sentinel = this.#sentinels[turn % LISTS];
    if (!sentinel.armed || sentinel.woken) return;
    sentinel.woken = true;
    libc().call.write(sentinel.target, this.#byte, 1);
  }

  #pends({ armed, slot }: Sentinel): boolean {
    return armed && libc().call.aio_error(this.#blocks.pointers[slot]) === platform().errno.EINPROGRESS;
  }
}
