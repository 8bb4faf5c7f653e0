// AioQueue where FreeBSD says no: pipes and devices, a full queue of the process, requests that fail or are cancelled.
// Whatever happens, every request is reaped. Runs on Bun in short runs.

import { assert, assertEquals, assertNotEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { it } from "@std/testing/bdd";
import { describeFreebsd, failNext, held, hold, itOrders, itRefuses } from "../on_freebsd.ts";
import fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { AioError, AioQueue } from "../../../mod.ts";
import { aio_read, aio_return, aio_waitcomplete, Aiocb, allocate, EINPROGRESS } from "../../../sys.ts";
import { platform } from "../../../structs/platform.ts";
import { runChild } from "../../support/child.ts";
import { knownBytes, TemporaryFolder } from "../../support/files.ts";
import { outcome } from "../../sys/outcome.ts";
import { Pair } from "../raw.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (text: string) => new TextEncoder().encode(text);

describeFreebsd("AioQueue on FreeBSD", () => {
  itRefuses("names the file type and the setting where the system takes no requests, the others unharmed", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "abc");
    folder.fifo("pipe");
    const pipe = folder.open("pipe", "r+");
    const device = fs.openSync("/dev/zero", "r");
    await using queue = new AioQueue();
    const results = await Promise.allSettled([
      queue.read(pipe, { length: 1 }),
      queue.read(device, { length: 1 }),
      queue.read(folder.open("file"), { length: 3 }),
      queue.write(pipe, bytes("x")),
    ]);
    fs.closeSync(device);
    const errors = results.map((result) => result.status === "rejected" ? result.reason as AioError : undefined);
    assertEquals(errors.map((error) => error?.code), ["EOPNOTSUPP", "EOPNOTSUPP", undefined, "EOPNOTSUPP"]);
    assertEquals(errors.map((error) => error?.syscall), ["aio_read", "aio_read", undefined, "aio_write"]);
    for (const [index, kind] of [[0, "a pipe or FIFO"], [1, "a character device"], [3, "a pipe or FIFO"]] as const) {
      assertStringIncludes(errors[index]!.message, kind);
      assertStringIncludes(errors[index]!.message, "vfs.aio.enable_unsafe");
    }
  });

  it("reads and writes sockets in their order, both ways at once", async () => {
    using pair = new Pair();
    await using queue = new AioQueue();
    const reads = Array.from({ length: 20 }, () => queue.read(pair.fd, { length: 3 }));
    const back = queue.read(pair.peer, { length: 100 });
    const writes = Array.from({ length: 20 }, (_, index) => queue.write(pair.peer, bytes(`<${index % 10}>`)));
    await queue.write(pair.fd, bytes("back"));
    assertEquals(text((await back).buffer), "back");
    await Promise.all(writes);
    assertEquals((await Promise.all(reads)).map(({ buffer }) => text(buffer)[1]).join(""), "01234567890123456789");
  });

  it("goes on with files while many sockets are silent", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "abc");
    const fd = folder.open("file");
    const pairs = Array.from({ length: 60 }, () => new Pair());
    const queue = new AioQueue({ depth: 128 });
    const silent = pairs.map((pair) => queue.read(pair.fd, { length: 1 }));
    for (let round = 0; round < 20; round++) assertEquals((await queue.read(fd, { length: 3 })).bytes, 3);
    for (const pair of pairs) pair.send("x");
    assertEquals((await Promise.all(silent)).map(({ bytes }) => bytes), pairs.map(() => 1));
    await queue.close();
    for (const pair of pairs) pair[Symbol.dispose]();
  });

  itOrders("has more requests under way than the system takes", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(1000 * 512);
    folder.write("file", content);
    const fd = folder.open("file");
    await using queue = new AioQueue({ depth: 1000 });
    const all = Array.from({ length: 1000 }, (_, index) => queue.read(fd, { offset: index * 512, length: 512 }));
    {
      using _ = hold();
      await sleep(50);
      assert(held() > 200 && held() < 256, `${held()} requests`);
      assertEquals(queue.stats().held, held());
    }
    for (const [index, { buffer }] of (await Promise.all(all)).entries()) {
      assertEquals(buffer, content.slice(index * 512, index * 512 + 512));
    }
    assertEquals(held(), 0);
  });

  itOrders("takes EAGAIN for back-pressure while others have taken the system's places", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", knownBytes(4096));
    const fd = folder.open("file");
    const others: Aiocb[] = [];
    await using queue = new AioQueue({ depth: 200 });
    let all: Promise<{ bytes: number }>[];
    {
      using _ = hold();
      for (let index = 0; index < 200; index++) {
        const cb = new Aiocb({ aio_fildes: fd, aio_buf: allocate(8), aio_nbytes: 8 });
        aio_read(cb);
        others.push(cb);
      }
      all = Array.from({ length: 200 }, () => queue.read(fd, { length: 16 }));
      await sleep(50);
      assertEquals(held(), 256);
      assert(queue.stats().held < 60);
    }
    for (const cb of others) {
      while (outcome(cb) === EINPROGRESS) await sleep(1);
      assertEquals(aio_return(cb), 8);
    }
    assertEquals((await Promise.all(all)).map(({ bytes }) => bytes), all.map(() => 16));
    assertEquals(held(), 0);
  });

  itOrders("reaps requests that fail, are cancelled or aborted", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", knownBytes(4096));
    const fd = folder.open("file", "r+");
    using pair = new Pair();
    const queue = new AioQueue();
    failNext(platform().errno.EIO);
    const failed = await assertRejects(() => queue.write(fd, bytes("x")), AioError);
    assertEquals([failed.code, failed.errno, failed.syscall], ["EIO", 5, "aio_write"]);
    const folderFd = fs.openSync(folder.path, "r");
    assertEquals((await assertRejects(() => queue.read(folderFd, { length: 1 }), AioError)).code, "EISDIR");
    fs.closeSync(folderFd);
    const abort = new AbortController();
    const aborted = assertRejects(() => queue.read(pair.fd, { length: 1, signal: abort.signal }), DOMException);
    await sleep(20);
    assertEquals(held(), 1);
    abort.abort();
    await aborted;
    const silent = assertRejects(() => queue.read(pair.fd, { length: 1 }), AioError, "ECANCELED");
    await sleep(20);
    queue.cancel();
    await silent;
    {
      using _ = hold();
      const waiting = Promise.allSettled(Array.from({ length: 30 }, () => queue.read(fd, { length: 8 })));
      await sleep(20);
      assertEquals([held(), queue.cancel()], [30, 30]);
      for (const result of await waiting) assertEquals(result.status, "rejected");
    }
    await queue.close();
    assertEquals(held(), 0);
  });

  it("counts what a socket had taken of a write that is cancelled or aborted", async () => {
    const whole = new Uint8Array(4 << 20);
    for (const how of ["cancelled", "aborted"]) {
      using pair = new Pair();
      const queue = new AioQueue();
      const controller = new AbortController();
      const write = queue.write(pair.fd, whole, { signal: controller.signal });
      const outcome = write.then(({ bytes }) => bytes, (error: AioError) => error.name);
      while (pair.receive(1) !== 1) await sleep(1);
      if (how === "cancelled") queue.cancel();
      else controller.abort();
      const bytes = await outcome;
      await queue.close();
      const { bytesWritten, inFlight, completed, failed } = queue.stats();
      assert(bytesWritten > 0 && bytesWritten < whole.length, `${bytesWritten} bytes`);
      assertEquals([inFlight, completed, failed], how === "cancelled" ? [0, 1, 0] : [0, 0, 1]);
      assertEquals(bytes, how === "cancelled" ? bytesWritten : "AbortError");
      let received = 1;
      for (let more; (more = pair.receive(1 << 20)) > 0;) received += more;
      assertEquals(received, bytesWritten);
    }
  });

  it("keeps aio_waitcomplete from its requests", async () => {
    using pair = new Pair();
    const queue = new AioQueue();
    const read = queue.read(pair.fd, { length: 1 });
    await sleep(1);
    const error = assertThrows(() => aio_waitcomplete({ tv_sec: 0, tv_nsec: 0 }), AioError);
    assertEquals(error.code, "EBUSY");
    pair.send("x");
    await read;
    await queue.close();
  });

  it("ends the program with the reason when its kqueue is closed under a request", async () => {
    const { code, signal, stderr } = await runChild(new URL("./children/closed.ts", import.meta.url));
    assertEquals(signal, null);
    assertNotEquals(code, 0);
    assertStringIncludes(stderr, "the queue of completions, was closed");
  });

  it("shares one waiter, which the first queue chooses", () => {
    assertEquals(new AioQueue({ waiter: "kqueue" }).depth, 64);
    const error = assertThrows(() => new AioQueue({ waiter: "suspend" }), AioError, '"kqueue"');
    assertEquals(error.code, "EBUSY");
    assertThrows(() => new AioQueue({ waiter: "epoll" as "auto" }), RangeError, 'waiter "epoll": expected "auto"');
  });
});
