/**
 * Reads and writes through a queue: in arrays of every kind and in pool buffers, vectored or not, awaited or submitted,
 * aborted, cancelled, and on descriptors that are none.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { AioError } from "@posix/aio";
import { OWN_ARRAYS, partOfPool } from "../arrays.ts";
import { count, turn } from "./world.ts";
import type { World } from "./world.ts";

const NO_DESCRIPTOR = 987_654;
const kinds = Object.values(OWN_ARRAYS).filter((make) => !String(make).includes("WebAssembly"));

interface Part {
  readonly array: Uint8Array;
  /** Gives it up: nobody but the package uses it from here on. */
  readonly drop: () => void;
}

function makePart({ random, queue }: World, bytes: number): Part {
  if (random.oneIn(3)) {
    const { buffer, array } = partOfPool(queue, bytes);
    return { array, drop: () => buffer.release() };
  }
  const array = random.of(kinds)(bytes);
  return { array, drop: () => void array.fill(0xdd) };
}

function makeParts(world: World, bytes: number): Part[] {
  const { random } = world;
  if (!random.oneIn(3)) return [makePart(world, bytes)];
  const parts: Part[] = [];
  for (let left = bytes; left > 0;) {
    const part = parts.length === 4 ? left : 1 + random.below(left);
    parts.push(makePart(world, part));
    left -= part;
  }
  return parts;
}

/** Asks the queue for it, in one of its ways. */
function ask(world: World, op: "read" | "write", arrays: Uint8Array[], offset: number): Promise<{ bytes: number }> {
  const { random, queue, submitted } = world;
  const fd = random.oneIn(60) ? NO_DESCRIPTOR : world.fd;
  const controller = random.oneIn(8) ? new AbortController() : undefined;
  const options = { offset, signal: controller?.signal, priority: random.oneIn(10) ? 1 : 0 };
  const vectored = arrays.length > 1;
  if (controller !== undefined) abortSoon(world, controller);
  if (random.oneIn(2)) {
    const tag = submitted.size;
    const what = vectored ? { op: `${op}v` as const, buffers: arrays } : { op, buffer: arrays[0] };
    return new Promise((resolve, reject) => {
      submitted.set(tag, ({ bytes, error }) => error === undefined ? resolve({ bytes }) : reject(error));
      queue.submit([{ ...what, ...options, fd, tag }]);
    });
  }
  if (op === "read") {
    return vectored ? queue.readv(fd, arrays, options) : queue.read(fd, { ...options, buffer: arrays[0] });
  }
  return vectored ? queue.writev(fd, arrays, options) : queue.write(fd, arrays[0], options);
}

async function abortSoon({ random }: World, controller: AbortController): Promise<void> {
  for (let turns = random.below(4); turns > 0; turns--) await turn();
  controller.abort();
}

/** Reads or writes a random stretch of the file, and checks every byte. */
export async function transfer(world: World): Promise<void> {
  const { random, shadow, afterwards, closesEarly } = world;
  const loan = shadow.borrow(random, random.oneIn(400) ? 280 : 1);
  if (loan === undefined) return;
  const op = random.oneIn(2) ? "read" : "write";
  const parts = makeParts(world, loan.bytes);
  const arrays = parts.map(({ array }) => array);
  for (const array of arrays) random.fill(array);
  const given = Buffer.concat(arrays);
  count(world, parts.length > 1 ? `${op}v` : op);
  const what = `${op} of ${loan.bytes} bytes at ${loan.offset} in ${parts.length} parts`;
  try {
    const { bytes } = await ask(world, op, arrays, loan.offset);
    if (bytes !== loan.bytes) throw new Error(`${what} moved ${bytes}`);
    if (op === "read") shadow.check(loan.offset, Buffer.concat(arrays), what);
    else shadow.wrote(loan.offset, given);
    shadow.giveBack(loan);
  } catch (error) {
    // of an aborted request nobody asks here what has moved: nothing of it is taken for granted
    const aborted = (error as Error).name === "AbortError";
    const { code, bytes = 0 } = aborted ? { code: "ECANCELED" } : error as AioError;
    if (code !== "ECANCELED" && code !== "EBADF") throw error;
    if (code === "EBADF" && !closesEarly && !String(error).includes(`${NO_DESCRIPTOR}`)) throw error;
    count(world, code);
    if (op === "read") shadow.check(loan.offset, Buffer.concat(arrays).subarray(0, bytes), what);
    // an aborted request is answered before libc has ended it
    afterwards.push(() => {
      if (op === "write") shadow.settle(loan.offset, given, what);
      shadow.giveBack(loan);
    });
  } finally {
    for (const { drop } of parts) drop();
  }
}
