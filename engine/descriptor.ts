/**
 * What the engine knows of one descriptor number: the requests that wait for it, the lanes on which libc runs them, and
 * the barrier that a sync is.
 *
 * @module
 */

import { libc } from "../ffi/libc.ts";
import { IN_WORKER } from "../ffi/thread.ts";
import { platform } from "../structs/platform.ts";
import { sysctl } from "../ffi/sysctl.ts";
import { Identity } from "./identity.ts";
import { isFile, isSocket } from "./lanes/lane.ts";
import type { Lane } from "./lanes/lane.ts";
import { Lanes } from "./lanes/lanes.ts";
import { LANE_DEPTH, LanePolicy } from "./lanes/lane_policy.ts";
import type { Operation } from "./operation.ts";
import type { Barrier } from "./place.ts";
import { settlePosition } from "./position.ts";
import { SubmitPolicy } from "./lanes/submit_policy.ts";
import { WaitingLine, WaitingList } from "./waiting_line.ts";

const SEEK_CUR = 1;

/** A descriptor without requests for less than this goes on as if it always had some. */
const PAUSE_MS = 2;

/** One descriptor number with requests. */
export class Descriptor {
  /** The number. */
  readonly fd: number;
  /** The first lane is the descriptor itself, or stands in for it while libc still has the number for another file. */
  readonly lanes: [Lane, ...Lane[]];
  /** Requests that libc holds, on all lanes. */
  held = 0;
  /** Whether it stands in the engine's list of descriptors with something to submit. */
  listed = false;
  /** Pipes, sockets and terminals: a request can wait for ever, and the number has only its own lane. */
  stream = false;
  /** Its requests go to the kernel only when they can be carried out: see gate.ts. */
  gated = false;
  /** Its owner closes it through the engine, so its lanes may outlive its requests. */
  owned = false;
  /** Told when nothing of it is under way any more: its owner waits to close it. */
  onIdle: (() => void) | null = null;
  /** How many lanes it may have, and whether its requests end quickly. */
  readonly policy: LanePolicy = new LanePolicy();
  /** How its requests are submitted where they end quickly. */
  readonly submission: SubmitPolicy = new SubmitPolicy();
  /** Requests that have ended since the last turn began. */
  ended = 0;
  /** The last turn found all ended that libc held. */
  dry = false;
  /** Since when libc holds none, in milliseconds of `performance.now()`. */
  idleSince = 0;
  /** The writes since the last sync. */
  barrier: Barrier = { open: 0, before: null };
  /** Syncs that wait for the writes before them. */
  readonly syncs: WaitingLine = new WaitingLine();

  /**
   * What waits. In the second list is what goes to libc in its order: the writes of streams, requests at the file's own
   * position, and appends where libc does not order them.
   */
  readonly waiting: readonly [WaitingList, WaitingList] = [new WaitingList(), new WaitingList()];
  /** What the number stood for when a request was given up. */
  readonly identity: Identity;
  readonly #lanes: Lanes;
  readonly #serial: boolean;
  #laneable: boolean | undefined;
  #appends: boolean | undefined;
  /** The record of the file that had the number before, as long as libc has requests of it. */
  #before: Descriptor | undefined;
  /** The number itself is not for libc. */
  #guarded = false;

  /**
   * A record of a number.
   *
   * @param fd The number.
   * @param serial Whether who runs requests runs those of one number one after another.
   * @param before The record of another file that had it.
   */
  constructor(fd: number, serial: boolean, before?: Descriptor) {
    this.fd = fd;
    this.#serial = serial;
    this.#lanes = new Lanes(fd, serial);
    this.lanes = this.#lanes.all;
    this.identity = new Identity(fd, this.lanes);
    this.#before = before;
  }

  /** Whether nothing of it is under way. */
  get idle(): boolean {
    return this.held === 0 && this.syncs.length === 0 && this.waiting[0].length === 0 && this.waiting[1].length === 0;
  }

  /**
   * Looks at what the number stands for now; asked whenever it begins to have requests, since numbers are reused.
   *
   * @returns Whether it is open.
   */
  inspect(): boolean {
    const { call, errno } = libc();
    const seekable = call.lseek(this.fd, 0, SEEK_CUR) >= 0;
    if (!seekable && errno() === platform().errno.EBADF) return false;
    this.stream = !seekable;
    this.gated = this.stream && platform().behaviour.unsafeStreams && !isSocket(this.fd) &&
      sysctl("vfs.aio.enable_unsafe") === 1;
    this.identity.clear();
    this.#guarded = this.stream && !this.owned; // queues give up on what may wait for ever
    if (!this.owned) {
      this.rest(); // what libc refused has left its lanes
      this.policy.release(); // a number of lanes was for the file that had the number before
      this.#laneable = undefined;
      this.#appends = undefined;
    }
    this.#standIn();
    return true;
  }

  /** The record of this number, this one or one before, of which libc still has requests. */
  get occupant(): Descriptor | undefined {
    return this.held > 0 ? this : this.#before?.occupant;
  }

