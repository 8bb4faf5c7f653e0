/**
 * The engine of one JavaScript thread: hands waiting requests to libc, finds out which have ended, and decides how to
 * wait. All queues of the thread share it, with its control blocks and its waiter.
 *
 * One turn of it (`#turn`) harvests what has ended, refills libc, and then either comes back in the
 * next turn of the event loop, spins for microseconds while that has been paying off, or leaves the waiting to the
 * waiter thread.
 *
 * @module
 */

import { performance } from "node:perf_hooks";
import { setImmediate } from "node:timers";
import { AioError } from "../ffi/errno.ts";
import { libc } from "../ffi/libc.ts";
import { checkThreads } from "../ffi/thread.ts";
import { endIdleThreads, threadsInForce } from "../ffi/threads.ts";
import { platform } from "../structs/platform.ts";
import { refusalHint } from "../sys/descriptor.ts";
import { registerQueue } from "../sys/queue_hook.ts";
import { openBackend } from "./backends/open_backend.ts";
import { UringBackend } from "./backends/uring.ts";
import type { EngineName } from "./engine_name.ts";
import type { Backend, Waiting } from "./backends/backend.ts";
import type { Descriptor } from "./descriptor.ts";
import { Descriptors } from "./descriptors.ts";
import { canceled, describe, faultOf, syscallOf } from "./failures.ts";
import { IdleThreads } from "./lanes/idle_threads.ts";
import type { Lane } from "./lanes/lane.ts";
import type { Operation } from "./operation.ts";
import { Fifo } from "./fifo.ts";
import { accept, free, hasStagingRoom, prepare } from "./pieces.ts";
import { tellNumbers } from "./numbers.ts";
import { claimPosition } from "./position.ts";
import { Retries } from "./retries.ts";
import { Gate } from "./waiting/gate.ts";
import { WaitPolicy } from "./waiting/wait_policy.ts";

/** A turn takes no more requests when it has lasted for so many milliseconds, or copied so many bytes. */
const TURN_MS = 1;
const TURN_BYTES = 1 << 21;

/** The time of day is looked at after every eighth request. */
const LOOK_MASK = 7;

/** The part of what libc runs at once that requests of pipes, sockets and terminals may block. */
const STREAMS_PART = 0.6;

/**
 * With so few requests in flight libc's threads soon run out of them, and what they take then is mostly sleeping and being
 * woken: a spin hands them the next in time. With more, unless they end within microseconds, the threads have work
 * meanwhile, and a spin would only take a processor from them.
 */
const LATENCY_HELD_MAX = 16;

const engines: Partial<Record<EngineName, Engine>> = {};

/**
 * An engine of this JavaScript thread.
 *
 * @param threads How many threads libc may use; only the first request of a process can set it.
 * @param waiter What its thread waits in; `"auto"` takes what there is.
 * @param name Which.
 * @returns The engine, made on first use.
 * @throws {AioError} ENOSYS if the platform lacks that waiter; EBUSY if the engine waits in another way already; what the
 * kernel refuses an io_uring with.
 */
export function engine(threads?: number, waiter: Waiting | "auto" = "auto", name: EngineName = "posix"): Engine {
  const shared = engines[name] ??= new Engine(threads, waiter, name);
  if (name === "io_uring") return shared;
  if (waiter !== "auto" && waiter !== shared.waiter) {
    const tried = `cannot wait by "${waiter}": the queues of this thread share one waiter, which is "${shared.waiter}"`;
    throw new AioError("aio_suspend", platform().behaviour.kqueue ? "EBUSY" : "ENOSYS", tried);
  }
  return shared;
}

/** What goes through libc on this thread. */
export class Engine {
  /** Its name. */
  readonly name: EngineName;
  /** Threads that libc may use, as far as this thread can know. */
  readonly threads: number;

