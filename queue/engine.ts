/**
 * The engine of one JavaScript thread: hands waiting requests to libc, finds out which have ended, and decides how to
 * wait. All queues of the thread share it, with its control blocks and its waiter.
 *
 * One turn of it ({@linkcode Engine.turn}) harvests what has ended, refills libc, and then either comes back in the
 * next turn of the event loop, spins for microseconds while that has been paying off, or leaves the waiting to the
 * waiter thread.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import { AioError } from "../ffi/errno.ts";
import { libc } from "../ffi/libc.ts";
import type { Functions } from "../ffi/libc.ts";
import { door } from "../ffi/door.ts";
import { threadsInForce } from "../ffi/threads.ts";
import { platform } from "../structs/platform.ts";
import { ControlBlocks, NOT_TAKEN, SLOTS_MAX } from "./blocks.ts";
import { Descriptor } from "./descriptor.ts";
import type { Lane } from "./descriptor.ts";
import type { Operation } from "./operation.ts";
import { Waiter } from "./waiter.ts";
import { WaitPolicy } from "./wait_policy.ts";

/** Most requests in one `lio_listio` call: libc keeps two arrays of that length on its stack. */
const BATCH_MAX = 256;

/** While libc has no thread and no memory for a request, it is tried again after this many milliseconds ... */
const RETRY_MS = 10;

/** ... at most this often, when nothing else is in flight whose end could help. */
const RETRIES_MAX = 500;

/** Records of idle descriptors that are kept for their next request. */
const DESCRIPTORS_KEPT = 256;

let shared: Engine | undefined;

/**
 * The engine of this JavaScript thread.
 *
 * @param threads How many threads libc may use; only the first request of a process can set it.
 * @returns The engine, made on first use.
 */
export function engine(threads?: number): Engine {
  return shared ??= new Engine(threads);
}

/** What goes through libc on this thread. */
export class Engine {
  /** Threads that libc may use, as far as this thread can know. */
  readonly threads: number;

  readonly #call: Functions;
  readonly #errno: () => number;
  readonly #blocks: ControlBlocks = new ControlBlocks();
  readonly #operations: (Operation | undefined)[] = new Array(SLOTS_MAX).fill(undefined);
  readonly #descriptors = new Map<number, Descriptor>();
  readonly #policy = new WaitPolicy();
  readonly #bytesMax: number;
  readonly #codes: { readonly read: number; readonly write: number; readonly sync: number; readonly dataSync: number };
  readonly #again: number;
  readonly #canceled: number;
  readonly #null = door().pointer(0);
  readonly #noWait: number;
  readonly #streamsMax: number;

  #waiter: Waiter | undefined;
  /** Descriptors with something to submit. */
  #ready: Descriptor[] = [];
  /** Descriptors that have something in libc. */
  readonly #active: Descriptor[] = [];
  /** Slots that the waiter's list may still name. */
  #quarantine: number[] = [];
  /** Descriptors of which libc has just ended the last request. */
  readonly #idle: Descriptor[] = [];
  #batch: Operation[] = [];
  #harvested: Operation[] = [];
  #held = 0;
  #abandoned = 0;
  #streams = 0;
  #retries = 0;
  #retryTimer = false;
  #flushing = false;
  #scheduled = false;
  #parked = false;

