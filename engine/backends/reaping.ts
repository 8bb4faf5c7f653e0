/**
 * What the backends of FreeBSD and macOS have in common: kernels that run requests themselves, tell nothing of it in
 * the control blocks, and want each result taken exactly once, of failed and cancelled requests too.
 *
 * A request counts against the process's limit until then. Requests of one descriptor run in parallel and end in any
 * order, so there are no lanes.
 *
 * @module
 */

import { door } from "../../ffi/door.ts";
import { libc } from "../../ffi/libc.ts";
import type { Functions } from "../../ffi/libc.ts";
import { sysctl } from "../../ffi/sysctl.ts";
import { platform } from "../../structs/platform.ts";
import type { Refused } from "./backend.ts";
import { ControlBlocks, NOT_TAKEN, SLOTS_MAX, WAITER_SLOTS } from "./blocks.ts";
import type { BlockEvents } from "./blocks.ts";
import type { Fifo } from "../fifo.ts";
import type { Lane } from "../lanes/lane.ts";
import type { Operation } from "../operation.ts";

/** The part of the process's requests that is left to others: the C interface, other threads, the waiter itself. */
const RESERVE_PART = 1 / 16;

/** Requests whose results have to be taken. */
export class ReapingBackend {
  readonly capacity: number;
  /** Whether a request can be made to go on where the file's position is. */
  readonly positions: boolean = libc().has("aio_read2");

  protected readonly call: Functions = libc().call;
  protected readonly blocks: ControlBlocks;
  /** What libc holds, by slot. */
  protected readonly held: (Operation | undefined)[] = new Array(SLOTS_MAX).fill(undefined);

  readonly #errno: () => number = libc().errno;
  readonly #numbers: Readonly<Record<string, number>> = platform().errno;
  readonly #constants: Readonly<Record<string, number>> = platform().constants;
  readonly #listMax: number;
  readonly #null = door().pointer(0);
  /** Whether `lio_listio` takes vectored requests; FreeBSD 14 does not, `aio_readv` and `aio_writev` do. */
  #listsVectors = true;
  #taken = 0;

  /**
   * Maps the memory for the blocks.
   *
   * @param events How the kernel tells of the end of a request, if it does.
   */
  constructor(events?: BlockEvents) {
    const { behaviour } = platform();
    this.blocks = new ControlBlocks(events);
    const most = sysctl("vfs.aio.max_aio_queue_per_proc") ?? sysctl("kern.aioprocmax") ?? behaviour.requestsMax;
    const usable = most - Math.max(2, Math.ceil(most * RESERVE_PART));
    this.capacity = Math.max(1, Math.min(usable, SLOTS_MAX - WAITER_SLOTS));
    this.#listMax = Math.max(1, Math.min(behaviour.listMax, most, SLOTS_MAX));
  }

  streamsMax(): number {
    // a request of a socket holds no thread of the kernel's, one of a pipe does, where pipes are allowed at all
    const unsafe = sysctl("vfs.aio.enable_unsafe") === 1;
    return unsafe ? Math.min(this.capacity, sysctl("vfs.aio.max_aio_per_proc") ?? this.capacity) : this.capacity;
  }

