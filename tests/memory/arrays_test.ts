// Callers' arrays of every kind are copied right, in both directions, whatever happens to them meanwhile.

import { AioFile, AioQueue } from "@posix/aio";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import fs from "node:fs";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { OWN_ARRAYS, partOfPool } from "./arrays.ts";
import { Random } from "./random.ts";

const FILE_BYTES = 3 << 20;
/** Small ones, some around a page, and one that is copied in two pieces. */
const SIZES = [1, 5, 64, 4095, 4096, 4097, 1_200_000];

/** The bytes around a part of a larger array; a request must leave them alone. */
function surroundings(array: Uint8Array): Uint8Array[] {
  const whole = new Uint8Array(array.buffer);
  const from = Math.max(0, array.byteOffset - 64);
  return [whole.slice(from, array.byteOffset), whole.slice(array.byteOffset + array.length).subarray(0, 64)];
}

function assertSame(parts: readonly Uint8Array[], expected: Uint8Array): void {
  assert(Buffer.compare(Buffer.concat(parts), expected) === 0);
}

describe("a caller's array", () => {
  for (const [kind, make] of Object.entries(OWN_ARRAYS)) {
    it(`that is ${kind} is read into and written from, and nothing beside it is touched`, async () => {
      using folder = new TemporaryFolder();
      const content = knownBytes(FILE_BYTES);
      folder.write("file", content);
      const fd = folder.open("file", "r+");
      await using queue = new AioQueue();
      await using file = await AioFile.open(folder.at("file"), { queue });
      const random = new Random(7);
      for (const bytes of SIZES) {
        const [array, first, second, written] = [make(bytes), make(bytes), make(3), make(bytes)];
        random.fill(written);
        const around = surroundings(array);
        assertEquals((await queue.read(fd, { offset: 9, buffer: array })).buffer === array, true);
        await queue.readv(fd, [first, second], { offset: 20 });
        assertSame([array], content.subarray(9, 9 + bytes));
        assertSame([first, second], content.subarray(20, 23 + bytes));
        if (kind !== "a Buffer of the common pool") assertEquals(surroundings(array), around);
        await queue.write(fd, written, { offset: FILE_BYTES });
        await queue.writev(fd, [written, second], { offset: FILE_BYTES + bytes });
        const found = (await file.read({ offset: FILE_BYTES, length: 2 * bytes + 3 })).buffer;
        assertSame([written, written, second], found);
      }
    });
  }

  it("that is detached while its read is under way ends that read with an error, and no other", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(8192);
    folder.write("file", content);
    const fd = folder.open("file");
    await using queue = new AioQueue();
    const arrays = Array.from({ length: 20 }, () => new Uint8Array(100));
    const reads = arrays.map((buffer, index) => queue.read(fd, { offset: index * 100, buffer }));
    const vectored = queue.readv(fd, [new Uint8Array(50), arrays[3]], { offset: 0 });
    for (const read of [...reads, vectored]) read.catch(() => {}); // they end in any order, and are awaited in theirs
    const kept = new Uint8Array(arrays[3].buffer.transfer());
    for (const [index, read] of reads.entries()) {
      if (index === 3) await assertRejects(() => read, TypeError, "detached or resized");
      else assertEquals((await read).buffer, content.slice(index * 100, index * 100 + 100));
    }
    await assertRejects(() => vectored, TypeError, "detached or resized");
    assertEquals(kept, new Uint8Array(100));
    assertEquals((await queue.read(fd, { length: 8 })).buffer, content.slice(0, 8));
  });

  it("that is detached before its write gets its turn ends that write with an error, and the file is as it was", async () => {
    using folder = new TemporaryFolder();
    const path = folder.write("file", new Uint8Array(300));
    const fd = folder.open("file", "r+");
    await using queue = new AioQueue({ depth: 1 });
    const arrays = [1, 2, 3].map((byte) => new Uint8Array(100).fill(byte));
    const writes = arrays.map((array, index) => queue.write(fd, array, { offset: index * 100 }));
    arrays[1].buffer.transfer();
    const [first, second, third] = await Promise.allSettled(writes);
    assertEquals([first.status, second.status, third.status], ["fulfilled", "rejected", "fulfilled"]);
    assert((second as PromiseRejectedResult).reason instanceof TypeError);
    const expected = new Uint8Array(300).fill(1, 0, 100).fill(3, 200);
    assertEquals(new Uint8Array(fs.readFileSync(path)), expected);
  });

  it("that shrinks while its read is under way ends that read with an error; one that grows is filled", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(4096);
    folder.write("file", content);
    const fd = folder.open("file");
    await using queue = new AioQueue();
    const [less, more] = [200, 200].map((bytes) => new ArrayBuffer(bytes, { maxByteLength: 400 }));
    const grown = new Uint8Array(more);
    const reads = [queue.read(fd, { buffer: new Uint8Array(less) }), queue.read(fd, { buffer: grown })];
    less.resize(100);
    more.resize(400);
    await assertRejects(() => reads[0], TypeError, "detached or resized");
    assertEquals((await reads[1]).bytes, 200);
    assertEquals([grown.slice(0, 200), grown.slice(200)], [content.slice(0, 200), new Uint8Array(200)]);
  });

  it("in WebAssembly's memory is lost when that grows, with an error; where it is shared it stays", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(65_536);
    folder.write("file", content);
    const fd = folder.open("file");
    await using queue = new AioQueue();
    const own = new WebAssembly.Memory({ initial: 1, maximum: 4 });
    const shared = new WebAssembly.Memory({ initial: 1, maximum: 4, shared: true });
    const buffers = [own, shared].map(({ buffer }) => new Uint8Array(buffer, 1000, 5000));
    const reads = buffers.map((buffer) => queue.read(fd, { offset: 77, buffer }));
    own.grow(1);
    shared.grow(1);
    await assertRejects(() => reads[0], TypeError, "detached or resized");
    await reads[1];
    assertEquals(new Uint8Array(own.buffer), new Uint8Array(2 * 65_536));
    assertEquals(new Uint8Array(shared.buffer, 1000, 5000).slice(), content.slice(77, 5077));
  });

  it("may be changed when its write was aborted: the file gets the old or the new bytes", async () => {
    using folder = new TemporaryFolder();
    const path = folder.write("file", new Uint8Array(100_000));
    const fd = folder.open("file", "r+");
    const queue = new AioQueue();
    for (let turn = 0; turn < 50; turn++) {
      const controller = new AbortController();
      const array = new Uint8Array(100_000).fill(1);
      const write = queue.write(fd, array, { signal: controller.signal });
      if (turn % 2 === 1) await Promise.resolve();
      controller.abort();
      await write.catch(() => {});
      array.fill(0xdd);
    }
    await queue.close();
    assertEquals(fs.readFileSync(path).includes(0xdd), false);
  });
});