  readonly #backend: Backend;
  readonly #descriptors: Descriptors;
  readonly #policy = new WaitPolicy(libc().call.sched_yield);
  readonly #idleThreads: IdleThreads | undefined;
  readonly #retries = new Retries(() => this.#flush());
  readonly #gate = new Gate((gated) => {
    this.#mark(gated as Descriptor);
    this.#flushSoon();
  });
  readonly #bytesMax: number = platform().ioBytesMax;
  readonly #again: number = platform().errno.EAGAIN;
  readonly #canceled: number = platform().errno.ECANCELED;
  readonly #streamsMax: number;
  readonly #onFlush = () => this.#flush();
  readonly #onTurn = () => this.#turn();
  readonly #refuse = (operation: Operation, errno: number) => this.#refused(operation, errno);

  /** Descriptors with something to submit. */
  readonly #ready = new Fifo<Descriptor>();
  /** Descriptors that have something in libc. */
  readonly #active: Descriptor[] = [];
  /** Descriptors of which libc has just ended the last request. */
  readonly #idle: Descriptor[] = [];
  /** Operations that are placed and go to libc next. */
  readonly #batch = new Fifo<Operation>();
  /** Operations that libc has ended and nobody has looked at. */
  readonly #harvested = new Fifo<Operation>();
  /** Bytes that were copied in since the last flush began. */
  #copied = 0;
  /** The longest turns so far: requests taken, and bytes copied out for them. */
  readonly turns: { most: number; mostBytes: number } = { most: 0, mostBytes: 0 };
  #held = 0;
  #abandoned = 0;
  #streams = 0;
  #flushing = false;
  #scheduled = false;
  #parked = false;

  constructor(threads: number | undefined, waiter: Waiting | "auto", name: EngineName) {
    const wake = () => {
      if (this.#parked) this.#turn();
    };
    this.name = name;
    const posix = name === "posix";
    checkThreads();
    this.#backend = posix ? openBackend(waiter, wake) : new UringBackend(wake);
    this.#descriptors = new Descriptors(posix && platform().behaviour.serialPerDescriptor);
    this.threads = posix ? threadsInForce(threads) : 0;
    this.#streamsMax = Math.max(1, Math.floor(this.#backend.streamsMax(this.threads) * STREAMS_PART));
    if (!posix) return;
    this.#idleThreads = new IdleThreads(endIdleThreads);
    // who uses the C interface, or another copy of this package, has the same numbers in libc
    registerQueue(() => this.#held);
    tellNumbers((fd) =>
      this.#descriptors.find(fd)?.lanes.some((lane) => lane.fd === fd && lane.held.length > 0) ?? false
    );
  }

  /** What its thread waits in. */
  get waiter(): Waiting | "io_uring" {
    return this.#backend.waiter;
  }

  /** How many requests the system takes from this thread at most. */
  get capacity(): number {
    return this.#backend.capacity;
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
    return this.#descriptors.find(fd)?.lanes.length ?? 0;
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
    const descriptor = this.#descriptors.of(operation.fd);
    operation.descriptor = descriptor;
    if (descriptor.idle && !descriptor.inspect()) {
      operation.error = new AioError(syscallOf(operation), "EBADF", describe(operation));
      this.#endSoon(operation);
      return;
    }
    if (lanes !== undefined) descriptor.policy.fix(lanes);
    if (operation.op === "sync") {
      operation.barrier = descriptor.barrier;
      descriptor.barrier = { open: 0, before: operation.barrier };
      descriptor.syncs.add(operation);
    } else {
      if (operation.writes) {
        operation.barrier = descriptor.barrier;
        descriptor.barrier.open++;
      }
      descriptor.wait(operation);
    }
    this.#mark(descriptor);
    this.#flushSoon();
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
      operation.line?.remove(operation);
      operation.error ??= canceled(operation);
      this.#end(operation);
      return;
    }
    if (!force) return;
    if (operation.settled) descriptor.remember();
    operation.cancelled = true;
    this.#backend.cancel(operation);
    this.#schedule();
  }

  /**
   * Lets a descriptor keep its lanes while it is idle, for an owner that closes it.
   *
   * @param fd The descriptor.
   */
  own(fd: number): void {
    this.#descriptors.own(fd);
  }

  /** Whether nothing of a descriptor is under way, in libc or on the way to it. */
  idle(fd: number): boolean {
    return this.#descriptors.find(fd)?.idle ?? true;
  }

  /**
   * Gives a descriptor back to its owner, who may close it then: waits until libc has ended everything of it, for what
   * was aborted or given up may still run there, and closes its lanes.
   *
   * @param fd The descriptor; its owner asks nothing more of it.
   */
  disown(fd: number): Promise<void> {
    return this.#descriptors.disown(fd, () => {
      if (this.#abandoned > 0) this.#schedule();
    });
  }

  /** Stops waiting for a request that may never end; its slot comes back if it does. */
  abandon(operation: Operation): void {
    if (operation.abandoned || operation.state !== "in libc") return;
    (operation.descriptor as Descriptor).remember();
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

  /** Hands to libc what it has room for at the end of the running microtask, together with whatever else comes. */
  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(this.#onFlush);
  }

  /** Hands to libc what it has room for. */
  #flush(): void {
    this.#flushing = false;
    this.#copied = 0;
    // those that are marked meanwhile come next time
    for (let left = this.#ready.length; left > 0; left--) {
      const descriptor = this.#ready.shift() as Descriptor;
      descriptor.listed = false;
      this.#fillLanes(descriptor);
    }
    if (this.#copied >= TURN_BYTES) this.#schedule(); // the rest comes in the next turn
    if (this.#batch.length > 0) this.#backend.submit(this.#batch, this.#refuse);
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
        if (this.#backend.room === 0 || this.#copied >= TURN_BYTES || !hasStagingRoom(descriptor.stream)) {
          this.#mark(descriptor);
          return;
        }
        const second = list === descriptor.waiting[1];
        const lane = descriptor.laneWithRoom(second);
        if (lane === undefined) break;
        const bytesMax = descriptor.gated ? this.#pass(descriptor, list.head, second) : this.#bytesMax;
        if (bytesMax === 0) break;
        const operation = list.next();
        if (operation.error === undefined) this.#start(operation, descriptor, lane, bytesMax);
        else this.#endSoon(operation);
      }
    }
  }

  /** How many bytes a request of a pipe may have now; 0 for none yet. */
  #pass(descriptor: Descriptor, operation: Operation, writes: boolean): number {
    if (operation.length === 0) return this.#bytesMax;
    try {
      return Math.min(this.#gate.room(descriptor, writes), this.#bytesMax);
    } catch (error) {
      operation.error = error;
      return this.#bytesMax;
    }
  }

  #fillSyncs(descriptor: Descriptor): void {
    for (;;) {
      const sync = descriptor.syncs.head;
      if (sync === undefined || !descriptor.drained(sync.barrier!) || this.#backend.room === 0) return;
      const lane = descriptor.laneWithRoom(true);
      if (lane === undefined) return;
      descriptor.syncs.shift();
      this.#start(sync, descriptor, lane);
    }
  }

  #start(operation: Operation, descriptor: Descriptor, lane: Lane, bytesMax: number = this.#bytesMax): void {
    try {
      if (operation.op !== "sync") prepare(operation, bytesMax);
      if (operation.writes && operation.lender === null) this.#copied += operation.pieceBytes;
      if (operation.sequential && !this.#backend.positions) claimPosition(operation);
    } catch (error) {
      operation.error = error as Error;
      this.#endSoon(operation);
      return;
    }
    operation.state = "in libc";
    operation.lane = lane;
    this.#backend.place(operation);
    this.#batch.push(operation);
    lane.held.push(operation);
    this.#held++;
    if (descriptor.held++ === 0) {
      descriptor.resume(performance.now());
      this.#active.push(descriptor);
      if (descriptor.stream) this.#streams++;
    }
  }

  /** Takes a request back that libc does not hold any more. */
  #release(operation: Operation): void {
    const descriptor = operation.descriptor as Descriptor;
    this.#backend.release(operation);
    operation.state = "waiting";
    operation.slot = -1;
    operation.lane = null;
    this.#held--;
    if (operation.abandoned) this.#abandoned--;
    if (--descriptor.held === 0) {
      descriptor.idleSince = performance.now();
      descriptor.dry = true;
      this.#idle.push(descriptor);
      const last = this.#active.pop() as Descriptor;
      const index = last === descriptor ? -1 : this.#active.indexOf(descriptor);
      if (index >= 0) this.#active[index] = last;
      if (descriptor.stream) this.#streams--;
    }
    this.#mark(descriptor);
  }

  /** libc did not take a request: EAGAIN means later, anything else is the request's error. */
  #refused(operation: Operation, errno: number): void {
    (operation.lane as Lane).held.filter((other) => other !== operation);
    this.#release(operation);
    if (errno === this.#again) operation.error = faultOf(operation);
    if (operation.error === undefined && (errno !== this.#again || !this.#retries.left)) {
      const tried = describe(operation) + refusalHint(errno, operation.fd);
      operation.error = new AioError(syscallOf(operation), errno, tried, { bytes: operation.moved });
    }
    if (operation.error !== undefined) return this.#endSoon(operation);
    this.#waitAgain(operation);
    this.#retries.soon();
  }

  /** Sees to it that a turn comes soon. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#parked = false;
    setImmediate(this.#onTurn);
  }

  /** One turn of the completion loop. */
  #turn(): void {
    this.#scheduled = false;
    this.#parked = false;
    const policy = this.#policy;
    policy.begin(this.#held <= LATENCY_HELD_MAX || this.#active.some(isQuick));
    for (const descriptor of this.#active) descriptor.adapt(policy.now);
    this.#idleThreads?.observe(this.#active, policy.now);
    let count = this.#harvest(policy.spins);
    while (count === 0 && this.#held > this.#abandoned && policy.spinOn()) count = this.#harvest(true);
    if (count === 0 && policy.spins) count = this.#harvest(false);
    policy.end(count);
    if (count > 0 || this.#ready.length > 0) this.#flush();
    this.#tidy();
    if (this.#held <= this.#abandoned) this.#backend.rest();
    else if (count > 0 || policy.poll(this.#backend.threadStarted)) this.#schedule();
    else if (!this.#scheduled) {
      this.#parked = true;
      this.#backend.park(this.#active);
    }
  }

  /**
   * Finds the pieces that have ended and takes what they moved.
   *
   * @param patient Whether to leave those alone that will soon be part of a larger harvest.
   * @returns How many there were.
   */
  #harvest(patient: boolean): number {
    const ended = this.#harvested;
    const left = ended.length;
    this.#backend.collect(this.#active, ended, patient);
    const count = ended.length;
    if (count === 0) return 0;
    // from the last to the first, so that those that go back to wait keep their order
    let back = 0;
    for (let index = count - 1; index >= left; index--) {
      const operation = ended.at(index) as Operation;
      if (operation.status !== this.#canceled || operation.cancelled) continue;
      this.#goBack(operation);
      back++;
    }
    // the list outlives the turn: whoever is started again must not be found in it
    if (back > 0) ended.filter(({ state }) => state === "in libc");
    const taken = this.#takeEnded(ended);
    this.#retries.reset();
    return taken;
  }

  /**
   * Takes what has ended, as long as the turn may be; the rest is the next turn's.
   *
   * @returns How many requests were taken.
   */
  #takeEnded(ended: Fifo<Operation>): number {
    let taken = 0;
    let bytes = 0;
    while (ended.length > 0) {
      const operation = ended.shift() as Operation;
      taken++;
      if (operation.lender === null) bytes += operation.result; // they are copied
      this.#take(operation);
      if (bytes >= TURN_BYTES) break;
      if ((taken & LOOK_MASK) === 0 && performance.now() - this.#policy.now > TURN_MS) break;
    }
    this.turns.most = Math.max(this.turns.most, taken);
    this.turns.mostBytes = Math.max(this.turns.mostBytes, bytes);
    return taken;
  }

  /** A request that was cancelled together with another goes to libc again. */
  #goBack(operation: Operation): void {
    this.#release(operation);
    this.#waitAgain(operation);
  }

  #waitAgain(operation: Operation): void {
    const descriptor = operation.descriptor as Descriptor;
    if (operation.op === "sync") descriptor.syncs.add(operation, true);
    else descriptor.wait(operation, true);
  }

  /** Takes what one piece moved; the request ends, or goes on with its next piece. */
  #take(operation: Operation): void {
    const { status } = operation;
    const descriptor = operation.descriptor as Descriptor;
    this.#release(operation);
    descriptor.ended++;
    if (operation.settled) {
      descriptor.forget(); // its caller was told already, and the bytes are the caller's again
      if (status === 0 && operation.op !== "sync") operation.moved += operation.result; // they were moved all the same
    } else if (status !== 0) {
      const syscall = status === this.#canceled ? "aio_cancel" : syscallOf(operation);
      operation.error = new AioError(syscall, status, describe(operation), { bytes: operation.moved });
    } else if (operation.op !== "sync") {
      try {
        const complete = accept(operation, operation.result);
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

  /** A request ends that libc never had; a sync may have waited for it. */
  #endSoon(operation: Operation): void {
    queueMicrotask(() => {
      this.#tidy();
      this.#end(operation);
      if (this.#ready.length > 0 && !this.#flushing) this.#flush();
    });
  }

  /** A request is done: its memory goes back, and its owner is told. */
  #end(operation: Operation): void {
    if (operation.state === "done") return;
    operation.state = "done";
    free(operation);
    const { barrier } = operation;
    const descriptor = operation.descriptor as Descriptor | null;
    const claimed = operation.claimedTo >= 0;
    if (claimed) descriptor!.settle(operation);
    if (operation.writes && barrier !== null) barrier.open--;
    if (descriptor !== null && (claimed || descriptor.syncs.length > 0)) {
      // what waited for this one may start now; it may have ended without libc, so no turn will see to that
      this.#mark(descriptor);
      this.#flushSoon();
    }
    operation.owner.ended(operation);
    if (descriptor !== null && descriptor.onIdle !== null && descriptor.idle) descriptor.onIdle();
  }

  /** Gives back what is no longer needed: lanes and records of idle descriptors. */
  #tidy(): void {
    const idle = this.#idle;
    if (idle.length === 0) return;
    for (const descriptor of idle) {
      // before any script runs that could close the number and use it again
      if (descriptor.held === 0 && !descriptor.owned) descriptor.rest();
    }
    idle.length = 0;
    this.#descriptors.tidy();
  }
}

function isQuick({ policy }: Descriptor): boolean {
  return policy.quick;
}