  constructor(threads?: number) {
    const { call, errno } = libc();
    const { constants, errno: numbers, ioBytesMax } = platform();
    this.threads = threadsInForce(threads);
    this.#streamsMax = Math.max(1, Math.floor(this.threads * 0.6));
    this.#call = call;
    this.#errno = errno;
    this.#bytesMax = ioBytesMax;
    this.#codes = {
      read: constants.LIO_READ,
      write: constants.LIO_WRITE,
      sync: constants.O_SYNC,
      dataSync: constants.O_DSYNC,
    };
    this.#again = numbers.EAGAIN;
    this.#canceled = numbers.ECANCELED;
    this.#noWait = constants.LIO_NOWAIT;
  }

  /** Requests that libc holds now. */
  get held(): number {
    return this.#held;
  }

  /** The time of the current turn, in milliseconds of `performance.now()`. */
  get now(): number {
    return this.#policy.now;
  }

  /** Lanes of a descriptor now. */
  lanesOf(fd: number): number {
    return this.#descriptors.get(fd)?.lanes.length ?? 0;
  }

  /** Lanes of all descriptors with requests. */
  get lanes(): number {
    let count = 0;
    for (const descriptor of this.#active) count += descriptor.lanes.length;
    return count;
  }

  /**
   * Takes a request. It goes to libc at the end of the running microtask, together with whatever else comes by then.
   *
   * @param operation The request.
   * @param lanes A fixed number of lanes for its descriptor, or `undefined` to let the engine adapt it.
   */
  submit(operation: Operation, lanes: number | undefined): void {
    if (!this.#flushing) this.#policy.now = performance.now();
    operation.submittedAt = this.#policy.now;
    let descriptor = this.#descriptors.get(operation.fd);
    if (descriptor === undefined) {
      descriptor = new Descriptor(operation.fd);
      this.#descriptors.set(operation.fd, descriptor);
    }
    operation.descriptor = descriptor;
    if (descriptor.idle) {
      if (!descriptor.inspect()) {
        operation.error = new AioError(syscallOf(operation), "EBADF", describe(operation));
        queueMicrotask(() => this.#end(operation));
        return;
      }
    }
    if (lanes !== undefined) descriptor.fixLanes(lanes);
    if (operation.op === "sync") {
      operation.barrier = descriptor.barrier;
      descriptor.barrier = { open: 0, before: operation.barrier };
      descriptor.syncs.push(operation);
    } else {
      if (operation.writes) {
        operation.barrier = descriptor.barrier;
        descriptor.barrier.open++;
      }
      descriptor.wait(operation);
    }
    this.#mark(descriptor);
    if (!this.#flushing) {
      this.#flushing = true;
      queueMicrotask(() => this.#flush());
    }
  }

  /**
   * Cancels a request: one that waits ends at once, one that libc holds as soon as libc lets it go.
   *
   * @param operation The request.
   * @param force Also ask libc for what it holds.
   */
  cancel(operation: Operation, force: boolean): void {
    if (operation.state === "done" || operation.cancelled) return;
    const descriptor = operation.descriptor as Descriptor;
    if (operation.state === "waiting") {
      operation.cancelled = true;
      descriptor.remove(operation);
      operation.error ??= canceled(operation);
      this.#end(operation);
      return;
    }
    if (!force) return;
    operation.cancelled = true;
    const lane = operation.lane as Lane;
    this.#call.aio_cancel(lane.fd, this.#blocks.pointers[operation.slot]);
    lane.disordered = true;
    this.#schedule();
  }

  /**
   * Lets a descriptor keep its lanes while it is idle, for an owner that closes it.
   *
   * @param fd The descriptor.
   */
  own(fd: number): void {
    const descriptor = new Descriptor(fd);
    descriptor.owned = true;
    this.#descriptors.set(fd, descriptor);
  }

  /** Whether nothing of a descriptor is under way, in libc or on the way to it. */
  idle(fd: number): boolean {
    return this.#descriptors.get(fd)?.idle ?? true;
  }

  /**
   * Gives a descriptor back to its owner, who may close it then: waits until libc has ended everything of it, for what
   * was aborted or given up may still run there, and closes its lanes.
   *
   * @param fd The descriptor; its owner asks nothing more of it.
   */
  async disown(fd: number): Promise<void> {
    const descriptor = this.#descriptors.get(fd);
    if (descriptor === undefined) return;
    if (!descriptor.idle) await new Promise<void>((resolve) => descriptor.onIdle = resolve);
    descriptor.closeLanes(1);
    this.#descriptors.delete(fd);
  }

  /** Stops waiting for a request that may never end; its slot comes back if it does. */
  abandon(operation: Operation): void {
    if (operation.abandoned || operation.state !== "in libc") return;
    operation.abandoned = true;
    this.#abandoned++;
    this.#schedule();
  }

  /** Something to submit on this descriptor, or perhaps so. */
  #mark(descriptor: Descriptor): void {
    if (descriptor.listed) return;
    descriptor.listed = true;
    this.#ready.push(descriptor);
  }

  /** Hands to libc what it has room for. */
  #flush(): void {
    this.#flushing = false;
    const ready = this.#ready;
    this.#ready = [];
    for (const descriptor of ready) {
      descriptor.listed = false;
      this.#fillLanes(descriptor);
    }
    this.#submitBatch();
    if (this.#held > this.#abandoned) this.#schedule();
  }

  #fillLanes(descriptor: Descriptor): void {
    if (descriptor.held === 0 && descriptor.stream && this.#streams >= this.#streamsMax) {
      this.#mark(descriptor); // one of the streams must end first
      return;
    }
    this.#fillSyncs(descriptor);
    for (const list of descriptor.waiting) {
      while (list.length > 0) {
        if (this.#blocks.free === 0) {
          this.#mark(descriptor);
          return;
        }
        const lane = descriptor.laneWithRoom(list === descriptor.waiting[1]);
        if (lane === undefined) break;
        this.#start(list.next(), descriptor, lane);
      }
    }
  }

  #fillSyncs(descriptor: Descriptor): void {
    for (;;) {
      const sync = descriptor.syncs.head;
      if (sync === undefined || !descriptor.drained(sync.barrier!) || this.#blocks.free === 0) return;
      const lane = descriptor.laneWithRoom(true);
      if (lane === undefined) return;
      descriptor.syncs.shift();
      this.#startSync(sync, descriptor, lane);
    }
  }

  #start(operation: Operation, descriptor: Descriptor, lane: Lane): void {
    let address: number;
    try {
      address = operation.prepare(this.#bytesMax);
    } catch (error) {
      operation.error = error as Error;
      queueMicrotask(() => this.#end(operation));
      return;
    }
    const slot = this.#blocks.take();
    const code = operation.writes ? this.#codes.write : this.#codes.read;
    this.#blocks.fill(slot, code, lane.fd, address, operation.pieceBytes, operation.offset + operation.moved);
    this.#hold(operation, descriptor, lane, slot);
    this.#batch.push(operation);
  }

  #startSync(operation: Operation, descriptor: Descriptor, lane: Lane): void {
    const slot = this.#blocks.take();
    this.#blocks.fill(slot, 0, lane.fd, 0, 0, 0);
    const code = operation.dataOnly ? this.#codes.dataSync : this.#codes.sync;
    this.#hold(operation, descriptor, lane, slot);
    if (this.#call.aio_fsync(code, this.#blocks.pointers[slot]) !== 0) this.#refused(operation, this.#errno());
  }

  #hold(operation: Operation, descriptor: Descriptor, lane: Lane, slot: number): void {
    operation.state = "in libc";
    operation.slot = slot;
    operation.lane = lane;
    this.#operations[slot] = operation;
    lane.held.push(operation);
    this.#held++;
    if (descriptor.held++ === 0) {
      this.#active.push(descriptor);
      if (descriptor.stream) this.#streams++;
    }
  }

  /** Takes a request back that libc does not hold any more. */
  #release(operation: Operation): void {
    const { slot } = operation;
    const descriptor = operation.descriptor as Descriptor;
    operation.state = "waiting";
    operation.slot = -1;
    operation.lane = null;
    this.#operations[slot] = undefined;
    if (this.#waiter?.holds(slot)) this.#quarantine.push(slot);
    else this.#blocks.give(slot);
    this.#held--;
    if (operation.abandoned) this.#abandoned--;
    if (--descriptor.held === 0) {
      this.#idle.push(descriptor);
      const last = this.#active.pop() as Descriptor;
      const index = last === descriptor ? -1 : this.#active.indexOf(descriptor);
      if (index >= 0) this.#active[index] = last;
      if (descriptor.stream) this.#streams--;
    }
    this.#mark(descriptor);
  }

  #submitBatch(): void {
    const batch = this.#batch;
    if (batch.length === 0) return;
    this.#batch = [];
    if (batch.length === 1) {
      const [operation] = batch;
      const call = operation.writes ? this.#call.aio_write : this.#call.aio_read;
      if (call(this.#blocks.pointers[operation.slot]) !== 0) this.#refused(operation, this.#errno());
      return;
    }
    for (let begin = 0; begin < batch.length; begin += BATCH_MAX) {
      const count = Math.min(BATCH_MAX, batch.length - begin);
      for (let index = 0; index < count; index++) this.#blocks.list(index, batch[begin + index].slot);
      const answer = this.#call.lio_listio(this.#noWait, this.#blocks.listPointer, count, this.#null);
      if (answer !== 0) this.#sortOut(batch.slice(begin, begin + count));
    }
  }

  /** After a batch that libc did not take whole: each block's state tells whether libc has it. */
  #sortOut(batch: Operation[]): void {
    // from the last to the first, so that those that go back to wait keep their order
    for (const operation of batch.reverse()) {
      const state = this.#call.aio_error(this.#blocks.pointers[operation.slot]);
      if (state === NOT_TAKEN || state === this.#again) this.#refused(operation, this.#again);
    }
  }

  /** libc did not take a request: EAGAIN means later, anything else is the request's error. */
  #refused(operation: Operation, errno: number): void {
    const descriptor = operation.descriptor as Descriptor;
    (operation.lane as Lane).held.filter((other) => other !== operation);
    this.#release(operation);
    if (errno !== this.#again || this.#retries >= RETRIES_MAX) {
      operation.error = new AioError(syscallOf(operation), errno, describe(operation), { bytes: operation.moved });
      queueMicrotask(() => this.#end(operation));
      return;
    }
    if (operation.op === "sync") descriptor.syncs.unshift(operation);
    else descriptor.wait(operation, true);
    if (this.#retryTimer) return;
    this.#retryTimer = true;
    setTimeout(() => {
      this.#retryTimer = false;
      this.#retries++;
      this.#mark(descriptor);
      this.#flush();
    }, RETRY_MS);
  }

  /** Sees to it that a turn comes soon. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#parked = false;
    setImmediate(() => this.turn());
  }

  /** One turn of the completion loop. */
  turn(): void {
    this.#scheduled = false;
    this.#parked = false;
    const policy = this.#policy;
    policy.begin();
    let count = this.#harvest();
    while (count === 0 && this.#held > this.#abandoned && policy.spinOn()) count = this.#harvest();
    policy.end(count);
    for (const descriptor of this.#active) descriptor.adapt(policy.now);
    if (count > 0) this.#flush();
    this.#tidy();
    if (this.#held <= this.#abandoned) {
      if (this.#waiter !== undefined) this.#waiter.referenced = false;
      return;
    }
    if (count > 0 || policy.poll(this.#waiter !== undefined)) this.#schedule();
    else this.#park();
  }

  /** Leaves the waiting to the waiter thread. */
  #park(): void {
    if (this.#scheduled) return;
    this.#waiter ??= new Waiter(this.#blocks, SLOTS_MAX, () => {
      if (this.#parked) this.turn();
    });
    this.#waiter.referenced = true;
    this.#parked = true;
    if (!this.#waiter.ready) {
      setTimeout(() => {
        if (this.#parked) this.turn();
      }, 1);
      return;
    }
    const slots: number[] = [];
    for (const { lanes } of this.#active) {
      for (const { held } of lanes) {
        const head = held.head;
        if (head !== undefined) slots.push(head.slot);
      }
    }
    this.#waiter.watch(slots);
  }

  /**
   * Finds the pieces that have ended and takes what they moved.
   *
   * @returns How many there were.
   */
  #harvest(): number {
    const ended = this.#harvested;
    const active = this.#active;
    for (let index = 0; index < active.length; index++) {
      const { lanes } = active[index];
      for (let at = 0; at < lanes.length; at++) this.#scan(lanes[at], ended);
    }
    const count = ended.length;
    if (count === 0) return 0;
    // takes libc's lock once, after all those words were seen: libc has let go of these blocks
    this.#call.aio_error(this.#blocks.pointers[ended[0].slot]);
    this.#harvested = [];
    for (let index = 0; index < count; index++) this.#take(ended[index]);
    this.#retries = 0;
    return count;
  }

  #scan(lane: Lane, ended: Operation[]): void {
    const { held } = lane;
    if (lane.disordered) {
      held.filter((operation) => {
        if (this.#blocks.inProgress(operation.slot)) return true;
        ended.push(operation);
        return false;
      });
      lane.disordered = held.some((operation) => operation.cancelled);
      return;
    }
    for (let head = held.head; head !== undefined && !this.#blocks.inProgress(head.slot); head = held.head) {
      ended.push(head);
      held.shift();
    }
  }

  /** Takes what one piece moved; the request ends, or goes on with its next piece. */
  #take(operation: Operation): void {
    const { slot } = operation;
    const descriptor = operation.descriptor as Descriptor;
    const status = this.#blocks.state(slot);
    const moved = status === 0 ? this.#blocks.result(slot) : 0;
    this.#release(operation);
    descriptor.endedInTurn++;
    if (operation.settled) {
      // its caller was told already, and the bytes are the caller's again
    } else if (status !== 0) {
      const syscall = status === this.#canceled ? "aio_cancel" : syscallOf(operation);
      operation.error = new AioError(syscall, status, describe(operation), { bytes: operation.moved });
    } else if (operation.op !== "sync") {
      try {
        const complete = operation.accept(moved);
        // what a pipe has is all there is for now
        if (!complete && !(descriptor.stream && operation.reads)) {
          if (!operation.cancelled) {
            descriptor.wait(operation, true);
            return;
          }
          operation.error = canceled(operation);
        }
      } catch (error) {
        operation.error = error as Error;
      }
    }
    this.#end(operation);
  }

  /** A request is done: its memory goes back, and its owner is told. */
  #end(operation: Operation): void {
    if (operation.state === "done") return;
    operation.state = "done";
    operation.free();
    const { barrier, descriptor } = operation;
    if (operation.writes && barrier !== null && --barrier.open === 0 && descriptor!.syncs.length > 0) {
      this.#mark(descriptor!);
    }
    operation.owner.ended(operation);
    if (descriptor !== null && descriptor.onIdle !== null && descriptor.idle) descriptor.onIdle();
  }

  /** Gives back what is no longer needed: quarantined slots, lanes and records of idle descriptors. */
  #tidy(): void {
    if (this.#quarantine.length > 0) {
      this.#quarantine = this.#quarantine.filter((slot) => {
        if (this.#waiter!.holds(slot)) return true;
        this.#blocks.give(slot);
        return false;
      });
    }
    const idle = this.#idle;
    if (idle.length === 0) return;
    for (const descriptor of idle) {
      if (descriptor.held === 0) descriptor.adapt(this.#policy.now);
      // before any script runs that could close the number and use it again
      if (descriptor.held === 0 && !descriptor.owned) descriptor.closeLanes(1);
    }
    idle.length = 0;
    if (this.#descriptors.size > DESCRIPTORS_KEPT) this.#forget();
  }

  #forget(): void {
    for (const [fd, descriptor] of this.#descriptors) {
      if (descriptor.idle && !descriptor.owned) this.#descriptors.delete(fd);
    }
  }
}

function syscallOf({ op }: Operation): string {
  return op === "sync" ? "aio_fsync" : op === "read" || op === "readv" ? "aio_read" : "aio_write";
}

function canceled(operation: Operation): AioError {
  return new AioError("aio_cancel", "ECANCELED", describe(operation), { bytes: operation.moved });
}

function describe({ op, fd, offset, length }: Operation): string {
  return op === "sync" ? `descriptor ${fd}` : `${length} bytes at offset ${offset} of descriptor ${fd}`;
}
