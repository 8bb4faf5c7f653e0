// Pool buffers and the memory that libc gets: alignment, sharing, giving back in every state, recycling, and that
// nothing grows.

import { AioQueue } from "@posix/aio";
import { assert, assertEquals, assertLessOrEqual, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fs from "node:fs";
import { door } from "../../ffi/door.ts";
import { pooledBytes } from "../../ffi/memory.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itWithPipes } from "../support/platform.ts";

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe("AioQueue.buffers", () => {
  it("gives buffers of the asked size, aligned to a page, each with an ArrayBuffer of its own", async () => {
    await using queue = new AioQueue();
    const sizes = [1, 100, 4096, 4097, 65_536, 3_000_000];
    const buffers = sizes.map((bytes) => queue.buffers.take(bytes));
    assertEquals(buffers.map(({ bytes }) => bytes.length), sizes);
    assertEquals(buffers.map(({ bytes }) => door().addressOf(bytes) % 4096), sizes.map(() => 0));
    assertEquals(new Set(buffers.map(({ bytes }) => bytes.buffer)).size, sizes.length);
    for (const buffer of buffers) buffer.release();
  });

  it("refuses a size that is none", async () => {
    await using queue = new AioQueue();
    for (const bytes of [0, -1, 1.5, 2 ** 31 + 1, NaN]) {
      assertThrows(() => queue.buffers.take(bytes), RangeError, `bytes ${bytes}`);
    }
  });

  it("is used by libc directly, any parts of a buffer in several requests at once", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(65_536);
    folder.write("file", content);
    const fd = folder.open("file");
    await using queue = new AioQueue();
    using buffer = queue.buffers.take(65_536);
    await Promise.all(Array.from({ length: 64 }, (_, index) => {
      const begin = index * 1024;
      return queue.read(fd, { offset: begin, buffer: buffer.bytes.subarray(begin, begin + 1024) });
    }));
    assertEquals(buffer.bytes, content);
  });

  it("empties every view when a buffer is given back, and refuses it with a clear error", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "abc");
    const fd = folder.open("file");
    await using queue = new AioQueue();
    const buffer = queue.buffers.take(4096);
    const view = buffer.bytes.subarray(10, 20);
    buffer.release();
    buffer.release();
    assertEquals([buffer.bytes.length, view.length], [0, 0]);
    await assertRejects(() => queue.read(fd, { buffer: view }), TypeError, "given back");
    await assertRejects(() => queue.write(fd, view), TypeError, "given back");
    await assertRejects(() => queue.readv(fd, [new Uint8Array(1), view]), TypeError);
  });

  itWithPipes("lends nobody the memory of an aborted read while libc may still write to it", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("fifo");
    const fd = folder.open("fifo", "r+");
    const queue = new AioQueue();
    const controller = new AbortController();
    const read = queue.read(fd, { length: 4096, signal: controller.signal });
    await pause(200); // libc reads by now
    controller.abort();
    await assertRejects(() => read, DOMException);
    const others = Array.from({ length: 64 }, () => queue.buffers.take(4096));
    for (const { bytes } of others) bytes.fill(7);
    fs.writeSync(fd, new Uint8Array(4096).fill(1));
    while (queue.stats().inFlight > 0) await pause(1);
    assert(others.every(({ bytes }) => bytes.every((byte) => byte === 7)));
    for (const buffer of others) buffer.release();
    await queue.close();
  });

  itWithPipes("recycles the memory only after the last request with it has ended", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("fifo");
    const fd = folder.open("fifo", "r+");
    const queue = new AioQueue();
    const buffer = queue.buffers.take(9_000_000);
    const address = door().addressOf(buffer.bytes);
    const read = queue.read(fd, { buffer: buffer.bytes });
    await pause(5);
    buffer.release();
    const other = queue.buffers.take(9_000_000);
    assertNotEquals(door().addressOf(other.bytes), address);
    fs.writeSync(fd, "x");
    assertEquals((await read).bytes, 1);
    const next = queue.buffers.take(9_000_000);
    assertEquals(door().addressOf(next.bytes), address);
    next.release();
    other.release();
    await queue.close();
  });

  it("never reuses a buffer that a script transferred away", async () => {
    await using queue = new AioQueue();
    const buffer = queue.buffers.take(9_500_000);
    const address = door().addressOf(buffer.bytes);
    const kept = new Uint8Array(buffer.bytes.buffer.transfer());
    kept[0] = 7;
    buffer.release();
    const other = queue.buffers.take(9_500_000);
    assertNotEquals(door().addressOf(other.bytes), address);
    other.bytes[0] = 1;
    assertEquals(kept[0], 7);
    other.release();
  });

  it("gives back with `using`", async () => {
    await using queue = new AioQueue();
    let bytes: Uint8Array;
    {
      using buffer = queue.buffers.take(10);
      bytes = buffer.bytes;
      assertEquals(bytes.length, 10);
    }
    assertEquals(bytes.length, 0);
  });
});

describe("the memory of requests", () => {
  it("is given back after success, failure, cancel and abort: the pool does not grow", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", knownBytes(1 << 20));
    const fd = folder.open("file", "r+");
    await using queue = new AioQueue({ depth: 32 });
    const round = async () => {
      const controller = new AbortController();
      const requests = Array.from({ length: 32 }, (_, index) => {
        if (index % 4 === 0) return queue.read(987_654, { length: 65_536 });
        if (index % 4 === 1) return queue.read(fd, { length: 65_536, signal: controller.signal });
        if (index % 4 === 2) return queue.write(fd, new Uint8Array(65_536));
        return queue.readv(fd, [new Uint8Array(30_000), new Uint8Array(35_536)]);
      });
      await Promise.resolve();
      controller.abort();
      queue.cancel({ tag: undefined });
      await Promise.allSettled(requests);
      while (queue.stats().inFlight > 0) await pause(1);
    };
    for (let count = 0; count < 20; count++) await round();
    const before = pooledBytes();
    for (let count = 0; count < 300; count++) await round();
    assertLessOrEqual(pooledBytes() - before, 1 << 20);
  });

  it("survives a forced collection at every turn", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(1 << 20);
    folder.write("file", content);
    const fd = folder.open("file");
    await using queue = new AioQueue({ depth: 32, lanes: 4 });
    const { gc } = globalThis as { gc?: () => void };
    assert(gc !== undefined || (globalThis as { Deno?: unknown }).Deno !== undefined);
    for (let round = 0; round < 40; round++) {
      const reads = Array.from({ length: 32 }, (_, index) => {
        const offset = ((round * 32 + index) * 7919 * 8) % (content.length - 4096);
        return queue.read(fd, { offset, buffer: new Uint8Array(4096) });
      });
      gc?.();
      await new Promise((resolve) => setImmediate(resolve));
      gc?.();
      for (const [index, { buffer, bytes }] of (await Promise.all(reads)).entries()) {
        const offset = ((round * 32 + index) * 7919 * 8) % (content.length - 4096);
        assertEquals(bytes, 4096);
        assert(Buffer.compare(buffer, content.subarray(offset, offset + 4096)) === 0);
      }
    }
  });
});
