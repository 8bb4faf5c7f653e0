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
import { viewOf } from "../structs/view.ts";
import type { StructView } from "../structs/view.ts";
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
}

let means: Means | null | undefined;
/** Blocks that are registered and have no descriptor. */
const free: StructView[] = [];
const armed = new Map<number, StructView>();
let room: { address: number; bytes: number } = { address: 0, bytes: 0 };

/**
 * Has a descriptor closed when the thread ends, as soon as libc has ended what it then has of it. It is for descriptors that
 * nobody else has requests on, and which are closed by {@linkcode closeNow} only.
 *
 * @param fd The descriptor.
 */
export function closeAtEnd(fd: number): void {
  const found = findMeans();
  if (found === null) return;
  const block = free.pop() ?? register(found);
  if (block === undefined) return;
  block["aio_sigevent.sigev_value"] = fd;
  block["aio_fildes"] = fd;
  block["aio_sigevent.sigev_notify"] = platform().constants.SIGEV_THREAD; // last: before, nothing would be closed
  armed.set(fd, block);
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
  const block = armed.get(fd);
  if (block !== undefined) {
    disarm(block);
    armed.delete(fd);
    free.push(block);
  }
  libc().call.close(fd);
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
  const close = find("close");
  if (aioRead === 0 || close === 0) return undefined;
  return { aioRead: door().pointer(aioRead), close: door().pointer(close), closeAt: close };
}

/** Makes a block that libc is given when the thread ends; that cannot be undone. */
function register({ aioRead, close, closeAt }: Means): StructView | undefined {
  if (room.bytes < STRIDE_BYTES) room = map(PAGE_BYTES);
  const { address, bytes } = room;
  const block = viewOf(platform().structs.aiocb, door().view(address, STRIDE_BYTES)) as StructView;
  block["aio_offset"] = -1;
  block["aio_sigevent.sigev_notify_function"] = closeAt;
  disarm(block);
  if (libc().call.__cxa_thread_atexit_impl(aioRead, door().pointer(address), close) !== 0) return undefined;
  room = { address: address + STRIDE_BYTES, bytes: bytes - STRIDE_BYTES };
  return block;
}

/** What libc is given then is a request that nothing has to do with. */
function disarm(block: StructView): void {
  block["aio_sigevent.sigev_notify"] = platform().constants.SIGEV_NONE;
  block["aio_fildes"] = -1;
}
