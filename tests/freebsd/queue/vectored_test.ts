// AioQueue's vectored requests where the system has them: parts in pool buffers go to it as they are. Runs on Bun in short runs.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { it } from "@std/testing/bdd";
import { describeFreebsd } from "../on_freebsd.ts";
import fs from "node:fs";
import { AioQueue } from "../../../mod.ts";
import { libc } from "../../../ffi/libc.ts";
import type { SymbolName } from "../../../ffi/libc.ts";
import { knownBytes, TemporaryFolder } from "../../support/files.ts";

/** Counts the calls of a function of libc until the end of the scope. */
function calls(name: SymbolName): Disposable & { count: number } {
  const { call } = libc();
  const original = call[name] as (...values: unknown[]) => unknown;
  const counter = {
    count: 0,
    [Symbol.dispose]: () => void Object.defineProperty(call, name, { value: original, configurable: true }),
  };
  const value = (...values: unknown[]) => {
    counter.count++;
    return original(...values);
  };
  Object.defineProperty(call, name, { value, configurable: true });
  return counter;
}

describeFreebsd("AioQueue.readv() and writev() on FreeBSD", () => {
  it("move parts in pool buffers in one request", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(6_000_000);
    folder.write("file", "");
    const fd = folder.open("file", "r+");
    await using queue = new AioQueue();
    using first = queue.buffers.take(4_000_000);
    using second = queue.buffers.take(2_000_000);
    first.bytes.set(content.subarray(0, 4_000_000));
    second.bytes.set(content.subarray(4_000_000));
    using writes = calls("aio_writev");
    using reads = calls("aio_readv");
    assertEquals((await queue.writev(fd, [first.bytes, second.bytes], { offset: 3 })).bytes, 6_000_000);
    assertEquals(writes.count, 1);
    assert(fs.readFileSync(folder.at("file")).subarray(3).equals(content));
    first.bytes.fill(0);
    second.bytes.fill(0);
    const parts = [second.bytes.subarray(100, 1_000_000), new Uint8Array(0), first.bytes.subarray(0, 3_000_000)];
    assertEquals((await queue.readv(fd, parts, { offset: 3 })).bytes, 3_999_900);
    assertEquals(reads.count, 1);
    assert(Buffer.concat(parts).equals(content.subarray(0, 3_999_900)));
    assertEquals([second.bytes[99], second.bytes[1_000_000]], [0, 0]);
  });

  it("mix them with own arrays, in as many requests as these need", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(7_000_000);
    folder.write("file", content);
    const fd = folder.open("file", "r+");
    await using queue = new AioQueue();
    using pooled = queue.buffers.take(3_000_000);
    const own = [new Uint8Array(5), new Uint8Array(2_500_000), new Uint8Array(1_499_995)];
    const parts = [own[0], pooled.bytes.subarray(0, 1_000_000), own[1], pooled.bytes.subarray(1_000_000), own[2]];
    using reads = calls("aio_readv");
    assertEquals((await queue.readv(fd, parts)).bytes, 7_000_000);
    assert(Buffer.concat(parts).equals(content));
    assert(reads.count >= 4 && reads.count <= 6, `${reads.count} requests`);
    parts.reverse();
    assertEquals((await queue.writev(fd, parts)).bytes, 7_000_000);
    assert(fs.readFileSync(folder.at("file")).equals(Buffer.concat(parts)));
  });

  it("fill the parts in their order at the end of the file", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "abcdefgh");
    const fd = folder.open("file");
    await using queue = new AioQueue();
    using pooled = queue.buffers.take(6);
    pooled.bytes.fill(0x2e);
    const own = new Uint8Array(4).fill(0x2e);
    assertEquals((await queue.readv(fd, [pooled.bytes, own], { offset: 3 })).bytes, 5);
    assertEquals(Buffer.concat([pooled.bytes, own]).toString(), "defgh.....");
    assertEquals((await queue.readv(fd, [own, pooled.bytes], { offset: 5 })).bytes, 3);
    assertEquals(Buffer.concat([own, pooled.bytes]).toString(), "fgh.defgh.");
    assertEquals((await queue.readv(fd, [pooled.bytes, own], { offset: 100 })).bytes, 0);
  });

  it("go many at a time, in lists", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(100 * 4096);
    folder.write("file", content);
    const fd = folder.open("file");
    await using queue = new AioQueue({ depth: 100 });
    using pooled = queue.buffers.take(100 * 4096);
    using lists = calls("lio_listio");
    using alone = calls("aio_readv");
    await Promise.all(Array.from({ length: 100 }, (_, index) => {
      const begin = index * 4096;
      const parts = [pooled.bytes.subarray(begin, begin + 96), pooled.bytes.subarray(begin + 96, begin + 4096)];
      return queue.readv(fd, parts, { offset: begin });
    }));
    assert(Buffer.from(pooled.bytes).equals(content));
    // lists take none in FreeBSD 13, which the first list tells
    if (libc().has("aio_read2")) {
      assert(lists.count <= 3 && alone.count <= 3, `${lists.count} lists, ${alone.count} alone`);
    } else assertEquals([lists.count, alone.count], [1, 100]);
  });

  it("take 1024 parts, a pool buffer given back meanwhile, and an own array that is detached", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(1024 * 8);
    folder.write("file", content);
    const fd = folder.open("file");
    await using queue = new AioQueue();
    const pooled = queue.buffers.take(1024 * 8);
    const parts = Array.from({ length: 1024 }, (_, index) => pooled.bytes.subarray(index * 8, index * 8 + 8));
    assertEquals((await queue.readv(fd, parts)).bytes, 8192);
    assert(Buffer.from(pooled.bytes).equals(content));
    const own = new Uint8Array(8);
    const doomed = queue.readv(fd, [pooled.bytes, own]);
    const other = queue.readv(fd, [pooled.bytes.subarray(0, 8), new Uint8Array(8)]);
    own.buffer.transfer();
    pooled.release();
    await assertRejects(() => doomed, TypeError, "detached");
    assertEquals((await other).bytes, 16);
  });
});
