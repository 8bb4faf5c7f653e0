/**
 * The copy thread: text for a worker that makes the blocking calls of a kernel copy, one after another, so that no
 * JavaScript thread has to.
 *
 * It is text for the same reason as the waiter's (see waiter_thread.ts), and it decides nothing: it makes the call that
 * a message names and answers with its result and `errno`. Which range comes next, when to stop and what to do about an
 * error is its owner's business.
 *
 * @module
 */

import { SYMBOLS } from "./libc.ts";
import type { Signature } from "./native.ts";

/** The names of the functions that the thread calls. */
export type CopySymbolName =
  | "copy_file_range"
  | "sendfile"
  | "ioctl"
  | "sync_file_range"
  | "fallocate"
  | "fstatfs"
  | "close"
  | "syncfs";

/** The functions that the thread binds for itself. */
export const COPY_SYMBOLS: Pick<typeof SYMBOLS, CopySymbolName> = {
  copy_file_range: SYMBOLS.copy_file_range,
  sendfile: SYMBOLS.sendfile,
  ioctl: SYMBOLS.ioctl,
  sync_file_range: SYMBOLS.sync_file_range,
  fallocate: SYMBOLS.fallocate,
  fstatfs: SYMBOLS.fstatfs,
  close: SYMBOLS.close,
  syncfs: SYMBOLS.syncfs,
};

/** What the thread is started with. */
export interface CopyThreadData {
  readonly library: string;
  readonly symbols: Readonly<Record<string, Signature>>;
  /** The function that gives the address of the thread's own `errno`. */
  readonly errnoFunction: string;
}

/** A call to make; addresses travel as numbers. */
export interface CopyCall {
  readonly id: number;
  readonly name: CopySymbolName;
  readonly values: readonly number[];
}

/** What a call gave. */
export interface CopyAnswer {
  readonly id: number;
  readonly result: number;
  /** 0 where the call succeeded. */
  readonly errno: number;
}

/** The thread's text, to follow the door's prelude. */
export const COPY_TEXT: string = `
const convert = { i32: Number, pointer };
let functions, symbols, errno;
const start = (data) => {
  symbols = data.symbols;
  functions = bind(data.library, symbols);
  errno = new Int32Array(view(functions[data.errnoFunction](), 4));
};
onMessage((message) => {
  if (functions === undefined) return start(message);
  const { id, name, values } = message;
  const { parameters } = symbols[name];
  // a 64-bit integer travels like a pointer: a bigint in Deno and Node, a number in Bun
  const converted = values.map((value, index) => (convert[parameters[index]] ?? pointer)(value));
  const result = Number(functions[name](...converted));
  post({ id, result, errno: result < 0 ? errno[0] : 0 });
});
`;