describe("a pool buffer", () => {
  it("has parts in several requests at once, reads and writes, vectored or not", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(65_536);
    folder.write("file", content);
    const fd = folder.open("file", "r+");
    await using queue = new AioQueue();
    using buffer = queue.buffers.take(65_536);
    buffer.bytes.set(content);
    const part = (index: number) => buffer.bytes.subarray(index * 1024, index * 1024 + 1024);
    await Promise.all(
      Array.from({ length: 16 }, (_, index) => [
        queue.read(fd, { offset: index * 4096, buffer: part(index) }),
        queue.write(fd, part(index + 16), { offset: 65_536 + index * 1024 }),
        queue.readv(fd, [part(index + 32), part(index + 48)], { offset: index * 2048 }),
      ]).flat(),
    );
    for (let index = 0; index < 16; index++) {
      assertEquals(part(index), content.subarray(index * 4096, index * 4096 + 1024));
      assertEquals(part(index + 32), content.subarray(index * 2048, index * 2048 + 1024));
      assertEquals(part(index + 48), content.subarray(index * 2048 + 1024, index * 2048 + 2048));
    }
    const { buffer: written } = await queue.read(fd, { offset: 65_536, length: 16_384 });
    assertEquals(written, content.slice(16_384, 32_768));
  });

  it("that is given back in flight brings its request to an end, and then serves others", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(1 << 20);
    folder.write("file", content);
    const fd = folder.open("file");
    await using queue = new AioQueue();
    for (let round = 0; round < 50; round++) {
      const { buffer, array } = partOfPool(queue, 5000);
      const doomed = queue.read(fd, { offset: 0, buffer: array });
      buffer.release();
      assertEquals(array.length, 0);
      using next = queue.buffers.take(5064);
      next.bytes.fill(round);
      assertEquals((await doomed).bytes, 5000);
      assert(next.bytes.every((byte) => byte === round));
    }
  });

  it("that was transferred or posted is refused, and its memory is never used for another", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", knownBytes(8192));
    const fd = folder.open("file");
    await using queue = new AioQueue();
    const { port1, port2 } = new MessageChannel();
    const posted = new Promise<Uint8Array>((resolve) => port2.onmessage = ({ data }) => resolve(data));
    const moved = [queue.buffers.take(70_000), queue.buffers.take(70_000)];
    for (const { bytes } of moved) bytes.fill(5);
    const reads = moved.map(({ bytes }) => queue.read(fd, { buffer: bytes.subarray(0, 100) }));
    const kept = new Uint8Array(moved[0].bytes.buffer.transfer());
    port1.postMessage(moved[1].bytes, [moved[1].bytes.buffer]);
    const received = await posted;
    port1.close();
    port2.close();
    await Promise.allSettled(reads);
    for (const { bytes } of moved) await assertRejects(() => queue.read(fd, { buffer: bytes }), TypeError, "detached");
    for (const buffer of moved) buffer.release();
    using other = queue.buffers.take(70_000);
    other.bytes.fill(9);
    for (const bytes of [kept, received]) assert(bytes.subarray(100).every((byte) => byte === 5));
  });
});
