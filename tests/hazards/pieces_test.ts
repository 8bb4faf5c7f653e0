// Requests for more than the system moves at a time, which go to libc piece by piece: here pieces are small, so that what
// may happen between two of them happens with small files.

import { PIECE_BYTES } from "./choose.ts";
import { AioQueue } from "@posix/aio";
import type { AioError } from "@posix/aio";
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import fs from "node:fs";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { within } from "./support.ts";

const LENGTH = PIECE_BYTES * 20 + 1234;
const CONTENT = knownBytes(LENGTH + 100);

describe("a request that goes in pieces", () => {
  for (const lanes of [1, 4]) {
    it(`moves every byte to its place, beside others, on ${lanes} lanes`, async () => {
      using folder = new TemporaryFolder();
      folder.write("source", CONTENT);
      const source = folder.open("source");
      const target = folder.open("target", "w+");
      await using queue = new AioQueue({ depth: 16, lanes });
      using buffer = queue.buffers.take(LENGTH);
      const reads = await within(Promise.all([
        queue.read(source, { buffer: buffer.bytes, offset: 100 }),
        ...Array.from({ length: 40 }, (_, at) => queue.read(source, { length: 100, offset: at * 1000 })),
      ]));
      assertEquals(reads.map(({ bytes }) => bytes), [LENGTH, ...new Array(40).fill(100)]);
      assert(Buffer.compare(buffer.bytes, CONTENT.subarray(100)) === 0);
      const [write, writev] = [
        queue.write(target, buffer.bytes),
        queue.writev(target, [buffer.bytes], { offset: LENGTH }),
      ];
      assertEquals([(await within(write)).bytes, (await within(writev)).bytes], [LENGTH, LENGTH]);
      await within(queue.sync(target));
      const twice = Buffer.concat([buffer.bytes, buffer.bytes]);
      assert(Buffer.compare(fs.readFileSync(folder.at("target")), twice) === 0);
    });
  }

  it("ends at the end of the file with what there was", async () => {
    using folder = new TemporaryFolder();
    await using queue = new AioQueue();
    for (const size of [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, PIECE_BYTES * 3]) {
      folder.write("file", CONTENT.subarray(0, size));
      const fd = folder.open("file");
      using buffer = queue.buffers.take(LENGTH);
      assertEquals((await within(queue.read(fd, { buffer: buffer.bytes }))).bytes, size);
      assert(Buffer.compare(buffer.bytes.subarray(0, size), CONTENT.subarray(0, size)) === 0);
    }
  });

  it("tells when it is cancelled how much had moved, and that much is there", async () => {
    using folder = new TemporaryFolder();
    await using queue = new AioQueue({ lanes: 1 });
    using buffer = queue.buffers.take(LENGTH);
    buffer.bytes.set(CONTENT.subarray(0, LENGTH));
    for (let round = 0; round < 60; round++) {
      folder.write("file", new Uint8Array(0));
      const fd = folder.open("file", "r+");
      const write = queue.write(fd, buffer.bytes);
      for (let turn = 0; turn < round % 12; turn++) await new Promise((resolve) => setImmediate(resolve));
      queue.cancel({ fd });
      const moved = await within(write).then(({ bytes }) => bytes, (error: AioError) => {
        assertEquals(error.code, "ECANCELED");
        return error.bytes;
      });
      assert(moved === LENGTH || moved! % PIECE_BYTES === 0, `${moved} bytes`);
      assert(Buffer.compare(fs.readFileSync(folder.at("file")), CONTENT.subarray(0, moved)) === 0, `${moved} bytes`);
      folder.close(fd);
    }
  });

  it("keeps its place in the order of those at the file's position", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", CONTENT);
    const fd = folder.open("file");
    await using queue = new AioQueue();
    using one = queue.buffers.take(PIECE_BYTES * 3);
    using two = queue.buffers.take(PIECE_BYTES * 2);
    const reads = [one, two].map(({ bytes }) => queue.read(fd, { buffer: bytes, offset: null }));
    assertEquals((await within(Promise.all(reads))).map(({ bytes }) => bytes), [PIECE_BYTES * 3, PIECE_BYTES * 2]);
    assert(Buffer.compare(Buffer.concat([one.bytes, two.bytes]), CONTENT.subarray(0, PIECE_BYTES * 5)) === 0);
  });
});