  get room(): number {
    return Math.min(this.capacity - this.#taken, this.blocks.free);
  }

  place(operation: Operation): void {
    const slot = this.blocks.take();
    this.blocks.fill(slot, this.#opcode(operation), (operation.lane as Lane).fd, operation);
    operation.slot = slot;
    this.held[slot] = operation;
    this.#taken++;
  }

  submit(operations: Fifo<Operation>, refused: Refused): void {
    const listed: Operation[] = [];
    const failed: Operation[] = [];
    for (let operation = operations.shift(); operation !== undefined; operation = operations.shift()) {
      if (this.#goesAlone(operation)) this.#submitAlone(operation, failed);
      else listed.push(operation);
    }
    for (let begin = 0; begin < listed.length; begin += this.#listMax) {
      const batch = listed.slice(begin, begin + this.#listMax);
      if (batch.length === 1) {
        this.#submitAlone(batch[0], failed);
        continue;
      }
      for (let index = 0; index < batch.length; index++) this.blocks.list(index, batch[index].slot);
      const answer = this.call.lio_listio(
        this.#constants.LIO_NOWAIT,
        this.blocks.listPointer,
        batch.length,
        this.#null,
      );
      if (answer !== 0) this.#sortOut(batch, failed);
    }
    // from the last to the first, so that those that go back to wait keep their order
    for (const operation of failed.reverse()) {
      this.held[operation.slot] = undefined;
      refused(operation, operation.status);
    }
  }

  release({ slot }: Operation): void {
    this.#taken--;
    this.held[slot] = undefined;
    this.free(slot);
  }

  cancel(operation: Operation): void {
    this.call.aio_cancel((operation.lane as Lane).fd, this.blocks.pointers[operation.slot]);
  }

  /** A slot that libc is done with. */
  protected free(slot: number): void {
    this.blocks.give(slot);
  }

  /**
   * Takes the result of a request that has ended.
   *
   * @param operation The request.
   * @param ended Takes it.
   * @param status How it ended, where `aio_error` has told: macOS gives no -1 for a request that failed.
   */
  protected reap(operation: Operation, ended: Fifo<Operation>, status?: number): void {
    const { slot } = operation;
    const moved = this.call.aio_return(this.blocks.pointers[slot]);
    operation.status = status ?? (moved >= 0 ? 0 : this.#failure(slot, this.#errno()));
    operation.result = operation.status === 0 ? moved : 0;
    this.held[slot] = undefined;
    ended.push(operation);
  }

  /**
   * Takes what has ended out of the lanes.
   *
   * @param ended What has ended.
   * @param from The first that is still in its lane.
   */
  protected leaveLanes(ended: Fifo<Operation>, from: number): void {
    let others: Set<Lane> | undefined;
    for (let index = from; index < ended.length; index++) {
      const operation = ended.at(index) as Operation;
      const lane = operation.lane as Lane;
      if (lane.held.head === operation) lane.held.shift();
      else (others ??= new Set()).add(lane);
    }
    if (others === undefined) return;
    for (const lane of others) lane.held.filter((operation) => this.held[operation.slot] === operation);
  }

  #goesAlone(operation: Operation): boolean {
    return operation.op === "sync" || this.#goesOn(operation) || (operation.vectorCount > 0 && !this.#listsVectors);
  }

  /** Whether the kernel itself goes on where the file's position is. */
  #goesOn({ sequential }: Operation): boolean {
    return sequential && this.positions;
  }

  #opcode({ writes, vectorCount }: Operation): number {
    const { LIO_READ, LIO_WRITE, LIO_READV, LIO_WRITEV } = this.#constants;
    if (vectorCount > 0) return writes ? LIO_WRITEV : LIO_READV;
    return writes ? LIO_WRITE : LIO_READ;
  }

  #submitAlone(operation: Operation, failed: Operation[]): boolean {
    if (this.#submitOne(operation) === 0) return true;
    operation.status = this.#failure(operation.slot, this.#errno());
    failed.push(operation);
    return false;
  }

  #submitOne(operation: Operation): number {
    const { call } = this;
    const { op, writes, vectorCount, dataOnly } = operation;
    const pointer = this.blocks.pointers[operation.slot];
    const { O_SYNC, O_DSYNC, AIO_OP2_FOFFSET, AIO_OP2_VECTORED } = this.#constants;
    if (op === "sync") return call.aio_fsync(dataOnly ? O_DSYNC : O_SYNC, pointer);
    if (this.#goesOn(operation)) {
      const flags = vectorCount > 0 ? AIO_OP2_FOFFSET | AIO_OP2_VECTORED : AIO_OP2_FOFFSET;
      return writes ? call.aio_write2(pointer, flags) : call.aio_read2(pointer, flags);
    }
    if (vectorCount > 0) return writes ? call.aio_writev(pointer) : call.aio_readv(pointer);
    return writes ? call.aio_write(pointer) : call.aio_read(pointer);
  }

  /** After a batch that libc did not take whole: each block tells whether libc has it. */
  #sortOut(batch: readonly Operation[], failed: Operation[]): void {
    for (const operation of batch) {
      const state = this.#submission(operation.slot);
      if (state === this.#numbers.EINPROGRESS) continue;
      const vectored = operation.vectorCount > 0 && state === this.#numbers.EINVAL;
      if (state !== NOT_TAKEN && !vectored) {
        operation.status = state;
        failed.push(operation);
      } else if (this.#submitAlone(operation, failed) && vectored) {
        this.#listsVectors = false;
      }
    }
  }

  /** What became of a submission: EINPROGRESS, an error number, or `NOT_TAKEN`. */
  #submission(slot: number): number {
    if (platform().submission !== undefined) return this.blocks.state(slot);
    // macOS says -1 for a block that it does not have [xnu kern_aio.c:aio_error]
    return this.call.aio_error(this.blocks.pointers[slot]) < 0 ? NOT_TAKEN : this.#numbers.EINPROGRESS;
  }

  /** The error of a call for a block. FreeBSD leaves it in the block as well, where nothing can overwrite it. */
  #failure(slot: number, errno: number): number {
    const state = this.blocks.state(slot);
    return state === NOT_TAKEN || state === 0 || state === this.#numbers.EINPROGRESS ? errno : state;
  }
}
