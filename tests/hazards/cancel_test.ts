// Requests that are cancelled by somebody else, too late, or in great numbers.
//
// Elsewhere: completed while cancelling, aborted after the completion, cancelled behind a running request
// (tests/queue/ending_test.ts); aio_cancel() itself (tests/sys/aio_cancel_test.ts).

import { AioFile, AioQueue } from "@posix/aio";
import { aio_cancel } from "@posix/aio/sys";
import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fs from "node:fs";
import process from "node:process";
import { collect } from "../support/collect.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { measured } from "../support/measured.ts";
import { itOnLinux, itWhereLibcWaits, itWithPipes } from "../support/platform.ts";
import { within } from "./support.ts";

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe("cancelling from another queue", () => {
  itWhereLibcWaits("ends no request of this one, though libc has both on the same number", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("fifo");
    const fd = folder.open("fifo", "r+");
    await using one = new AioQueue();
    await using two = new AioQueue();
    const ours = Array.from({ length: 10 }, () => one.read(fd, { length: 1 }));
    const theirs = Array.from({ length: 10 }, () => two.read(fd, { length: 1 }));
    const outcomes = Promise.allSettled(theirs);
    await Promise.resolve();
    assertEquals([one.stats().held, two.cancel({ fd }), two.cancel()], [20, 10, 10]);
    fs.writeSync(fd, "x".repeat(20));
    for (const { bytes } of await within(Promise.all(ours))) assertEquals(bytes, 1);
    for (const outcome of await within(outcomes)) {
      if (outcome.status === "rejected") assertEquals(outcome.reason.code, "ECANCELED");
    }
  });

  itOnLinux("by aio_cancel(fd, null) of the C interface neither: they go to libc again, in their order", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("fifo");
    const fd = folder.open("fifo", "r+");
    await using queue = new AioQueue();
    const reads = Array.from({ length: 100 }, () => queue.read(fd, { length: 1 }));
    for (let round = 0; round < 5; round++) {
      await pause(2);
      aio_cancel(fd, null);
    }
    fs.writeSync(fd, Uint8Array.from({ length: 100 }, (_, index) => index));
    const found = await within(Promise.all(reads));
    assertEquals(found.map(({ buffer }) => buffer[0]), Array.from({ length: 100 }, (_, index) => index));
  });
});

describe("counts", () => {
  itWithPipes("add up however requests end", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", knownBytes(8));
    folder.fifo("fifo");
    const [fd, file] = [folder.open("fifo", "r+"), folder.open("file")];
    const queue = new AioQueue({ depth: 6 });
    const { signal } = new AbortController();
    const aborted = new AbortController();
    const requests = [
      queue.read(file, { length: 8 }),
      queue.read(987_654, { length: 8 }),
      queue.read(fd, { length: 1 }),
      queue.read(fd, { length: 1, signal }),
      queue.read(fd, { length: 1, signal: aborted.signal }),
      queue.read(fd, { length: 1 }),
      queue.read(fd, { length: 1 }), // finds no room
    ];
    const outcomes = Promise.allSettled(requests);
    await requests[0];
    aborted.abort();
    await within(queue.close({ timeout: 0 }));
    fs.writeSync(fd, "x".repeat(10));
    await pause(5);
    const statuses = (await within(outcomes)).map(({ status }) => status);
    const { submitted, completed, failed, inFlight, latency } = queue.stats();
    const good = statuses.filter((status) => status === "fulfilled").length;
    assertEquals([completed, failed, inFlight], [good, statuses.length - good, 0]);
    assert(submitted >= 6 && submitted <= 7, `${submitted} submitted`);
    // nothing took longer than this test: 2^24 microseconds are 17 seconds
    assertEquals(latency.slice(24), new Array(latency.length - 24).fill(0));
  });
});

