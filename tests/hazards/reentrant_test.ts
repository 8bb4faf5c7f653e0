// Programs that use a queue from inside the queue's own doings: generators that submit and close, several iterators at
// once, iterators that are left, sources that misbehave.
//
// Elsewhere: two iterators, a break, a body that submits more (tests/queue/iteration_test.ts).

import { AioQueue } from "@posix/aio";
import type { AioError, AioRequest, Completion } from "@posix/aio";
import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itWithPipes } from "../support/platform.ts";
import { within } from "./support.ts";

async function collect(queue: AioQueue): Promise<Completion[]> {
  const found: Completion[] = [];
  for await (const completion of queue) found.push(completion);
  return found;
}

/** A queue and a file to read. */
function prepare(depth: number): { folder: TemporaryFolder; queue: AioQueue; request: (tag?: unknown) => AioRequest } {
  const folder = new TemporaryFolder();
  folder.write("file", knownBytes(800));
  const fd = folder.open("file");
  return { folder, queue: new AioQueue({ depth }), request: (tag) => ({ op: "read", fd, length: 8, tag }) };
}

describe("an iterable of requests", () => {
  it("may itself submit, read, cancel and ask for completions", async () => {
    const { folder, queue, request } = prepare(2);
    using _folder = folder;
    const promised: Promise<unknown>[] = [];
    queue.submit((function* () {
      for (let tag = 0; tag < 10; tag++) {
        queue.submit([request(`more ${tag}`)]);
        promised.push(queue.read(request().fd, { length: 8 }));
        queue.cancel({ tag: "nothing" });
        queue.stats();
        yield request(tag);
      }
    })());
    assertEquals((await within(collect(queue))).length, 20);
    assertEquals((await within(Promise.all(promised))).length, 10);
    await within(queue.close());
  });

  it("may close the queue: that stops it, and every other one", async () => {
    const { folder, queue, request } = prepare(2);
    using _folder = folder;
    let closed: Promise<void> | undefined;
    let [pulled, returned] = [0, 0];
    const taken = queue.submit((function* () {
      for (;;) {
        if (++pulled === 5) closed = queue.close();
        yield request(pulled);
      }
    })());
    const others = queue.submit({
      [Symbol.iterator]: () => ({
        next: () => ({ done: false, value: request("other") }),
        return: () => (returned++, { done: true, value: undefined }),
      }),
    });
    const found = await within(collect(queue));
    await within(closed!);
    await assertRejects(() => taken, TypeError, "the queue was closed");
    await assertRejects(() => others, TypeError, "the queue was closed");
    assertEquals([pulled, returned], [5, 1]);
    assertEquals(found.map(({ tag }) => tag), [1, 2, 3, 4]);
  });

  it("that ends while it closes the queue takes no other one's place", async () => {
    const { folder, queue, request } = prepare(4);
    using _folder = folder;
    let closed: Promise<void> | undefined;
    const taken = queue.submit((function* () {
      yield request();
      closed = queue.close();
    })());
    assertEquals((await within(collect(queue))).length, 1);
    await within(closed!);
    await assertRejects(() => taken, TypeError, "the queue was closed");
  });

  it("may answer by what is no Promise but can be awaited, or at once", async () => {
    const { folder, queue, request } = prepare(4);
    using _folder = folder;
    for (
      const wrap of [
        (step: unknown) => ({ then: (done: (value: unknown) => void) => done(step) }),
        (step: unknown) => step,
      ]
    ) {
      let left = 5;
      queue.submit({
        [Symbol.asyncIterator]: () => ({
          next: () => wrap(left-- > 0 ? { done: false, value: request() } : { done: true }),
        }),
      } as unknown as AsyncIterable<AioRequest>);
      const found = await within(collect(queue));
      assertEquals(found.map(({ error, bytes }) => [error, bytes]), new Array(5).fill([undefined, 8]));
    }
    await queue.close();
  });

  it("that fails after the queue was closed ends nothing by it", async () => {
    const { folder, queue, request } = prepare(4);
    using _folder = folder;
    let fail: (error: Error) => void = () => {};
    const steps = [Promise.resolve({ done: false, value: request() }), new Promise((_, reject) => fail = reject)];
    const taken = queue.submit({
      [Symbol.asyncIterator]: () => ({ next: () => steps.shift() }),
    } as unknown as AsyncIterable<AioRequest>);
    while (steps.length > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await queue.close();
    await assertRejects(() => taken, TypeError, "the queue was closed");
    fail(new Error("too late"));
    await new Promise((resolve) => setTimeout(resolve, 5));
    assertEquals((await within(collect(queue))).length, 1);
  });

  it("with a request that throws when it is looked at ends with that error, and the iteration too", async () => {
    const { folder, queue, request } = prepare(4);
    using _folder = folder;
    const bad = {
      get op(): "read" {
        throw new Error("looked at");
      },
      fd: 0,
    };
    const taken = queue.submit([request(), bad, request()]);
    await assertRejects(() => taken, Error, "looked at");
    await assertRejects(() => within(collect(queue)), Error, "looked at");
    assertEquals(await within(collect(queue)), []);
    await within(queue.close());
  });
});

describe("an argument that is no AbortSignal", () => {
  it("is refused by name, and takes nothing with it", async () => {
    const { folder, queue, request } = prepare(2);
    using _folder = folder;
    const signal = { aborted: false } as AbortSignal;
    const { fd } = request();
    using buffer = queue.buffers.take(100);
    await assertRejects(() => queue.read(fd, { buffer: buffer.bytes, signal }), TypeError, "signal");
    await assertRejects(() => queue.sync(fd, { signal: "no" as unknown as AbortSignal }), TypeError, "signal");
    queue.submit([{ ...request("wrong"), signal }, request("right")]);
    const errors = new Map((await within(collect(queue))).map(({ tag, error }) => [tag, error]));
    assertInstanceOf(errors.get("wrong"), TypeError);
    assertEquals(errors.get("right"), undefined);
    assertEquals(queue.stats().inFlight, 0);
    await within(queue.close());
  });
});

describe("an iterator", () => {
  itWithPipes("that is left with steps under way takes no completion from the others", async () => {
    const { folder, queue } = prepare(4);
    using _folder = folder;
    folder.fifo("fifo");
    const fd = folder.open("fifo", "r+");
    queue.submit([{ op: "read", fd, length: 1, tag: 1 }, { op: "read", fd, length: 1, tag: 2 }]);
    const left = queue[Symbol.asyncIterator]();
    const steps = [left.next(), left.next()];
    assertEquals(await left.return!(), { done: true, value: undefined });
    assertEquals(await within(Promise.all(steps)), new Array(2).fill({ done: true, value: undefined }));
    await queue.write(fd, new Uint8Array(2));
    assertEquals((await within(collect(queue))).map(({ tag }) => tag), [1, 2]);
    await within(queue.close());
  });

  it("asked several times at once, beside batches and promises, brings each completion once", async () => {
    const { folder, queue, request } = prepare(7);
    using _folder = folder;
    const tags: unknown[] = [];
    queue.submit(Array.from({ length: 200 }, (_, tag) => request(tag)));
    const single = async () => {
      const iterator = queue[Symbol.asyncIterator]();
      for (let done = false; !done;) {
        const steps = await Promise.all([iterator.next(), iterator.next(), iterator.next()]);
        for (const step of steps) if (step.done !== true) tags.push(step.value.tag);
        done = steps.some((step) => step.done === true);
      }
    };
    const batches = async (timeout?: number) => {
      for await (const batch of queue.batches({ timeout })) {
        for (const { tag } of batch) tags.push(tag);
        await queue.read(request().fd, { length: 8 });
      }
    };
    await within(Promise.all([single(), batches(), batches(0), single()]));
    assertEquals(tags.length, 200);
    assertEquals(new Set(tags).size, 200);
    await within(queue.close());
  });

  itWithPipes("with a timeout of 0 brings what there is, or an empty batch, and waits for nothing", async () => {
    const { folder, queue } = prepare(4);
    using _folder = folder;
    folder.fifo("fifo");
    const fd = folder.open("fifo", "r+");
    queue.submit([{ op: "read", fd, length: 1 }]);
    for (let round = 0; round < 20; round++) {
      assertEquals((await within(queue.batches({ timeout: 0 }).next())).value, []);
    }
    await queue.write(fd, new Uint8Array(1));
    const batch: Completion[] = [];
    for (let round = 0; round < 5000 && batch.length === 0; round++) {
      for await (const found of queue.batches({ timeout: 0 })) {
        batch.push(...found);
        break;
      }
    }
    assertEquals(batch.map(({ bytes }) => bytes), [1]);
    await within(queue.close({ timeout: 0 }));
  });

  itWithPipes("of a queue that closes meanwhile ends", async () => {
    const { folder, queue } = prepare(4);
    using _folder = folder;
    folder.fifo("fifo");
    const fd = folder.open("fifo", "r+");
    queue.submit((async function* () {
      yield { op: "read", fd, length: 1 } as const;
      await new Promise(() => {});
    })());
    const found = collect(queue);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await within(queue.close({ timeout: 0 }));
    const [{ error }] = await within(found);
    assertEquals((error as AioError | undefined)?.code, "ECANCELED");
    fdWrite(folder);
  });
});

/** Ends the read that was given up, for libc's thread. */
function fdWrite(folder: TemporaryFolder): void {
  folder.write("fifo", "x");
}
