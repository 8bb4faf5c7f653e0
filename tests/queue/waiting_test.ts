// How a program waits and ends: little processor time while nothing happens, alive while a request is in flight, gone
// soon after the last one, and no crash or hang however it ends. Each case is a process of its own.

import { AioQueue } from "@posix/aio";
import { assert, assertEquals, assertGreaterOrEqual, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fs from "node:fs";
import { runChild } from "../support/child.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itWithPipes } from "../support/platform.ts";

const WAIT = new URL("./children/wait.ts", import.meta.url);
const WORKERS = new URL("./children/workers.ts", import.meta.url);

/** A process that hangs at its end is killed, and has a signal instead of a status then. */
const killAfterMs = 20_000;

describe("waiting", () => {
  itWithPipes(
    "for a silent FIFO wakes up some ten times a second and does not spin, and process.exit ends it",
    async () => {
      using folder = new TemporaryFolder();
      const { code, stdout } = await runChild(WAIT, { args: [folder.fifo("fifo"), "wakes"], killAfterMs });
      assertEquals(code, 7);
      const [wakes, busy] = /wakes ([\d.]+) busy ([\d.]+)/.exec(stdout)!.slice(1).map(Number);
      assertLess(wakes, 60);
      assertLess(busy, 0.7); // a spin takes a whole core, or a small part of one where all are busy
    },
  );

  itWithPipes("ends with an uncaught error", async () => {
    using folder = new TemporaryFolder();
    const { code, stderr } = await runChild(WAIT, { args: [folder.fifo("fifo"), "throw"], killAfterMs });
    assert(stderr.includes("nobody catches this"));
    assertEquals(code, 1);
  });

  itWithPipes("keeps the process alive while a request is in flight", async () => {
    using folder = new TemporaryFolder();
    const path = folder.fifo("fifo");
    const fd = fs.openSync(path, "r+");
    const timer = setTimeout(() => fs.writeSync(fd, "x"), 2500);
    const { code, stdout, milliseconds } = await runChild(WAIT, { args: [path, "answer"] });
    clearTimeout(timer);
    fs.closeSync(fd);
    assertGreaterOrEqual(milliseconds, 2400);
    assert(stdout.includes("last request ended"));
    assertEquals(code, 0);
  });

  itWithPipes("lets the process end after the last request when the queue is merely idle", async () => {
    using folder = new TemporaryFolder();
    const { code } = await runChild(WAIT, { args: [folder.fifo("fifo"), "idle"], killAfterMs });
    assertEquals(code, 0);
  });

  itWithPipes("survives 20 workers that are terminated with reads in flight", async () => {
    using folder = new TemporaryFolder();
    const file = folder.write("file", knownBytes(1 << 20));
    const { code, signal, stdout, stderr } = await runChild(WORKERS, {
      args: [file, folder.fifo("fifo"), "20"],
      killAfterMs: 170_000,
    });
    assertEquals([code, signal, stdout.trim()], [0, null, "read 4096"], stderr);
  });

  itWithPipes("takes up a new request at once while the waiter thread blocks on a silent FIFO", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", knownBytes(1 << 20));
    folder.fifo("fifo");
    const fifo = folder.open("fifo", "r+");
    const fd = folder.open("file");
    const queue = new AioQueue();
    const silent = queue.read(fifo, { length: 1 });
    let reading = 0, other = 0;
    for (let round = 0; round < 20; round++) {
      await new Promise((resolve) => setTimeout(resolve, 30));
      const began = performance.now();
      await queue.read(fd, { length: 4096 });
      const read = performance.now();
      await fs.promises.stat(folder.path); // a thread of the runtime's is woken as well
      reading += read - began;
      other += performance.now() - read;
    }
    // if only the thread's own timeout of 100 ms took them up, that would be a second more, however busy the machine is
    assertLess(reading, 5 * other + 500);
    fs.writeSync(fifo, "x");
    await silent;
    await queue.close();
  });

  it("gives the event loop its turns under load", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", knownBytes(1 << 20));
    const fd = folder.open("file");
    await using queue = new AioQueue({ depth: 32 });
    let left = 40_000;
    const loops = Array.from({ length: 32 }, async () => {
      while (left-- > 0) await queue.read(fd, { offset: Math.floor(Math.random() * 256) * 4096, length: 4096 });
    });
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await Promise.all(loops);
    clearInterval(timer);
    // in a millisecond no system brings four thousand of them: a busy machine brings fewer, and more turns
    assertGreaterOrEqual(turns, 10);
  });
});
