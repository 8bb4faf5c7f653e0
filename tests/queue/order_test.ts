// Order where it is promised: a sync waits for the writes before it on all lanes, and priorities order what waits.

import { AioError, AioQueue } from "@posix/aio";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fs from "node:fs";
import { TemporaryFolder } from "../support/files.ts";
import { itWithPipes } from "../support/platform.ts";
import { SocketPair } from "../sys/socket_pair.ts";

describe("AioQueue.sync()", () => {
  it("ends after every write that was submitted before it, on all lanes and in other queues", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "");
    const fd = folder.open("file", "r+");
    await using queue = new AioQueue({ depth: 512, lanes: 8 });
    await using other = new AioQueue({ depth: 512, lanes: 8 });
    let ended = 0;
    const count = () => ended++;
    for (let round = 0; round < 5; round++) {
      ended = 0;
      const bytes = new Uint8Array(16_384);
      for (let index = 0; index < 300; index++) {
        (index % 3 === 0 ? other : queue).write(fd, bytes, { offset: index * bytes.length }).then(count);
      }
      const after: Promise<unknown>[] = [];
      const synced = queue.sync(fd, { dataOnly: round % 2 === 0 }).then(() => ended);
      for (let index = 0; index < 50; index++) after.push(queue.write(fd, bytes, { offset: index }));
      assert(await synced >= 300);
      await Promise.all(after);
    }
  });

  it("waits behind an earlier sync's writes too", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "");
    const fd = folder.open("file", "r+");
    await using queue = new AioQueue({ depth: 128, lanes: 4 });
    const order: string[] = [];
    const write = (name: string) => queue.write(fd, new Uint8Array(100_000)).then(() => order.push(name));
    const sync = (name: string) => queue.sync(fd).then(() => order.push(name));
    await Promise.all([write("w1"), write("w2"), sync("s1"), write("w3"), sync("s2")]);
    const at = (name: string) => order.indexOf(name);
    assert(at("s1") > Math.max(at("w1"), at("w2")));
    assert(at("s2") > Math.max(at("w1"), at("w2"), at("w3")));
  });

  itWithPipes("is not held up by reads or by writes of other descriptors", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "abc");
    folder.fifo("fifo");
    const file = folder.open("file", "r+");
    const fifo = folder.open("fifo", "r+");
    const queue = new AioQueue();
    const silent = queue.read(fifo, { length: 1 });
    const more = queue.write(fifo, new Uint8Array(1));
    await queue.sync(file);
    await Promise.all([silent, more]);
    await queue.close();
  });

  it("goes on when a write before it failed or was cancelled", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "abc");
    const fd = folder.open("file");
    await using queue = new AioQueue();
    const failed = assertRejects(() => queue.write(fd, new Uint8Array(1)), AioError, "EBADF");
    await queue.sync(fd);
    await failed;
  });

  it("says what a descriptor cannot", async () => {
    using pair = new SocketPair(); // what a FIFO answers depends on the system and its settings
    await using queue = new AioQueue();
    const error = await assertRejects(() => queue.sync(pair.fd), AioError);
    assertEquals([(error as AioError).code, (error as AioError).syscall], ["EINVAL", "aio_fsync"]);
    await assertRejects(() => queue.sync(987_654), AioError, "EBADF");
  });
});

describe("priority", () => {
  itWithPipes("orders what waits: higher first, equals in their order", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("fifo");
    const fd = folder.open("fifo", "r+");
    const queue = new AioQueue({ depth: 128 });
    // these are libc's, all or the first of them; what comes after waits in the queue
    const first = Array.from({ length: 32 }, () => queue.read(fd, { length: 1, priority: 9 }));
    await new Promise((resolve) => setTimeout(resolve, 10));
    const order: string[] = [];
    const read = async (name: string, priority: number) => {
      const { buffer } = await queue.read(fd, { length: 1, priority });
      order.push(`${name}${String.fromCharCode(buffer[0])}`);
    };
    const rest = [read("low", -1), read("one", 0), read("high", 5), read("two", 0)];
    await new Promise((resolve) => setTimeout(resolve, 10));
    fs.writeSync(fd, ".".repeat(32) + "1234");
    await Promise.all([...first, ...rest]);
    assertEquals(order, ["high1", "one2", "two3", "low4"]);
    await queue.close();
  });

  it("orders what finds the queue full", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "content");
    const fd = folder.open("file");
    await using queue = new AioQueue({ depth: 1 });
    const order: string[] = [];
    const read = async (name: string, priority: number) => {
      await queue.read(fd, { length: 1, priority });
      order.push(name);
    };
    await Promise.all([read("first", 0), read("low", -1), read("one", 0), read("high", 5), read("two", 0)]);
    assertEquals(order, ["first", "high", "one", "two", "low"]);
  });

  it("lets no sync overtake a write before it, in a full queue either", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "");
    const fd = folder.open("file", "r+");
    await using queue = new AioQueue({ depth: 1 });
    const order: string[] = [];
    const told = async (name: string, request: Promise<unknown>) => {
      await request;
      order.push(name);
    };
    await Promise.all([
      told("first", queue.write(fd, "1")),
      told("low", queue.write(fd, "2", { offset: 1, priority: -1 })),
      told("lower", queue.write(fd, "3", { offset: 2, priority: -2 })),
      told("sync", queue.sync(fd, { priority: 9 })),
      told("high", queue.write(fd, "4", { offset: 3, priority: 1 })),
    ]);
    assertEquals(order, ["first", "high", "low", "lower", "sync"]);
  });
});
