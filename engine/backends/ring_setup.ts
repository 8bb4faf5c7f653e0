/**
 * Sets an io_uring up: the ring with the best flags that the kernel knows, its memory, and the eventfd that tells what comes.
 *
 * @module
 */

import { AioError } from "../../ffi/errno.ts";
import { door } from "../../ffi/door.ts";
import { libc } from "../../ffi/libc.ts";
import { map } from "../../ffi/memory.ts";
import {
  CQE,
  EVENTFD_FLAGS,
  FEATURES,
  IO_URING_CALLS,
  OFFSETS,
  PARAMS,
  REGISTER,
  SETUP,
  SQE,
} from "../../structs/io_uring.ts";
import { platform } from "../../structs/platform.ts";
import { refusal } from "./ring_refusal.ts";

const PROT_READ_WRITE = 3;
const MAP_SHARED_POPULATE = 0x8001;

/** What is tried, the best first: flags that a kernel does not know are EINVAL. */
const FLAGS: readonly number[] = [
  SETUP.SINGLE_ISSUER | SETUP.DEFER_TASKRUN | SETUP.TASKRUN_FLAG | SETUP.NO_SQARRAY,
  SETUP.SINGLE_ISSUER | SETUP.DEFER_TASKRUN | SETUP.TASKRUN_FLAG,
  SETUP.SINGLE_ISSUER | SETUP.COOP_TASKRUN | SETUP.TASKRUN_FLAG,
  SETUP.COOP_TASKRUN | SETUP.TASKRUN_FLAG,
  0,
];

/** Where the members of the ring of submissions are, in words. */
export interface SubmissionsAt {
  readonly head: number;
  readonly tail: number;
  readonly mask: number;
  readonly flags: number;
}

/** Where the members of the ring of completions are, in words. */
export interface CompletionsAt {
  readonly head: number;
  readonly tail: number;
  readonly mask: number;
  readonly cqes: number;
  readonly flags: number;
}

/** A ring that was set up. */
export interface RingSetup {
  readonly descriptor: number;
  readonly eventDescriptor: number;
  readonly entries: number;
  readonly flags: number;
  /** Both rings: they are one piece of memory. */
  readonly rings: Int32Array;
  readonly sqes: Int32Array;
  readonly submissions: SubmissionsAt;
  readonly completions: CompletionsAt;
}

/**
 * Sets a ring up.
 *
 * @param entries How many entries it shall take between two calls, a power of two; it holds twice as many completions.
 * @returns The ring.
 * @throws {AioError} What the kernel refused it with; the message says what would mend that.
 */
export function setUpRing(entries: number): RingSetup {
  const { address } = map(PARAMS.size);
  const words = new Int32Array(door().view(address, PARAMS.size));
  const descriptor = makeRing(entries, address, words);
  const flags = words[PARAMS.flags >> 2];
  const taken = words[PARAMS.sq_entries >> 2];
  const { sq_off: sq, cq_off: cq } = PARAMS;
  const at = (offset: number) => words[offset >> 2];
  const ringBytes = Math.max(at(sq.array) + taken * 4, at(cq.cqes) + words[PARAMS.cq_entries >> 2] * CQE.size);
  const rings = mapRing(descriptor, ringBytes, OFFSETS.SQ_RING);
  const sqes = mapRing(descriptor, taken * SQE.size, OFFSETS.SQES);
  if ((flags & SETUP.NO_SQARRAY) === 0) {
    for (let index = 0; index < taken; index++) rings[(at(sq.array) >> 2) + index] = index;
  }
  const submissions = {
    head: at(sq.head) >> 2,
    tail: at(sq.tail) >> 2,
    mask: rings[at(sq.ring_mask) >> 2],
    flags: at(sq.flags) >> 2,
  };
  const completions = {
    head: at(cq.head) >> 2,
    tail: at(cq.tail) >> 2,
    mask: rings[at(cq.ring_mask) >> 2],
    cqes: at(cq.cqes) >> 2,
    flags: at(cq.flags) >> 2,
  };
  const eventDescriptor = register(descriptor, address);
  return { descriptor, eventDescriptor, entries: taken, flags, rings, sqes, submissions, completions };
}

/** Makes the ring; what it is like is in the words of `struct io_uring_params` then. */
function makeRing(entries: number, address: number, words: Int32Array): number {
  const { call, errno } = libc();
  const none = door().pointer(0);
  let descriptor = -1;
  let error = 0;
  for (const flags of FLAGS) {
    words.fill(0);
    words[PARAMS.flags >> 2] = flags | SETUP.CQSIZE | SETUP.CLAMP;
    words[PARAMS.cq_entries >> 2] = entries * 2;
    descriptor = call.syscall(IO_URING_CALLS.setup, entries, address, none, 0, none, 0);
    if (descriptor >= 0) break;
    error = errno();
    if (error !== platform().errno.EINVAL) break;
  }
  if (descriptor < 0) throw refusal(error);
  const needed = FEATURES.SINGLE_MMAP | FEATURES.NODROP | FEATURES.FAST_POLL;
  if ((words[PARAMS.features >> 2] & needed) === needed) return descriptor;
  call.close(descriptor);
  throw refusal(0);
}

/** Makes the eventfd; the memory is for its number. */
function register(descriptor: number, address: number): number {
  const { call, errno } = libc();
  const none = door().pointer(0);
  const eventDescriptor = call.eventfd(0, EVENTFD_FLAGS);
  if (eventDescriptor >= 0) {
    new Int32Array(door().view(address, 4))[0] = eventDescriptor;
    const memory = door().pointer(address);
    if (call.syscall(IO_URING_CALLS.register, descriptor, REGISTER.EVENTFD, memory, 1, none, 0) >= 0) {
      return eventDescriptor;
    }
  }
  const error = new AioError(eventDescriptor < 0 ? "eventfd" : "io_uring_register", errno(), "set up io_uring");
  if (eventDescriptor >= 0) call.close(eventDescriptor);
  call.close(descriptor);
  throw error;
}

function mapRing(descriptor: number, bytes: number, offset: number): Int32Array {
  const { call, errno } = libc();
  const address = call.mmap(door().pointer(0), bytes, PROT_READ_WRITE, MAP_SHARED_POPULATE, descriptor, offset);
  if (address < 2 ** 48 && address > 0) return new Int32Array(door().view(address, bytes));
  const error = new AioError("mmap", errno(), `map ${bytes} bytes of an io_uring`);
  call.close(descriptor);
  throw error;
}
