// What a queue tells to node:diagnostics_channel: each event with its fields, once and in order, and nothing to nobody.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe, tracingChannel, unsubscribe } from "node:diagnostics_channel";
import { AioError, AioFile, AioQueue, copy } from "../../mod.ts";
import type { RequestTrace } from "../../mod.ts";
import { TemporaryFolder } from "../support/files.ts";

const EVENTS = ["start", "end", "asyncStart", "asyncEnd", "error"] as const;
type Event = typeof EVENTS[number];

/** What subscribers of the tracing channel were told; over at the end of its block. */
class Told implements Disposable {
  readonly events: { readonly event: Event; readonly trace: RequestTrace; readonly then: RequestTrace }[] = [];
  readonly #channel = tracingChannel("posix.aio.request");
  readonly #subscribers: Record<Event, (trace: object) => void>;

  constructor(onEvent: (event: Event, trace: RequestTrace) => void = () => {}) {
    const of = (event: Event) => (given: object) => {
      const trace = given as RequestTrace;
      this.events.push({ event, trace, then: { ...trace } });
      onEvent(event, trace);
    };
    const [start, end, asyncStart, asyncEnd, error] = EVENTS.map(of);
    this.#subscribers = { start, end, asyncStart, asyncEnd, error };
    this.#channel.subscribe(this.#subscribers);
  }

  /** The events of the requests, in the order in which they began. */
  get byRequest(): Event[][] {
    const traces = [...new Set(this.events.map(({ trace }) => trace))];
    return traces.map((trace) => this.events.filter((one) => one.trace === trace).map(({ event }) => event));
  }

  [Symbol.dispose](): void {
    this.#channel.unsubscribe(this.#subscribers);
  }
}

const WELL: readonly Event[] = ["start", "end", "asyncStart", "asyncEnd"];
const BADLY: readonly Event[] = ["start", "end", "error", "asyncStart", "asyncEnd"];

function prepare(): { folder: TemporaryFolder; fd: number } {
  const folder = new TemporaryFolder();
  folder.write("file", "0123456789");
  return { folder, fd: folder.open("file", "r+") };
}

