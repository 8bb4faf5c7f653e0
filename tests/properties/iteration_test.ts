// Whatever is submitted to a queue, by whatever iterables, and however its completions are consumed: each request that was
// taken in ends once, with its own bytes, or an error that has a reason; and a sync ends behind every write before it.

import { AioQueue } from "@posix/aio";
import type { AioError, AioRequest, Completion } from "@posix/aio";
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { it } from "@std/testing/bdd";
import fc from "fast-check";
import { Buffer } from "node:buffer";
import fs from "node:fs";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { runs } from "./runs.ts";

const FILES = 3;
const BYTES = 10_000;

const depths = fc.constantFrom(1, 2, 5, 64, 200);
const lanes = fc.constantFrom<number | "auto">(1, 3, "auto");
const request = fc.record({
  op: fc.constantFrom("read", "readv", "sync", "wrong"),
  file: fc.nat({ max: FILES - 1 }),
  offset: fc.nat({ max: BYTES + 100 }),
  length: fc.nat({ max: 3000 }),
  priority: fc.integer({ min: -2, max: 2 }),
});
const submission = fc.record({
  kind: fc.constantFrom("array", "generator", "async generator"),
  requests: fc.array(request, { maxLength: 60 }),
});
const consumer = fc.record({
  batches: fc.boolean(),
  timeout: fc.constantFrom(undefined, 0, 5),
  /** After how many steps it leaves and another one like it begins. */
  leaves: fc.constantFrom(0, 1, 3),
});
/** After how many completions something happens to the queue, if ever. */
const event = fc.record({ after: fc.nat({ max: 100 }), what: fc.constantFrom("cancel", "close", "close and cancel") });

type Value<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Found> ? Found : never;
type Given = Value<typeof request>;

function requestOf(given: Given, fds: readonly number[], tag: number): AioRequest {
  const { op, file, offset, length, priority } = given;
  const fd = fds[file];
  if (op === "read") return { op, fd, offset, length, priority, tag };
  if (op === "sync") return { op, fd, priority, tag };
  const cut = length >> 1;
  const buffers = [new Uint8Array(cut), new Uint8Array(length - cut)];
  return op === "readv" ? { op, fd, offset, buffers, priority, tag } : { op: "read", fd, length: -1, tag };
}

function* numbered(requests: readonly Given[], fds: readonly number[], from: number, taken: Set<unknown>) {
  for (const [index, each] of requests.entries()) {
    taken.add(from + index);
    yield requestOf(each, fds, from + index);
  }
}

async function* later(requests: Iterable<AioRequest>): AsyncGenerator<AioRequest> {
  for (const each of requests) {
    await Promise.resolve();
    yield each;
  }
}

/** Consumes until nothing is left. */
async function consume(
  queue: AioQueue,
  { batches, timeout, leaves }: Value<typeof consumer>,
  take: (found: readonly Completion[]) => void,
): Promise<void> {
  for (let done = false; !done;) {
    done = true;
    let steps = 0;
    for await (const found of batches ? queue.batches({ timeout }) : queue) {
      take(Array.isArray(found) ? found : [found]);
      if (++steps === leaves) {
        done = false;
        break;
      }
    }
  }
}

function checkOne({ tag, op, error, bytes, buffer, buffers }: Completion, given: Given, content: Uint8Array[]): void {
  if (given.op === "wrong") return assert(error instanceof RangeError, String(error));
  if (error !== undefined) return assertEquals((error as AioError).code, "ECANCELED", String(error));
  assertEquals(op, given.op);
  if (op === "sync") return;
  const expected = content[given.file].subarray(given.offset, given.offset + given.length);
  const found = buffers === null ? buffer! : Buffer.concat(buffers).subarray(0, bytes);
  assert(bytes === expected.length && Buffer.compare(found, expected) === 0, `request ${tag}`);
}