describe("a signal", () => {
  itWithPipes("has no listener left of a request that was given up", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("fifo");
    const fd = folder.open("fifo", "r+");
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = ((...values: Parameters<typeof add>) => (listeners++, add(...values))) as typeof add;
    signal.removeEventListener =
      ((...values: Parameters<typeof remove>) => (listeners--, remove(...values))) as typeof add;
    const queue = new AioQueue();
    const doomed = queue.read(fd, { length: 1, signal });
    const outcome = assertRejects(() => doomed);
    await pause(5);
    await within(queue.close({ timeout: 0 }));
    await outcome;
    assertEquals(listeners, 0);
    fs.writeSync(fd, "x");
  });

  it("may be shared by a thousand requests without a warning", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", knownBytes(8));
    const fd = folder.open("file");
    const warnings: string[] = [];
    const listen = ({ message }: Error) => warnings.push(message);
    process.on("warning", listen);
    await using queue = new AioQueue({ depth: 100 });
    const { signal } = new AbortController();
    await within(Promise.all(Array.from({ length: 1000 }, () => queue.read(fd, { length: 8, signal }))));
    await pause(5);
    process.off("warning", listen);
    assertEquals(warnings, []);
  });
});

describe("what was aborted while it waited for room", () => {
  itWithPipes("is forgotten at once, not when room appears", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("fifo");
    const fd = folder.open("fifo", "r+");
    await using queue = new AioQueue({ depth: 1 });
    const first = queue.read(fd, { length: 1 });
    const buffers: WeakRef<Uint8Array>[] = [];
    for (let round = 0; round < 100; round++) {
      const controller = new AbortController();
      const buffer = new Uint8Array(10_000);
      buffers.push(new WeakRef(buffer));
      const doomed = assertRejects(() => queue.read(fd, { buffer, signal: controller.signal }));
      controller.abort();
      await doomed;
    }
    for (let round = 0; round < 5; round++) {
      collect();
      await pause(5);
    }
    const kept = buffers.filter((buffer) => buffer.deref() !== undefined).length;
    assertLess(kept, 50);
    fs.writeSync(fd, "x");
    assertEquals((await within(first)).bytes, 1);
  });
});

/** How long it takes to cancel so many syncs and as many reads, in milliseconds. */
async function costOf(queue: AioQueue, fd: number, count: number): Promise<number> {
  const syncs = Array.from({ length: count }, () => queue.sync(fd));
  const reads = Array.from({ length: count }, () => queue.read(fd, { length: 8 }));
  const outcomes = Promise.allSettled([...syncs, ...reads]);
  await Promise.resolve();
  const began = performance.now();
  assertEquals(queue.cancel(), 2 * count);
  const took = performance.now() - began;
  await within(outcomes);
  return took;
}

describe("cancel()", () => {
  for (const depth of [1, 65_536]) {
    it(`of eight times as many requests takes less than twenty times as long, at depth ${depth}`, () =>
      measured(async () => {
        using folder = new TemporaryFolder();
        folder.write("file", knownBytes(8));
        const fd = folder.open("file");
        await using queue = new AioQueue({ depth, lanes: 1 });
        await costOf(queue, fd, 500);
        assertLess(await costOf(queue, fd, 8000), await costOf(queue, fd, 1000) * 20);
      }));
  }
});

describe("AioFile.close()", () => {
  itWithPipes("comes to its end when libc ends what was aborted on a silent FIFO", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("fifo");
    const keeper = folder.open("fifo", "r+");
    await using queue = new AioQueue();
    const file = await AioFile.open(folder.at("fifo"), { queue });
    const controller = new AbortController();
    const doomed = assertRejects(() => file.read({ length: 1, signal: controller.signal }));
    await pause(5);
    controller.abort();
    await doomed;
    const closed = file.close();
    await pause(5);
    fs.writeSync(keeper, "x");
    await within(closed);
  });

  itWithPipes("comes to its end although its queue has given up on a silent FIFO", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("fifo");
    const keeper = folder.open("fifo", "r+");
    const queue = new AioQueue();
    const file = await AioFile.open(folder.at("fifo"), { queue });
    const doomed = assertRejects(() => file.read({ length: 1 }));
    await pause(5);
    await within(queue.close({ timeout: 0 }));
    await doomed;
    const closed = file.close();
    await pause(20);
    fs.writeSync(keeper, "x");
    await within(closed);
  });
});
