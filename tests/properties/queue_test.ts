// AioQueue against a file that is an array in memory: any sequence of requests moves the same bytes in both.
//
// Requests in flight have no order, so a step overlaps no other of its batch that writes; a batch has ended, or been
// cancelled and ended, before the next begins. What a cancelled write has left is asked of the file, and has to be the old or the
// new byte.

import { type AioError, AioQueue } from "@posix/aio";
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { it } from "@std/testing/bdd";
import fc from "fast-check";
import fs from "node:fs";
import { TemporaryFolder } from "../support/files.ts";
import { runs } from "./runs.ts";

/** The file's bytes are split into so many ranges; each step of a batch has ranges of its own. */
const RANGES = 16;
const RANGE_BYTES = 700;

const parts = fc.array(fc.nat({ max: 300 }), { minLength: 1, maxLength: 5 });
const place = { skip: fc.nat({ max: 99 }), length: fc.nat({ max: 600 }), parts, seed: fc.nat({ max: 255 }) };
const stepOf = (end: "await" | "cancel" | "abort") =>
  fc.record({
    op: fc.constantFrom("read", "write", "readv", "writev", "sync"),
    end: fc.constant(end),
    pooled: fc.boolean(),
    priority: fc.integer({ min: -2, max: 2 }),
    ...place,
  });