it("each request that a queue takes in ends once, whoever submits, consumes, cancels and closes", async () => {
  using folder = new TemporaryFolder();
  const content = Array.from({ length: FILES }, (_, file) => knownBytes(BYTES, file * 1e9));
  const fds = content.map((bytes, file) => (folder.write(`${file}`, bytes), folder.open(`${file}`, "r+")));
  const submissions = fc.array(submission, { minLength: 1, maxLength: 4 });
  const consumers = fc.array(consumer, { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(
      submissions,
      consumers,
      fc.option(event, { nil: undefined }),
      depths,
      lanes,
      async (submissions, consumers, event, depth, lanes) => {
        await using queue = new AioQueue({ depth, lanes });
        const all = submissions.flatMap(({ requests }) => requests);
        const taken = new Set<unknown>();
        const ended = new Set<unknown>();
        let from = 0;
        for (const { kind, requests } of submissions) {
          const generated = numbered(requests, fds, from, taken);
          void queue.submit(kind === "array" ? [...generated] : kind === "generator" ? generated : later(generated));
          from += requests.length;
        }
        let closed: Promise<void> | undefined;
        let count = 0;
        const happen = () => {
          if (event === undefined || closed !== undefined || ended.size < event.after) return;
          if (event.what === "cancel") queue.cancel({ fd: fds[0] });
          else closed = queue.close({ cancel: event.what !== "close" });
        };
        happen();
        const take = (found: readonly Completion[]) => {
          count += found.length;
          assertLessOrEqual(found.length, depth);
          for (const each of found) {
            assert(taken.has(each.tag) && !ended.has(each.tag), `request ${each.tag}`);
            ended.add(each.tag);
            checkOne(each, all[each.tag as number], content);
          }
          happen();
        };
        await Promise.all(consumers.map((each) => consume(queue, each, take)));
        await closed;
        assertEquals(count, ended.size);
        // an array has been read to its end although the queue has not taken everything in
        if (closed === undefined) assertEquals(ended.size, all.length);
        const { inFlight, unconsumed, completed, failed } = queue.stats();
        assertEquals([inFlight, unconsumed, completed + failed], [0, 0, count]);
      },
    ),
    runs(80),
  );
});

it("a sync ends behind every write that was asked for before it on its descriptor, whatever their priorities", async () => {
  const step = fc.record({
    sync: fc.boolean(),
    file: fc.nat({ max: FILES - 1 }),
    queue: fc.nat({ max: 1 }),
    priority: fc.integer({ min: -3, max: 3 }),
    abort: fc.constantFrom(false, false, false, true),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 120 }), depths, lanes, async (steps, depth, lanes) => {
      using folder = new TemporaryFolder();
      const fds = Array.from({ length: FILES }, (_, file) => folder.open(`${file}`, "w+"));
      // what waits for room in another queue is not under way, so there are two only where there is room for all
      await using one = new AioQueue({ depth, lanes });
      await using two = new AioQueue({ depth, lanes });
      const queues = depth > steps.length ? [one, two] : [one, one];
      const pending: Set<number>[] = fds.map(() => new Set());
      const running = steps.map(async ({ sync, file, queue: which, priority, abort }, index) => {
        const queue = queues[which];
        const options = { priority, signal: abort ? AbortSignal.timeout(0) : undefined };
        const before = [...pending[file]];
        if (sync) {
          await queue.sync(fds[file], options).then(
            () => assertEquals(before.filter((write) => pending[file].has(write)), []),
            (error) => assertEquals(error.name, "TimeoutError"),
          );
          return;
        }
        if (!abort) pending[file].add(index);
        const { bytes } = await queue.write(fds[file], new Uint8Array(10).fill(index), {
          ...options,
          offset: index * 10,
        })
          .catch((error) => (assertEquals(error.name, "TimeoutError"), { bytes: 10 }));
        pending[file].delete(index);
        assertEquals(bytes, 10);
      });
      await Promise.all(running);
      for (const [index, { sync, abort, file }] of steps.entries()) {
        if (sync || abort) continue;
        const found = new Uint8Array(10);
        fs.readSync(fds[file], found, 0, 10, index * 10);
        assertEquals(found, new Uint8Array(10).fill(index));
      }
    }),
    runs(40),
  );
});
