// How requests go in and completions come out: depth and back-pressure, iterables of both kinds, iterators and batches,
// several consumers, failures that do not end an iteration.

import { AioQueue } from "@posix/aio";
import type { AioRequest, Completion } from "@posix/aio";
import { assert, assertEquals, assertLessOrEqual, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itWithPipes } from "../support/platform.ts";

function* reads(fd: number, count: number, bytes: number = 8): Generator<AioRequest> {
  for (let tag = 0; tag < count; tag++) yield { op: "read", fd, offset: tag * 8, length: bytes, tag };
}

async function collect(queue: AioQueue): Promise<Completion[]> {
  const found: Completion[] = [];
  for await (const completion of queue) found.push(completion);
  return found;
}

describe("AioQueue iteration", () => {
  it("brings every completion once, with its tag, and then ends", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", knownBytes(8000));
    const fd = folder.open("file");
    await using queue = new AioQueue({ depth: 16 });
    queue.submit(reads(fd, 1000));
    const found = await collect(queue);
    assertEquals(
      found.map(({ tag }) => tag as number).sort((a, b) => a - b),
      Array.from({ length: 1000 }, (_, i) => i),
    );
    for (const { tag, offset, bytes, buffer, op, error } of found) {
      assertEquals([offset, bytes, op, error], [tag as number * 8, 8, "read", undefined]);
      assertEquals(new Float64Array(buffer!.slice().buffer)[0], offset + 0.5);
    }
  });

  it("ends at once when nothing was submitted", async () => {
    await using queue = new AioQueue();
    assertEquals(await collect(queue), []);
    assertEquals(await queue.batches().next(), { done: true, value: undefined });
  });

  it("pulls an iterable only as room appears", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", knownBytes(8000));
    const fd = folder.open("file");
    await using queue = new AioQueue({ depth: 4 });
    let pulled = 0;
    let consumed = 0;
    queue.submit((function* () {
      for (const request of reads(fd, 200)) {
        pulled++;
        yield request;
      }
    })());
    assertEquals(pulled, 4);
    for await (const _ of queue) {
      consumed++;
      assertLessOrEqual(pulled - consumed, 4);
    }
    assertEquals([pulled, consumed], [200, 200]);
  });

  it("takes an async iterable and keeps its promise when all was taken in", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", knownBytes(8000));
    const fd = folder.open("file");
    await using queue = new AioQueue({ depth: 4 });
    let over = false;
    const taken = queue.submit((async function* () {
      for (const request of reads(fd, 50)) {
        await Promise.resolve();
        yield request;
      }
    })()).then(() => over = true);
    const found = await collect(queue);
    assertEquals(found.length, 50);
    await taken;
    assert(over);
  });

  it("goes through several submissions in their order", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", knownBytes(8000));
    const fd = folder.open("file");
    await using queue = new AioQueue({ depth: 2 });
    queue.submit(reads(fd, 5));
    queue.submit(reads(fd, 7));
    queue.submit([]);
    assertEquals((await collect(queue)).length, 12);
  });

  it("brings failed and wrong requests as completions and goes on", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", knownBytes(80));
    const fd = folder.open("file");
    await using queue = new AioQueue({ depth: 2 });
    const wrong = [
      { op: "read", fd: 987_654, length: 1, tag: "closed" },
      { op: "read", fd, length: -1, tag: "negative" },
      { op: "mend", fd, tag: "unknown" },
      { op: "write", fd, buffer: new Uint8Array(1), tag: "read-only" },
      null,
      { op: "read", fd, length: 8, tag: "right" },
    ] as AioRequest[];
    queue.submit(wrong);
    const found = new Map((await collect(queue)).map(({ tag, error }) => [tag, error]));
    assertEquals([...found.keys()].map(String).sort(), [
      "closed",
      "negative",
      "read-only",
      "right",
      "undefined",
      "unknown",
    ]);
    assertEquals((found.get("closed") as { code?: string }).code, "EBADF");
    assertEquals((found.get("read-only") as { code?: string }).code, "EBADF");
    assert(found.get("negative") instanceof RangeError);
    assert(found.get("unknown") instanceof TypeError);
    assert(found.get(undefined) instanceof TypeError);
    assertEquals(found.get("right"), undefined);
  });

  it("reports an iterable that throws, to the submitter and to the iteration", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", knownBytes(80));
    const fd = folder.open("file");
    await using queue = new AioQueue();
    const taken = queue.submit((function* () {
      yield* reads(fd, 2);
      throw new Error("source broke");
    })());
    await assertRejects(() => taken, Error, "source broke");
    let count = 0;
    await assertRejects(
      async () => {
        for await (const _ of queue) count++;
      },
      Error,
      "source broke",
    );
    assertEquals(count, 2);
  });

  it("refuses what is no iterable", async () => {
    await using queue = new AioQueue();
    assertThrows(() => queue.submit(5 as unknown as AioRequest[]), TypeError, "iterable");
    assertThrows(() => queue.submit({ op: "read" } as unknown as AioRequest[]), TypeError, "iterable");
  });

  it("gives each completion to one of two iterators", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", knownBytes(8000));
    const fd = folder.open("file");
    await using queue = new AioQueue({ depth: 8 });
    queue.submit(reads(fd, 300));
    const [one, two] = await Promise.all([collect(queue), collect(queue)]);
    const tags = new Set([...one, ...two].map(({ tag }) => tag));
    assertEquals([one.length + two.length, tags.size], [300, 300]);
  });

  it("goes on after a break", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", knownBytes(8000));
    const fd = folder.open("file");
    await using queue = new AioQueue({ depth: 8 });
    queue.submit(reads(fd, 100));
    let count = 0;
    for await (const _ of queue) {
      if (++count === 10) break;
    }
    assertEquals((await queue.read(fd, { length: 8 })).bytes, 8);
    assertEquals((await collect(queue)).length, 90);
  });

  it("lets a body of the loop submit and await more, even at depth 1", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", knownBytes(8000));
    const fd = folder.open("file");
    await using queue = new AioQueue({ depth: 1 });
    queue.submit(reads(fd, 20));
    let promised = 0;
    let more = 5;
    let count = 0;
    for await (const _ of queue) {
      count++;
      promised += (await queue.read(fd, { length: 8 })).bytes;
      if (more-- > 0) queue.submit(reads(fd, 1));
    }
    assertEquals([count, promised], [25, 200]);
  });

  it("keeps requests made by promise out of the iteration", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", knownBytes(8000));
    const fd = folder.open("file");
    await using queue = new AioQueue({ depth: 4 });
    queue.submit(reads(fd, 10));
    const promised = Array.from({ length: 10 }, () => queue.read(fd, { length: 4 }));
    const found = await collect(queue);
    assert(found.every(({ bytes }) => bytes === 8));
    assertEquals((await Promise.all(promised)).map(({ bytes }) => bytes), new Array(10).fill(4));
  });

  it("holds completions back until they are consumed, and lets promises through", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", knownBytes(8000));
    const fd = folder.open("file");
    await using queue = new AioQueue({ depth: 3 });
    queue.submit(reads(fd, 100));
    while (queue.stats().unconsumed < 3) await new Promise((resolve) => setTimeout(resolve, 1));
    await new Promise((resolve) => setTimeout(resolve, 20));
    assertEquals([queue.stats().unconsumed, queue.stats().submitted], [3, 3]);
    assertEquals((await collect(queue)).length, 100);
  });
});