  /** Whether libc has requests under the number itself, of this file or of one that had it before. */
  holds(fd: number): boolean {
    return this.lanes.some((lane) => lane.fd === fd && lane.held.length > 0) || this.#before?.holds(fd) === true;
  }

  /** From now on another number stands in: what can be aborted is over for a caller, who may close his, before it is for libc. */
  guard(): void {
    this.#guarded = !this.owned;
  }

  /** Lets a request wait, behind the others or, to go on with it, before them. */
  wait(operation: Operation, first: boolean = false): void {
    if (this.stream) operation.sequential = false; // a stream has no position
    this.waiting[this.#ordered(operation) ? 1 : 0].add(operation, first);
  }

  /**
   * The lane for the next request: the one that has the least to do, or a new one if more are wanted.
   *
   * @param second Whether the request waits in the second list, or is a sync.
   * @returns The lane, or `undefined` if libc has enough of this descriptor.
   */
  laneWithRoom(second: boolean): Lane | undefined {
    if (IN_WORKER || this.#guarded) this.#standIn(); // what libc refused has left its lanes
    if (this.stream) return this.#streamLane(second);
    if (second && this.lanes.some((lane) => this.#holds(lane, (operation) => this.#ordered(operation)))) {
      return undefined;
    }
    if (!this.#serial) return this.lanes[0];
    let best: Lane = this.lanes[0];
    const count = Math.min(this.lanes.length, this.policy.lanes);
    for (let index = 1; index < count; index++) {
      if (this.lanes[index].held.length < best.held.length) best = this.lanes[index];
    }
    if (best.held.length > 0 && this.lanes.length < this.policy.lanes && this.#canHaveLanes()) {
      const added = this.#addLane();
      if (added !== undefined) return added;
    }
    return best.held.length < this.policy.laneDepth ? best : undefined;
  }

  /**
   * A stream has a lane for each direction, since a read may wait for what a write behind it would bring; within a
   * direction there is only one, which keeps the order.
   */
  #streamLane(writes: boolean): Lane | undefined {
    if (!this.#serial) {
      const [lane] = this.lanes;
      return this.#holds(lane, (operation) => operation.writes === writes) ? undefined : lane;
    }
    const same = this.lanes.find(({ held }) => held.length > 0 && held.head!.writes === writes);
    const lane = same ?? this.lanes.find(({ held }) => held.length === 0) ??
      (this.lanes.length < 2 ? this.#addLane() : undefined);
    return lane !== undefined && lane.held.length < LANE_DEPTH ? lane : undefined;
  }

  /** Whether requests of one direction wait. */
  waits(writes: boolean): boolean {
    return this.waiting[writes ? 1 : 0].length > 0;
  }

  /** Puts the file's position back by what a request did not move. */
  settle(operation: Operation): void {
    settlePosition(operation, operation.writes && this.#isAppended());
  }

  /** Closes all numbers but its own: its requests have ended, and its owner may close it. */
  rest(): void {
    this.#lanes.rest();
  }

  /** Another number stands in for one that libc, or somebody else, still has requests under. */
  #standIn(): void {
    this.#before = this.#before?.occupant;
    this.#lanes.standIn(this.#before !== undefined || this.#guarded);
  }

  /** A turn begins: the number of lanes is adapted to what the turns before have shown. */
  adapt(now: number): void {
    const { policy } = this;
    const rate = policy.observe(this.ended, now, this.held, this.dry);
    if (rate !== undefined && policy.quick) this.submission.observe(rate);
    this.ended = 0;
    this.dry = false;
    if (this.lanes.length > policy.lanes && !this.stream) this.#lanes.close(policy.lanes);
  }

  /** It has requests in libc again: the time without any does not count, unless its program is just at work on them. */
  resume(now: number): void {
    const pauseMs = now - this.idleSince;
    if (pauseMs > PAUSE_MS) this.policy.skip(pauseMs);
  }

  #addLane(): Lane | undefined {
    const lane = this.#lanes.add();
    if (lane === undefined) this.#laneable = false; // out of descriptors: what there is must do
    return lane;
  }

  /** Whether a lane has such a request; one that nobody waits for holds up no others. */
  #holds({ held }: Lane, such: (operation: Operation) => boolean): boolean {
    return held.some((operation) => !operation.abandoned && such(operation));
  }

  /** Whether a request goes to libc in its order. */
  #ordered({ writes, sequential }: Operation): boolean {
    if (this.stream) return writes;
    return sequential || (!this.#serial && writes && this.#isAppended());
  }

  /** Whether writes go to the end of the file, wherever they are meant to. */
  #isAppended(): boolean {
    if (this.#appends === undefined) {
      const { O_APPEND, F_GETFL } = platform().constants;
      this.#appends = (libc().call.fcntl(this.fd, F_GETFL, 0) & O_APPEND) !== 0;
    }
    return this.#appends;
  }

  /** Only regular files and block devices without O_APPEND: elsewhere the order of requests means something. */
  #canHaveLanes(): boolean {
    return this.#laneable ??= !this.stream && isFile(this.fd) && !this.#isAppended();
  }
}