describe("the tracing channel posix.aio.request", () => {
  it("tells of each request once: when it begins, when it has been handed over, when it is answered", async () => {
    const { folder, fd } = prepare();
    using _folder = folder;
    await using queue = new AioQueue();
    using told = new Told();
    const before = performance.now();
    await queue.read(fd, { offset: 4, length: 3 });
    assertEquals(told.events.map(({ event }) => event), WELL);
    const [first, , third, last] = told.events.map(({ then }) => then);
    const asked = { queue, op: "read", fd, offset: 4, length: 3, tag: undefined };
    assertEquals(first, { ...asked, submittedAt: undefined, bytes: undefined, error: undefined } as RequestTrace);
    assertEquals(third, last);
    const { submittedAt, ...rest } = last;
    assertEquals(rest, { ...asked, bytes: 3, error: undefined } as RequestTrace);
    assert((submittedAt as number) >= before && (submittedAt as number) <= performance.now(), String(submittedAt));
  });

  it("tells what every kind of request is to do, with the tags of submitted ones", async () => {
    const { folder, fd } = prepare();
    using _folder = folder;
    await using queue = new AioQueue();
    using told = new Told();
    await queue.write(fd, "ab", { offset: 1 });
    await queue.readv(fd, [new Uint8Array(2), new Uint8Array(3)], { offset: 2 });
    await queue.writev(fd, ["x", "yz"], { offset: 0 });
    await queue.sync(fd);
    await Array.fromAsync(queue.run([{ op: "read", fd, offset: null, length: 5, tag: "mine" }]));
    const tags = new Map<unknown, number>();
    queue.submit([{ op: "read", fd, offset: 9, length: 5, tag: 7 }]);
    for await (const { tag, bytes } of queue) tags.set(tag, bytes);
    assertEquals(told.byRequest, Array.from({ length: 6 }, () => [...WELL]));
    const last = told.events.filter(({ event }) => event === "asyncEnd").map(({ then }) => then);
    assertEquals(
      last.map(({ op, offset, length, bytes, tag }) => [op, offset, length, bytes, tag]),
      [
        ["write", 1, 2, 2, undefined],
        ["readv", 2, 5, 5, undefined],
        ["writev", 0, 3, 3, undefined],
        ["sync", 0, 0, 0, undefined],
        ["read", -1, 5, 5, "mine"],
        ["read", 9, 5, 1, 7],
      ],
    );
    assertEquals([...tags], [[7, 1]]);
  });

  it("tells of a failure before it is answered, with the error that the caller gets", async () => {
    using _folder = prepare().folder;
    await using queue = new AioQueue();
    using told = new Told();
    const error = await assertRejects(() => queue.read(987_654, { length: 1 }), AioError, "EBADF");
    assertEquals(told.byRequest, [[...BADLY]]);
    assert(told.events.slice(2).every(({ then }) => then.error === error));
    const [completion] = await Array.fromAsync(queue.run([{ op: "read", fd: 987_654, length: 1 }]));
    assertEquals(told.byRequest[1], [...BADLY]);
    assert(told.events.at(-1)?.trace.error === completion.error);
  });

  it("tells of requests that wait for room, are cancelled or aborted, with no time of leaving where they never left", async () => {
    const { folder, fd } = prepare();
    using _folder = folder;
    await using queue = new AioQueue({ depth: 1 });
    using told = new Told();
    const controller = new AbortController();
    const answers = Promise.allSettled([
      queue.read(fd, { length: 10, offset: 0 }),
      queue.read(fd, { length: 10, offset: 1, signal: controller.signal }),
      queue.read(fd, { length: 10, offset: 2 }),
    ]);
    assertEquals(told.byRequest, [["start", "end"], ["start", "end"], ["start", "end"]]);
    controller.abort("enough");
    await answers;
    assertEquals(told.byRequest, [[...WELL], [...BADLY], [...WELL]]);
    const last = told.events.filter(({ event }) => event === "asyncEnd").map(({ then }) => then)
      .sort((a, b) => a.offset - b.offset);
    assertEquals(last.map(({ submittedAt }) => typeof submittedAt), ["number", "undefined", "number"]);
    assertEquals(last[1].error, "enough");
  });

  it("is told in the caller's asynchronous context, and what a subscriber adds is there at the end", async () => {
    const { folder, fd } = prepare();
    using _folder = folder;
    await using queue = new AioQueue();
    const storage = new AsyncLocalStorage<string>();
    const ended: unknown[] = [];
    using _told = new Told((event, trace) => {
      if (event === "start") Object.assign(trace, { caller: storage.getStore() });
      if (event === "asyncEnd") ended.push((trace as unknown as { caller: unknown }).caller);
    });
    await Promise.all(["one", "other"].map((name) => storage.run(name, () => queue.read(fd, { length: 1 }))));
    assertEquals(ended.toSorted(), ["one", "other"]);
  });

  it("tells of what a file asks of its queue, without the file's own mark", async () => {
    const { folder } = prepare();
    using _folder = folder;
    using told = new Told();
    await using file = await AioFile.open(folder.at("file"));
    assertEquals((await file.read({ length: 4, offset: 0 })).bytes, 4);
    assert(told.events.length >= 4);
    assertEquals(told.events.filter(({ trace }) => trace.tag !== undefined), []);
  });

  it("tells of what a copy by asynchronous reads and writes asks", async () => {
    const { folder } = prepare();
    using _folder = folder;
    using told = new Told();
    await copy(folder.at("file"), folder.at("copy"), { method: "aio" });
    const moved = (...ops: string[]) =>
      told.events.filter(({ event, trace }) => event === "asyncEnd" && ops.includes(trace.op))
        .reduce((sum, { trace }) => sum + (trace.bytes as number), 0);
    assertEquals([moved("read", "readv"), moved("write", "writev")], [10, 10]);
  });

  it("tells nothing of a request that began before anybody subscribed, nor of a wrong argument", async () => {
    const { folder, fd } = prepare();
    using _folder = folder;
    await using queue = new AioQueue();
    const early = queue.read(fd, { length: 1 });
    using told = new Told();
    await early;
    await assertRejects(() => queue.read(fd, { length: -1 }), RangeError);
    assertEquals(told.events, []);
    await queue.read(fd, { length: 1 });
    assertEquals(told.byRequest, [[...WELL]]);
  });

  it("can be listened to in part: one of its five channels is enough", async () => {
    const { folder, fd } = prepare();
    using _folder = folder;
    await using queue = new AioQueue();
    for (const event of EVENTS) {
      const bytes: unknown[] = [];
      const listener = (trace: unknown) => void bytes.push((trace as RequestTrace).bytes);
      subscribe(`tracing:posix.aio.request:${event}`, listener);
      await Promise.allSettled([queue.read(fd, { length: 2 }), queue.read(987_654, { length: 2 })]);
      unsubscribe(`tracing:posix.aio.request:${event}`, listener);
      await queue.read(fd, { length: 2 });
      assertEquals(bytes.length, event === "error" ? 1 : 2, event);
    }
  });
});

describe("the channels posix.aio.submit and posix.aio.completion", () => {
  it("tell what leaves the queue for the engine, and what has ended", async () => {
    const { folder, fd } = prepare();
    using _folder = folder;
    await using queue = new AioQueue();
    const told: [string, unknown][] = [];
    const listener = (message: unknown, name: string | symbol) => void told.push([String(name), message]);
    const names = ["posix.aio.submit", "posix.aio.completion"];
    for (const name of names) subscribe(name, listener);
    await queue.read(fd, { offset: 8, length: 5 });
    const error = await assertRejects(() => queue.read(987_654, { length: 1 }));
    for (const name of names) unsubscribe(name, listener);
    await queue.read(fd, { offset: 8, length: 5 });
    assertEquals(told, [
      [names[0], { queue, op: "read", fd, offset: 8, length: 5 }],
      [names[1], { queue, op: "read", fd, offset: 8, bytes: 2, error: undefined }],
      [names[0], { queue, op: "read", fd: 987_654, offset: 0, length: 1 }],
      [names[1], { queue, op: "read", fd: 987_654, offset: 0, bytes: 0, error }],
    ]);
  });
});
