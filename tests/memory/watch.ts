/**
 * Watches every address that libc is handed: whether it lies in what `mmap` gave to this package, or is an engine's.
 *
 * The functions of libc are wrapped before anything has bound them, so this is called before the first queue is made.
 *
 * @module
 */

import { door } from "../../ffi/door.ts";
import type { NativeFunction } from "../../ffi/native.ts";
import { libc } from "../../ffi/libc.ts";
import type { SymbolName } from "../../ffi/libc.ts";
import { platform } from "../../structs/platform.ts";
import { viewOf } from "../../structs/view.ts";

/** What libc was handed. */
export interface Watch {
  /** How many addresses, by what they were of. */
  readonly seen: Record<string, number>;
  /** Those outside the package's own mappings. */
  readonly foreign: string[];
}

type Values = readonly (number | bigint)[];

/** Begins to watch. */
export function watchAddresses(): Watch {
  const watch: Watch = { seen: {}, foreign: [] };
  const { call } = libc();
  const { structs } = platform();
  const mappings: { readonly begin: number; readonly end: number }[] = [];

  const look = (what: string, address: number, bytes: number) => {
    watch.seen[what] = (watch.seen[what] ?? 0) + 1;
    const isOwn = mappings.some(({ begin, end }) => address >= begin && address + bytes <= end);
    if (!isOwn) watch.foreign.push(`${what}: ${bytes} bytes at 0x${address.toString(16)}`);
  };
  const lookAtBlock = (address: number, moves: boolean) => {
    look("control block", address, structs.aiocb.size);
    if (!moves) return;
    const { aio_buf, aio_nbytes } = viewOf(structs.aiocb, door().view(address, structs.aiocb.size));
    if (aio_nbytes > 0) look("buffer", aio_buf, aio_nbytes);
  };
  const lookAtList = (what: string, address: number, count: number, moves: boolean) => {
    if (count === 0) return;
    look(what, address, count * 8);
    const list = new BigUint64Array(door().view(address, count * 8));
    for (const block of list) if (block !== 0n) lookAtBlock(Number(block), moves);
  };

  const lookAt: Partial<Record<SymbolName, (values: Values, result: number) => void>> = {
    mmap: ([, bytes], begin) => void mappings.push({ begin, end: begin + Number(bytes) }),
  };
  const before: Partial<Record<SymbolName, (values: Values) => void>> = {
    aio_read: ([block]) => lookAtBlock(Number(block), true),
    aio_write: ([block]) => lookAtBlock(Number(block), true),
    aio_fsync: ([, block]) => lookAtBlock(Number(block), false),
    aio_error: ([block]) => lookAtBlock(Number(block), false),
    aio_return: ([block]) => lookAtBlock(Number(block), false),
    aio_cancel: ([, block]) => Number(block) !== 0 && lookAtBlock(Number(block), false),
    aio_suspend: ([list, count]) => lookAtList("list", Number(list), Number(count), false),
    lio_listio: ([, list, count]) => lookAtList("list", Number(list), Number(count), true),
  };
  for (const name of [...Object.keys(lookAt), ...Object.keys(before)] as SymbolName[]) {
    const real = call[name] as NativeFunction;
    const wrapped = (...values: number[]) => {
      before[name]?.(values);
      const result = real(...values);
      lookAt[name]?.(values, result as number);
      return result;
    };
    Object.defineProperty(call, name, { value: wrapped });
  }

  // the waiter thread calls aio_suspend() itself, with lists of which it is told when it starts
  const runtime = door();
  const startThread = runtime.startThread.bind(runtime);
  runtime.startThread = (text, data, listeners) => {
    const { lists = [], timeout } = data as { lists?: readonly number[]; timeout?: number };
    for (const list of lists) look("list of the waiter thread", list, 8);
    if (timeout !== undefined) look("timeout of the waiter thread", timeout, structs.timespec.size);
    return startThread(text, data, listeners);
  };
  return watch;
}