const step = fc.oneof(
  { arbitrary: stepOf("await"), weight: 6 },
  { arbitrary: stepOf("cancel"), weight: 1 },
  { arbitrary: stepOf("abort"), weight: 1 },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;
const batches = fc.array(fc.array(step, { minLength: 1, maxLength: RANGES }), { minLength: 1, maxLength: 8 });

/** The file as it must be. */
class Shadow {
  bytes = new Uint8Array(0);

  read(at: number, length: number): Uint8Array {
    return this.bytes.slice(at, at + length);
  }

  write(at: number, data: Uint8Array): void {
    if (data.length === 0) return;
    const grown = new Uint8Array(Math.max(this.bytes.length, at + data.length));
    grown.set(this.bytes);
    grown.set(data, at);
    this.bytes = grown;
  }
}

function join(buffers: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(buffers.flatMap((buffer) => [...buffer]));
}

/** Cuts the lengths so that the parts fit into a range. */
function fitted({ parts, skip }: Step): number[] {
  let left = RANGE_BYTES - skip;
  return parts.map((bytes) => {
    const taken = Math.min(bytes, left);
    left -= taken;
    return taken;
  });
}

const filled = (length: number, seed: number) => new Uint8Array(length).map((_, index) => seed + index * 7);

/** What is due when all of a batch have ended: first the writes, which may have made the file longer, then the reads. */
interface Due {
  readonly write?: () => void;
  readonly read?: () => void;
}

/** Does one step on a range. */
async function run(queue: AioQueue, fd: number, at: number, given: Step, shadow: Shadow): Promise<Due> {
  const { op, end, seed, pooled, priority } = given;
  const offset = at + given.skip;
  const controller = new AbortController();
  const options = { offset, priority, signal: end === "abort" ? controller.signal : undefined };
  const lengths = fitted(given);
  const length = Math.min(given.length, RANGE_BYTES - given.skip);
  using lent = pooled ? queue.buffers.take(Math.max(1, length)) : null; // given back at once, even if libc still has it
  const own = lent === null ? new Uint8Array(length) : lent.bytes.subarray(0, length);
  own.set(filled(length, seed));
  const buffers = lengths.map((bytes, index) => filled(bytes, seed + index));
  const request = op === "read"
    ? queue.read(fd, { ...options, buffer: own })
    : op === "write"
    ? queue.write(fd, own, options)
    : op === "readv"
    ? queue.readv(fd, buffers, options)
    : op === "writev"
    ? queue.writev(fd, buffers, options)
    : queue.sync(fd, { priority, signal: options.signal });
  if (end === "abort") queueMicrotask(() => controller.abort());
  const vectored = op === "readv" || op === "writev";
  const total = vectored ? lengths.reduce((sum, bytes) => sum + bytes, 0) : length;
  const data = vectored ? join(buffers) : own.slice();
  try {
    const result = await request;
    if (op === "sync") return {};
    assert(result !== undefined);
    const moved = vectored ? join(buffers) : own.slice();
    if (op === "write" || op === "writev") {
      assertEquals(result.bytes, total);
      return { write: () => shadow.write(offset, data) };
    }
    return {
      read: () => {
        // what this batch has put behind the end of the file may have come after this read
        const expected = shadow.read(offset, total);
        assertLessOrEqual(result.bytes, expected.length);
        assertEquals(moved.slice(0, result.bytes), expected.slice(0, result.bytes));
      },
    };
  } catch (error) {
    if ((error as Error).name === "AbortError") assert(end !== "await");
    else assertEquals((error as AioError).code, "ECANCELED", String(error));
    if (op !== "write" && op !== "writev") return {};
    return { write: () => settle(fd, offset, data, shadow) };
  }
}

/** A cancelled write has left old or new bytes. */
function settle(fd: number, offset: number, data: Uint8Array, shadow: Shadow): void {
  const found = new Uint8Array(data.length);
  const bytes = fs.readSync(fd, found, 0, data.length, offset);
  const old = shadow.read(offset, data.length);
  for (let index = 0; index < bytes; index++) {
    assert(found[index] === (old[index] ?? 0) || found[index] === data[index], `byte ${offset + index}`);
  }
  shadow.write(offset, found.slice(0, bytes));
}

async function check(given: Step[][], depth: number, lanes: number | "auto"): Promise<void> {
  using folder = new TemporaryFolder();
  const fd = folder.open("file", "w+");
  const shadow = new Shadow();
  await using queue = new AioQueue({ depth, lanes });
  for (const batch of given) {
    const running = batch.map((each, range) => run(queue, fd, range * RANGE_BYTES, each, shadow));
    const ended = Promise.all(running);
    if (batch.some(({ end }) => end === "cancel")) queueMicrotask(() => queue.cancel({ fd }));
    const checks = await ended;
    // what was aborted may still be under way in libc: a sync waits for it
    await queue.sync(fd);
    for (const { write } of checks) write?.();
    for (const { read } of checks) read?.();
    assertEquals(new Uint8Array(fs.readFileSync(folder.at("file"))), shadow.bytes);
  }
}

const depths = fc.constantFrom(1, 2, 7, 64);
const lanes = fc.constantFrom<number | "auto">(1, 3, 8, "auto");

it("AioQueue moves the bytes that the model moves", async () => {
  await fc.assert(fc.asyncProperty(batches, depths, lanes, check), runs(25));
});

it("AioQueue.submit() brings each request's completion once, with its own tag and bytes", async () => {
  using folder = new TemporaryFolder();
  const content = filled(5000, 3);
  folder.write("file", content);
  const fd = folder.open("file");
  const reads = fc.array(fc.record({ offset: fc.nat({ max: 6000 }), length: fc.nat({ max: 2000 }) }), {
    maxLength: 80,
  });
  await fc.assert(
    fc.asyncProperty(reads, depths, lanes, async (given, depth, lanes) => {
      await using queue = new AioQueue({ depth, lanes });
      void queue.submit(given.map((each, tag) => ({ op: "read", fd, tag, ...each }) as const));
      const seen = new Set<unknown>();
      for await (const { tag, error, bytes, buffer } of queue) {
        assert(!seen.has(tag) && error === undefined);
        seen.add(tag);
        const { offset, length } = given[tag as number];
        assertEquals(buffer, content.slice(offset, offset + length));
        assertEquals(bytes, buffer!.length);
      }
      assertEquals(seen.size, given.length);
    }),
    runs(60, 3000),
  );
});
