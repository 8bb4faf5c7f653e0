// How requests and queues are ended early: abort signals, cancel(), close() with its options, and `await using`.

import { AioError, AioQueue } from "@posix/aio";
import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fs from "node:fs";
import process from "node:process";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itWhereLibcWaits, itWithPipes, libcTakesSilent } from "../support/platform.ts";

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** After so many milliseconds a thread of libc has begun with a request, on a machine that is busy with other things too. */
const BEGUN_MS = 200;

/** What the process warned about while `body` ran. */
async function warnings(body: () => Promise<void>): Promise<string[]> {
  const found: string[] = [];
  const listen = (warning: Error) => found.push(warning.message);
  process.on("warning", listen);
  await body();
  await pause(10);
  process.off("warning", listen);
  return found;
}

describe("an AbortSignal", () => {
  it("that is aborted already refuses the request", async () => {
    await using queue = new AioQueue();
    const reason = new Error("no longer wanted");
    const error = await assertRejects(() => queue.read(0, { length: 1, signal: AbortSignal.abort(reason) }));
    assertEquals(error, reason);
    const text = await queue.read(0, { length: 1, signal: AbortSignal.abort("enough") }).catch((error) => error);
    assertEquals(text, "enough");
    assertEquals(queue.stats().submitted, 0);
  });

  itWithPipes("rejects a read of a silent FIFO at once, and its bytes stay whole for the next read", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("fifo");
    const fd = folder.open("fifo", "r+");
    const queue = new AioQueue();
    const controller = new AbortController();
    const array = new Uint8Array(8);
    const moved = { bytes: 7 };
    const doomed = queue.read(fd, { buffer: array, signal: controller.signal, moved });
    await pause(20);
    controller.abort();
    const error = await assertRejects(() => doomed, DOMException); // the read itself would never end
    assertEquals([error.name, moved.bytes], ["AbortError", 0]);
    if (libcTakesSilent()) assertEquals(queue.stats().inFlight, 1); // libc still reads, into the pool
    fs.writeSync(fd, "12345678");
    while (queue.stats().inFlight > 0) await pause(1);
    assertEquals(array, new Uint8Array(8)); // the caller's again since the rejection
    await queue.close();
  });

  itWithPipes("takes a request out that still waits for room", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("fifo");
    const fd = folder.open("fifo", "r+");
    const queue = new AioQueue({ depth: 1 });
    const first = queue.read(fd, { length: 1 });
    const controller = new AbortController();
    const second = queue.read(fd, { length: 1, signal: controller.signal });
    controller.abort();
    await assertRejects(() => second, DOMException);
    fs.writeSync(fd, "x");
    assertEquals((await first).bytes, 1);
    await queue.close();
  });

  itWithPipes("takes a request out that waits behind others of its descriptor", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("fifo");
    const fd = folder.open("fifo", "r+");
    const queue = new AioQueue({ depth: 64 });
    const reads = Array.from({ length: 40 }, () => queue.read(fd, { length: 1 })); // libc takes 32 of them
    const controller = new AbortController();
    const doomed = queue.read(fd, { length: 1, signal: controller.signal });
    await pause(10);
    controller.abort();
    assertEquals((await assertRejects(() => doomed, DOMException)).name, "AbortError");
    fs.writeSync(fd, "x".repeat(40));
    assertEquals((await Promise.all(reads)).length, 40);
    await queue.close();
  });

  it("after the completion changes nothing, and the listener is gone", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "abc");
    await using queue = new AioQueue();
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = ((...values: Parameters<typeof add>) => (listeners++, add(...values))) as typeof add;
    signal.removeEventListener =
      ((...values: Parameters<typeof remove>) => (listeners--, remove(...values))) as typeof add;
    const { bytes } = await queue.read(folder.open("file"), { length: 3, signal });
    controller.abort();
    assertEquals([bytes, listeners], [3, 0]);
  });

  itWithPipes("of a submitted request brings a completion with the error", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("fifo");
    const fd = folder.open("fifo", "r+");
    const queue = new AioQueue();
    const controller = new AbortController();
    queue.submit([{ op: "read", fd, length: 1, tag: "aborted", signal: controller.signal }]);
    setTimeout(() => controller.abort(), 10);
    for await (const { tag, error } of queue) assertEquals([tag, error?.name], ["aborted", "AbortError"]);
    fs.writeSync(fd, "x");
    await queue.close();
  });
});

