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
import { registerQueue } from "../sys/queue_hook.ts";
import type { Backend, Waiting } from "./backends/backend.ts";
import { openBackend } from "./backends/open_backend.ts";
import { UringBackend } from "./backends/uring.ts";
import type { Descriptor } from "./descriptor.ts";
import { Descriptors } from "./descriptors.ts";
import type { EngineName } from "./engine_name.ts";
import { canceled, describe, syscallOf } from "./failures.ts";
import { Harvest } from "./harvest.ts";
import { Held } from "./held.ts";
import { IdleThreads } from "./lanes/idle_threads.ts";
import { tellNumbers } from "./numbers.ts";
import { Looks } from "./looks.ts";
import type { Operation } from "./operation.ts";
import { Submission } from "./submission.ts";
import { WaitPolicy } from "./waiting/wait_policy.ts";

/** The part of what libc runs at once that requests of pipes, sockets and terminals may block. */
const STREAMS_PART = 0.6;

/**
 * With so few requests in flight libc's threads soon run out of them, and what they take then is mostly sleeping and being
 * woken: a spin hands them the next in time. With more, unless they end within microseconds, the threads have work
 * meanwhile, and a spin would only take a processor from them.
 */
const LATENCY_HELD_MAX = 16;

/** What goes through libc on this thread. */
export class Engine {
  /** Its name. */
  readonly name: EngineName;
  /** Threads that libc may use, as far as this thread can know. */
  readonly threads: number;

  /** The longest turns so far: requests taken, and bytes copied out for them. */
  readonly turns: { most: number; mostBytes: number };

  readonly #backend: Backend;
  readonly #descriptors: Descriptors;
  readonly #held: Held;
  readonly #submission: Submission;
  readonly #harvest: Harvest;
  readonly #policy = new WaitPolicy(libc().call.sched_yield);
  readonly #idleThreads: IdleThreads | undefined;
  readonly #looks = new Looks(() => this.#schedule());
  readonly #onTurn = () => this.#turn();
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
    const streamsMax = Math.max(1, Math.floor(this.#backend.streamsMax(this.threads) * STREAMS_PART));
    this.#held = new Held(this.#backend, this.#descriptors);
    this.#submission = new Submission(this.#backend, this.#held, streamsMax, () => this.#schedule());
    this.#harvest = new Harvest(this.#backend, this.#held, this.#submission, this.#policy);
    this.turns = this.#harvest.turns;
    if (!posix) return;
    this.#idleThreads = new IdleThreads(endIdleThreads);
    // who uses the C interface, or another copy of this package, has the same numbers in libc
    registerQueue(() => this.#held.count);
    tellNumbers((fd) => this.#descriptors.find(fd)?.holds(fd) === true);
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
    return this.#held.count;
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
    return this.#held.lanes;
  }

  /**
   * Takes a request. It goes to libc at the end of the running microtask, together with whatever else comes by then.
   *
   * @param operation The request.
   * @param lanes A fixed number of lanes for its descriptor, or `undefined` to let the engine adapt it.
   */
  submit(operation: Operation, lanes: number | undefined): void {
    if (!this.#submission.flushing) this.#policy.now = performance.now();
    operation.submittedAt = this.#policy.now;
    const descriptor = this.#descriptors.of(operation.fd);
    operation.descriptor = descriptor;
    if (descriptor.idle && !descriptor.inspect()) {
      operation.error = new AioError(syscallOf(operation), "EBADF", describe(operation));
      this.#submission.endings.endSoon(operation);
      return;
    }
    if (lanes !== undefined) descriptor.policy.fix(lanes);
    if (operation.signal !== null && operation.writes) descriptor.guard();
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
    this.#submission.mark(descriptor);
    this.#submission.soon();
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
      this.#submission.endings.end(operation);
      return;
    }
    if (!force) return;
    if (operation.settled) descriptor.identity.remember();
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
      if (this.#held.abandoned > 0) this.#schedule();
    });
  }

  /** Stops waiting for a request that may never end; its slot comes back if it does. */
  abandon(operation: Operation): void {
    if (operation.abandoned || operation.state !== "in libc") return;
    this.#held.abandon(operation);
    this.#looks.hurry();
    this.#schedule();
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
    const policy = this.#policy, held = this.#held;
    policy.begin(held.count <= LATENCY_HELD_MAX || held.active.some(isQuick));
    for (const descriptor of held.active) descriptor.adapt(policy.now);
    this.#idleThreads?.observe(held.active, policy.now);
    let count = this.#harvest.harvest(policy.spins);
    while (count === 0 && held.awaited && policy.spinOn()) count = this.#harvest.harvest(true);
    if (count === 0 && policy.spins) count = this.#harvest.harvest(false);
    policy.end(count);
    if (count > 0 || this.#submission.pending) this.#submission.flush();
    held.tidy();
    if (!held.awaited) {
      this.#backend.rest();
      if (count > 0) this.#looks.hurry();
      if (held.abandoned > 0) this.#looks.soon();
    } else if (count > 0 || policy.poll(this.#backend.threadStarted)) this.#schedule();
    else if (!this.#scheduled) {
      this.#parked = true;
      this.#backend.park(held.active);
    }
  }
}

function isQuick({ policy }: Descriptor): boolean {
  return policy.quick;
}
