// How a program waits and ends: little processor time while nothing happens, alive while a request is in flight, gone
// soon after the last one, and no crash or hang however it ends. Each case is a process of its own.
// Runs alone: it measures time and processor time.

import { AioQueue } from "@posix/aio";
import { assert, assertEquals, assertGreaterOrEqual, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fs from "node:fs";
import { runChild } from "../support/child.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { measured } from "../support/measured.ts";
import { itWithPipes } from "../support/platform.ts";

const WAIT = new URL("./children/wait.ts", import.meta.url);
const WORKERS = new URL("./children/workers.ts", import.meta.url);

/** Milliseconds from the time that the child printed to its end. */
function sincePrinted(stdout: string): number {
  return Date.now() - Number(/\d{10,}/.exec(stdout)?.[0]);
}

describe("waiting", () => {
  itWithPipes("for a silent FIFO costs less than 1 % of a core, and process.exit ends it within 500 ms", async () => {
    await measured(async () => {
      using folder = new TemporaryFolder();
      const { code, stdout } = await runChild(WAIT, { args: [folder.fifo("fifo"), "processor"] });
      assertLess(sincePrinted(stdout), 500);
      assertLess(Number(/percent ([\d.]+)/.exec(stdout)?.[1]), 1);
      assertEquals(code, 7);
    });
  });

  itWithPipes("ends within 500 ms after an uncaught error", async () => {
    await measured(async () => {
      using folder = new TemporaryFolder();
      const { code, stdout, stderr } = await runChild(WAIT, { args: [folder.fifo("fifo"), "throw"] });
      assertLess(sincePrinted(stdout), 500);
      assert(stderr.includes("nobody catches this"));
      assertEquals(code, 1);
    });
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

  itWithPipes("lets the process end within 500 ms after the last request when the queue is merely idle", async () => {
    await measured(async () => {
      using folder = new TemporaryFolder();
      const { code, stdout } = await runChild(WAIT, { args: [folder.fifo("fifo"), "idle"] });
      assertLess(sincePrinted(stdout), 500);
      assertEquals(code, 0);
    });
  });

  itWithPipes("survives 20 workers that are terminated with reads in flight", async () => {
    using folder = new TemporaryFolder();
    const file = folder.write("file", knownBytes(1 << 20));
    const { code, signal, stdout, stderr } = await runChild(WORKERS, {
      args: [file, folder.fifo("fifo"), "20"],
      killAfterMs: 60_000,
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
    await measured(async () => {
      const times: number[] = [];
      for (let round = 0; round < 20; round++) {
        await new Promise((resolve) => setTimeout(resolve, 30));
        const began = performance.now();
        await queue.read(fd, { length: 4096 });
        times.push(performance.now() - began);
      }
      times.sort((a, b) => a - b);
      assertLess(times[10], 10);
      assertLess(times[18], 60); // the thread's own timeout is 100 ms
    });
    fs.writeSync(fifo, "x");
    await silent;
    await queue.close();
  });

  it("gives the event loop its turns under load", async () => {
    await measured(async () => {
      using folder = new TemporaryFolder();
      folder.write("file", knownBytes(1 << 20));
      const fd = folder.open("file");
      await using queue = new AioQueue({ depth: 32 });
      let running = true;
      let count = 0;
      const loops = Array.from({ length: 32 }, async () => {
        while (running) {
          await queue.read(fd, { offset: Math.floor(Math.random() * 256) * 4096, length: 4096 });
          count++;
        }
      });
      let turns = 0;
      const began = performance.now();
      while (performance.now() - began < 300) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        turns++;
      }
      running = false;
      await Promise.all(loops);
      assert(count > 100);
      assertGreaterOrEqual(turns, 30);
    });
  });
});