describe("AioQueue.cancel()", () => {
  itWhereLibcWaits("ends what waits behind a running request, and not the running one", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("fifo");
    const fd = folder.open("fifo", "r+");
    const queue = new AioQueue();
    const first = queue.read(fd, { length: 1 });
    const others = Array.from({ length: 50 }, () => queue.read(fd, { length: 1 }));
    await pause(BEGUN_MS);
    assertEquals(queue.cancel({ fd }), 51);
    const outcomes = await Promise.allSettled(others);
    for (const outcome of outcomes) {
      assertInstanceOf((outcome as PromiseRejectedResult).reason, AioError);
      assertEquals((outcome as PromiseRejectedResult).reason.code, "ECANCELED");
    }
    fs.writeSync(fd, "x");
    assertEquals((await first).bytes, 1);
    await queue.close();
  });

  itWithPipes("chooses by descriptor and tag", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("one");
    folder.fifo("two");
    const [one, two] = [folder.open("one", "r+"), folder.open("two", "r+")];
    const queue = new AioQueue();
    const read = (fd: number, tag: string) => ({ op: "read", fd, length: 1, tag } as const);
    queue.submit([read(one, "running"), read(two, "running"), read(one, "a"), read(one, "b"), read(two, "a")]);
    await pause(BEGUN_MS);
    assertEquals(queue.cancel({ fd: one, tag: "a" }), 1);
    assertEquals(queue.cancel({ tag: "nothing" }), 0);
    const next = await queue[Symbol.asyncIterator]().next();
    assertEquals([next.value.tag, next.value.fd, next.value.error.code], ["a", one, "ECANCELED"]);
    fs.writeSync(one, "xx");
    fs.writeSync(two, "xx");
    let count = 0;
    for await (const { error } of queue) {
      assertEquals(error, undefined);
      count++;
    }
    assertEquals(count, 4);
    await queue.close();
  });

  it("of any one request never stops the others of its descriptor", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", knownBytes(1 << 16));
    const fd = folder.open("file", "r+");
    await using queue = new AioQueue({ depth: 64, lanes: 1 });
    for (let round = 0; round < 300; round++) {
      const controllers = Array.from({ length: 12 }, () => new AbortController());
      const requests = controllers.map(({ signal }, index) => {
        const offset = index * 4096;
        if (index % 3 === 0) return queue.read(fd, { length: 4096, offset, signal });
        return queue.write(fd, knownBytes(4096, offset), { offset, signal });
      });
      const chosen = round % 12;
      queueMicrotask(() => controllers[chosen].abort());
      for (const [index, outcome] of (await Promise.allSettled(requests)).entries()) {
        if (index !== chosen) {
          assertEquals(outcome.status, "fulfilled", String((outcome as PromiseRejectedResult).reason));
        }
      }
    }
  });

  it("starts what was cancelled along again, though its turn was over before it got that far", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", knownBytes(1 << 16));
    folder.write("large", knownBytes(1 << 20));
    const [fd, large] = [folder.open("file", "r+"), folder.open("large")];
    await using queue = new AioQueue({ depth: 64, lanes: 1 });
    for (let round = 0; round < 100; round++) {
      // copied when their turn comes, and more of it than a turn may
      const reads = Array.from({ length: 6 }, () => queue.read(large, { length: 1 << 20 }));
      const controllers = Array.from({ length: 12 }, () => new AbortController());
      const writes = controllers.map(({ signal }, index) => {
        return queue.write(fd, knownBytes(4096, index), { offset: index * 4096, signal });
      });
      await Promise.resolve();
      const chosen = round % 12;
      controllers[chosen].abort();
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3);
      const reasons = (await Promise.allSettled(writes)).flatMap((outcome, index) =>
        outcome.status === "rejected" && index !== chosen ? [String(outcome.reason)] : []
      );
      assertEquals(reasons, []);
      for (const { bytes } of await Promise.all(reads)) assertEquals(bytes, 1 << 20);
    }
  });

  it("may meet requests that have just ended", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", knownBytes(1 << 20));
    const fd = folder.open("file");
    await using queue = new AioQueue({ depth: 32, lanes: 2 });
    for (let round = 0; round < 200; round++) {
      const reads = Array.from({ length: 16 }, () => queue.read(fd, { length: 4096 }));
      await Promise.resolve();
      if (round % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
      queue.cancel();
      for (const outcome of await Promise.allSettled(reads)) {
        if (outcome.status === "fulfilled") assertEquals(outcome.value.bytes, 4096);
        else assertEquals(outcome.reason.code, "ECANCELED");
      }
    }
    assertEquals(queue.stats().inFlight, 0);
  });
});

