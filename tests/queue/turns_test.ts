// A turn of the event loop is short, whatever was asked for at once: bounded in bytes that are copied, and memory that they
// are copied through is bounded too; a signal with thousands of requests has one listener.

import { AioQueue } from "@posix/aio";
import { assert, assertEquals, assertGreater, assertLess, assertLessOrEqual } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import fs from "node:fs";
import { engine } from "../../engine/engines.ts";
import { pooledBytes } from "../../ffi/memory.ts";
import { Signals } from "../../queue/signals.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";

const MEBIBYTE = 1 << 20;
const COUNT = 300;

describe("requests of a mebibyte, 4096 at a time", () => {
  for (const how of ["own arrays", "fresh bytes"]) {
    it(`into ${how} copy at most three mebibytes a turn, through at most 64 of memory`, async () => {
      using folder = new TemporaryFolder("/tmp");
      const content = knownBytes(4 * MEBIBYTE);
      folder.write("file", content);
      const fd = folder.open("file");
      await using queue = new AioQueue({ depth: 4096 });
      const { turns } = engine();
      turns.mostBytes = turns.most = 0;
      let loops = 0;
      const count = () => {
        loops++;
        immediate = setImmediate(count);
      };
      let immediate = setImmediate(count);
      const results = await Promise.all(Array.from({ length: COUNT }, (_, index) => {
        const where = { offset: index % 4 * MEBIBYTE, length: MEBIBYTE };
        return queue.read(fd, how === "fresh bytes" ? where : { ...where, buffer: new Uint8Array(MEBIBYTE) });
      }));
      clearImmediate(immediate);
      assertLessOrEqual(turns.mostBytes, 3 * MEBIBYTE);
      assertGreater(loops, COUNT / 4);
      assertLessOrEqual(pooledBytes(), 80 * MEBIBYTE);
      for (const [index, { bytes, buffer }] of results.entries()) {
        const at = index % 4 * MEBIBYTE;
        assert(
          bytes === MEBIBYTE && Buffer.compare(buffer, content.subarray(at, at + MEBIBYTE)) === 0,
          `request ${index}`,
        );
      }
    });
  }

  it("written from own arrays arrive whole", async () => {
    using folder = new TemporaryFolder("/tmp");
    const fd = folder.open("file", "w+");
    await using queue = new AioQueue({ depth: 4096 });
    const parts = Array.from({ length: 100 }, (_, index) => knownBytes(MEBIBYTE, index * MEBIBYTE));
    await Promise.all(parts.map((part, index) => queue.write(fd, part, { offset: index * MEBIBYTE })));
    assertLessOrEqual(pooledBytes(), 80 * MEBIBYTE);
    assert(Buffer.compare(fs.readFileSync(folder.at("file")), knownBytes(100 * MEBIBYTE)) === 0);
  });

  it("of a silent FIFO keep no file's requests from being copied", async () => {
    using folder = new TemporaryFolder("/tmp");
    folder.write("file", knownBytes(MEBIBYTE));
    folder.fifo("fifo");
    const [file, fifo] = [folder.open("file"), folder.open("fifo", "r+")];
    const queue = new AioQueue({ depth: 4096 });
    const silent = Array.from({ length: 100 }, () => queue.read(fifo, { length: MEBIBYTE }));
    assertEquals((await queue.read(file, { length: MEBIBYTE })).bytes, MEBIBYTE);
    const ended = Promise.allSettled(silent);
    queue.cancel();
    fs.writeSync(fifo, "x".repeat(100));
    while (queue.stats().inFlight > 0) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      fs.writeSync(fifo, "x");
    }
    await ended;
    await queue.close();
  });
});

describe("one signal for thousands of requests", () => {
  it("has one listener, and aborts them all", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", knownBytes(4096));
    const fd = folder.open("file");
    await using queue = new AioQueue({ depth: 64 });
    const controller = new AbortController();
    const { signal } = controller;
    let listeners = 0;
    let most = 0;
    const add = signal.addEventListener.bind(signal), remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      most = Math.max(most, ++listeners);
      return add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--;
      return remove(...args);
    };
    await Promise.all(Array.from({ length: 5000 }, () => queue.read(fd, { length: 16, signal })));
    assertEquals([most, listeners], [1, 0]);
    const doomed = Promise.allSettled(Array.from({ length: 2000 }, () => queue.read(fd, { length: 16, signal })));
    controller.abort();
    const rejected = (await doomed).filter(({ status }) => status === "rejected").length;
    assertGreater(rejected, 1900);
    assertLess(rejected, 2001);
  });

  it("is let go with its last member", () => {
    const aborted: object[] = [];
    const signals = new Signals<object>((member) => aborted.push(member));
    const controller = new AbortController();
    const [one, two] = [{}, {}];
    signals.join(controller.signal, one);
    signals.join(controller.signal, two);
    signals.leave(controller.signal, one);
    assertEquals(signals.size, 1);
    controller.abort();
    assertEquals([signals.size, aborted.length, aborted[0] === two], [0, 1, true]);
    signals.leave(controller.signal, two);
  });
});
