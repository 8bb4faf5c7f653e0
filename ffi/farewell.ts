/**
 * Descriptors that are closed when their thread ends, though nobody runs any JavaScript then.
 *
 * A runtime that terminates a worker asks nobody, and knows nothing of descriptors that were made through FFI. But glibc lets
 * a function be called with one pointer when a thread ends (`stdlib/cxa_thread_atexit_impl.c`). Here that is `aio_read` with a
 * control block that was filled in before: a request on the descriptor's own number, which glibc runs after all others of that
 * number, so when nothing of the dead worker's is under way on it. Its offset is -1, which pread(2) refuses before it looks at
 * the descriptor; its notification (`SIGEV_THREAD`) is the call of close(2) with the number.
 *
 * Elsewhere, and in a thread that cannot end before its process, descriptors are just descriptors.
 *
 * @module
 */

import { platform } from "../structs/platform.ts";
import { door } from "./door.ts";
import type { Pointer } from "./native.ts";
import { libc } from "./libc.ts";
import { map, PAGE_BYTES } from "./memory.ts";
import { IN_WORKER } from "./thread.ts";

/** Bytes from block to block. */
const STRIDE_BYTES = 192;

/** What is called when the thread ends. */
interface Means {
  readonly aioRead: Pointer;
  readonly close: Pointer;
  /** The address of `close`, as a number. */
  readonly closeAt: number;
  /** Where in a block, in words, the number stands for which the request is ... */
  readonly fildes: number;
  /** ... whether there is a notification ... */
  readonly notify: number;
  /** ... and the number that it closes. */
  readonly value: number;
  readonly none: number;
  readonly thread: number;
}

let means: Means | null | undefined;
/** Blocks, as words, that are registered and have no descriptor. */
const free: Int32Array[] = [];
const armed = new Map<number, Int32Array>();
let room: { address: number; bytes: number } = { address: 0, bytes: 0 };

/**
 * Makes a descriptor that is closed when the thread ends, as soon as libc has ended what it then has of it. It is for
 * descriptors that nobody else has requests on, and which are closed by {@linkcode closeNow} only.
 *
 * A thread that is terminated between the making and the few instructions that follow leaves the descriptor open.
 *
 * @param make Makes it by one call of C; a negative number is none.
 * @returns What `make` gave.
 */
export function makeForThread(make: () => number): number {
  const found = findMeans();
  const block = found === null ? undefined : free.pop() ?? register(found);
  if (found === null || block === undefined) return make();
  const { value, fildes, notify, thread } = found;
  const fd = make();
  // nothing is called from here on, so that nothing ends the thread in between
  block[value] = fd;
  block[fildes] = fd;
  block[notify] = thread; // last: before, nothing would be closed
  if (fd >= 0) armed.set(fd, block);
  else disarm(block, found);
  return fd;
}

/**
 * Has a descriptor closed when the thread ends, whatever is under way on it: the kernel keeps what it needs of it.
 *
 * @param fd The descriptor, which nobody closes before.
 */
export function closeAtEndAnyway(fd: number): void {
  const found = findMeans();
  if (found !== null) libc().call.__cxa_thread_atexit_impl(found.close, door().pointer(fd), found.close);
}

/** The address of `close`, for a thread that has a descriptor of its own closed at its end; 0 where that cannot be done. */
export function closeAddress(): number {
  return findMeans()?.closeAt ?? 0;
}

/**
 * Closes a descriptor.
 *
 * @param fd The descriptor.
 */
export function closeNow(fd: number): void {
  const { call } = libc();
  const block = armed.get(fd);
  if (block !== undefined) {
    armed.delete(fd);
    disarm(block, means!); // before it is closed: its number may be somebody else's then
  }
  call.close(fd);
}

function findMeans(): Means | null {
  return means ??= lookUp() ?? null;
}

function lookUp(): Means | undefined {
  const { has, call } = libc();
  if (!IN_WORKER || !platform().behaviour.serialPerDescriptor) return undefined;
  if (!has("dlsym") || !has("__cxa_thread_atexit_impl")) return undefined; // glibc before 2.34, or no glibc
  const { address, bytes } = map(64);
  const name = new Uint8Array(door().view(address, bytes));
  const find = (text: string) => {
    name.set(new TextEncoder().encode(`${text}\0`));
    return call.dlsym(door().pointer(0), door().pointer(address)); // RTLD_DEFAULT
  };
  const aioRead = find("aio_read");
  const closeAt = find("close");
  if (aioRead === 0 || closeAt === 0) return undefined;
  const { constants, structs } = platform();
  const at = (name: string) => structs.aiocb.members[name].offset >> 2;
  return {
    aioRead: door().pointer(aioRead),
    close: door().pointer(closeAt),
    closeAt,
    fildes: at("aio_fildes"),
    notify: at("aio_sigevent.sigev_notify"),
    value: at("aio_sigevent.sigev_value"),
    none: constants.SIGEV_NONE,
    thread: constants.SIGEV_THREAD,
  };
}

/** Makes a block that libc is given when the thread ends; that cannot be undone. */
function register(found: Means): Int32Array | undefined {
  if (room.bytes < STRIDE_BYTES) room = map(PAGE_BYTES);
  const { address, bytes } = room;
  const buffer = door().view(address, STRIDE_BYTES);
  const { members } = platform().structs.aiocb;
  const longs = new BigInt64Array(buffer);
  longs[members.aio_offset.offset >> 3] = -1n;
  longs[members["aio_sigevent.sigev_notify_function"].offset >> 3] = BigInt(found.closeAt);
  const block = new Int32Array(buffer);
  block[found.notify] = found.none;
  block[found.fildes] = -1; // what libc is given then is a request that nothing has to do with
  const { aioRead, close } = found;
  if (libc().call.__cxa_thread_atexit_impl(aioRead, door().pointer(address), close) !== 0) return undefined;
  room = { address: address + STRIDE_BYTES, bytes: bytes - STRIDE_BYTES };
  return block;
}

function disarm(block: Int32Array, { notify, none, fildes }: Means): void {
  free.push(block);
  block[notify] = none;
  block[fildes] = -1;
}