describe("AioQueue.close()", () => {
  it("waits for what was submitted and refuses more", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "");
    const fd = folder.open("file", "r+");
    const queue = new AioQueue({ depth: 4 });
    let written = 0;
    for (let index = 0; index < 100; index++) {
      queue.write(fd, new Uint8Array(10), { offset: index * 10 }).then(({ bytes }) => written += bytes);
    }
    await queue.close();
    assertEquals([written, fs.fstatSync(fd).size], [1000, 1000]);
    await assertRejects(() => queue.read(fd, { length: 1 }), TypeError, "the queue is closed");
    assertThrows(() => queue.submit([]), TypeError, "the queue is closed");
    await queue.close();
  });

  it("leaves completions to be iterated and stops pulling", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "abc");
    const fd = folder.open("file");
    const queue = new AioQueue({ depth: 4 });
    let returned = false;
    const taken = queue.submit((function* () {
      try {
        for (;;) yield { op: "read", fd, length: 1 } as const;
      } finally {
        returned = true;
      }
    })());
    await queue.close();
    await assertRejects(() => taken, TypeError, "the queue was closed");
    assert(returned);
    let count = 0;
    for await (const { error } of queue) {
      assertEquals(error, undefined);
      count++;
    }
    assertEquals(count, 4);
  });

  itWhereLibcWaits("with cancel ends what can be ended", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("fifo");
    const fd = folder.open("fifo", "r+");
    const queue = new AioQueue();
    const reads = Array.from({ length: 10 }, () => queue.read(fd, { length: 1 }));
    const outcomes = Promise.allSettled(reads);
    await pause(BEGUN_MS);
    const closed = queue.close({ cancel: true });
    fs.writeSync(fd, "x");
    await closed;
    const codes = (await outcomes).map((outcome) => outcome.status === "rejected" ? outcome.reason.code : "read");
    assertEquals(codes, ["read", ...new Array(9).fill("ECANCELED")]);
  });

  itWhereLibcWaits("with a timeout gives up on a silent FIFO and says so", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("fifo");
    const fd = folder.open("fifo", "r+");
    const queue = new AioQueue();
    const read = queue.read(fd, { length: 1 });
    const outcome = assertRejects(() => read, AioError, "gave up");
    const found = await warnings(async () => {
      await queue.close({ timeout: 50 });
    });
    await outcome;
    assertEquals(found.length, 1);
    assert(found[0].includes("closed with 1 request"));
    fs.writeSync(fd, "x");
  });

  it("of two queues at once ends both", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "abc");
    const fd = folder.open("file");
    const [one, two] = [new AioQueue(), new AioQueue()];
    const reads = [one, two].flatMap((queue) => Array.from({ length: 20 }, () => queue.read(fd, { length: 3 })));
    const outcomes = Promise.allSettled(reads);
    await Promise.all([one.close(), two.close({ cancel: true }), one.close()]);
    for (const outcome of await outcomes) {
      if (outcome.status === "rejected") assertEquals(outcome.reason.code, "ECANCELED");
    }
  });
});

describe("await using", () => {
  it("finishes what libc has and cancels what has not started", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", knownBytes(1 << 20));
    const fd = folder.open("file");
    let outcomes: Promise<PromiseSettledResult<unknown>[]>;
    {
      await using queue = new AioQueue({ depth: 256, lanes: 1 });
      outcomes = Promise.allSettled(Array.from({ length: 200 }, () => queue.read(fd, { length: 4096 })));
      await Promise.resolve();
    }
    const results = await outcomes;
    const read = results.filter(({ status }) => status === "fulfilled").length;
    assert(read >= 1 && read <= 200);
    for (const result of results) if (result.status === "rejected") assertEquals(result.reason.code, "ECANCELED");
  });

  itWhereLibcWaits("gives up at once on a silent FIFO, saying so once", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("fifo");
    const fd = folder.open("fifo", "r+");
    const found = await warnings(async () => {
      {
        await using queue = new AioQueue();
        queue.read(fd, { length: 1 }).catch(() => {});
        queue.read(fd, { length: 1 }).catch(() => {});
        await pause(10);
      }
    });
    assertEquals(found.length, 1);
    fs.writeSync(fd, "x");
  });
});