describe("AioQueue.batches()", () => {
  it("brings everything in batches that are not empty", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", knownBytes(8000));
    const fd = folder.open("file");
    await using queue = new AioQueue({ depth: 32 });
    queue.submit(reads(fd, 1000));
    let count = 0;
    for await (const batch of queue.batches()) {
      assert(batch.length > 0 && batch.length <= 32);
      count += batch.length;
    }
    assertEquals(count, 1000);
  });

  itWithPipes("brings an empty batch when nothing ends in time, and the completion later", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("fifo");
    const fd = folder.open("fifo", "r+");
    const queue = new AioQueue();
    queue.submit([{ op: "read", fd, length: 5, tag: "pipe" }]);
    const batches = queue.batches({ timeout: 30 });
    const began = performance.now();
    assertEquals((await batches.next()).value, []);
    assert(performance.now() - began >= 25);
    await queue.write(fd, new TextEncoder().encode("hello"));
    let batch: Completion[] = [];
    while (batch.length === 0) batch = (await batches.next()).value;
    assertEquals([batch[0].tag, batch[0].bytes], ["pipe", 5]);
    assertEquals((await batches.next()).done, true);
    await queue.close();
  });

  it("refuses a timeout that is none", async () => {
    await using queue = new AioQueue();
    assertThrows(() => queue.batches({ timeout: -1 }), RangeError, "timeout -1");
    assertThrows(() => queue.batches({ timeout: 0.5 }), RangeError, "timeout 0.5");
  });
});

describe("new AioQueue()", () => {
  it("names a bad option", () => {
    assertThrows(() => new AioQueue({ depth: 0 }), RangeError, "depth 0: expected an integer from 1 to 65536");
    assertThrows(() => new AioQueue({ depth: 1.5 }), RangeError, "depth 1.5");
    assertThrows(() => new AioQueue({ lanes: 65 }), RangeError, "lanes 65: expected an integer from 1 to 64");
    assertThrows(() => new AioQueue({ threads: 0 }), RangeError, "threads 0");
  });

  it("keeps several queues of one thread apart", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", knownBytes(8000));
    const fd = folder.open("file");
    await using one = new AioQueue({ depth: 4 });
    await using two = new AioQueue({ depth: 4 });
    one.submit(reads(fd, 100));
    two.submit(reads(fd, 50));
    const [found, others] = await Promise.all([collect(one), collect(two)]);
    assertEquals([found.length, others.length], [100, 50]);
  });

  it("counts what it does", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", knownBytes(8000));
    const fd = folder.open("file", "r+");
    await using queue = new AioQueue();
    await queue.read(fd, { length: 100 });
    await queue.write(fd, new Uint8Array(10));
    await queue.read(987_654, { length: 1 }).catch(() => {});
    const { submitted, completed, failed, bytesRead, bytesWritten, inFlight, unconsumed, latency } = queue.stats();
    assertEquals({ submitted, completed, failed, bytesRead, bytesWritten, inFlight, unconsumed }, {
      submitted: 3,
      completed: 2,
      failed: 1,
      bytesRead: 100,
      bytesWritten: 10,
      inFlight: 0,
      unconsumed: 0,
    });
    assertEquals(latency.reduce((sum, count) => sum + count, 0), 3);
  });
});
