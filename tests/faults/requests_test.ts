// Requests of a queue that meet faults: the right error on the right request, the others unharmed, the queue usable
// afterwards.

import { describeFaults, strike } from "./faults.ts";
import { AioError, AioQueue } from "@posix/aio";
import type { AioResult } from "@posix/aio";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import fs from "node:fs";
import { knownBytes, TemporaryFolder } from "../support/files.ts";

const BYTES = 512;
const COUNT = 100;
const CONTENT = knownBytes(BYTES * COUNT);

const part = (index: number) => CONTENT.slice(index * BYTES, (index + 1) * BYTES);

/** Reads the whole file in parts, all at once; gives the parts that failed. */
async function readAll(queue: AioQueue, fd: number): Promise<Map<number, AioError>> {
  const failed = new Map<number, AioError>();
  await Promise.all(Array.from({ length: COUNT }, async (_, index) => {
    let result: AioResult;
    try {
      result = await queue.read(fd, { offset: index * BYTES, length: BYTES });
    } catch (error) {
      failed.set(index, error as AioError);
      return;
    }
    assertEquals(result.buffer, part(index), `part ${index}`);
  }));
  return failed;
}

/** The same for writing. */
async function writeAll(queue: AioQueue, fd: number): Promise<Map<number, AioError>> {
  const failed = new Map<number, AioError>();
  await Promise.all(Array.from({ length: COUNT }, async (_, index) => {
    try {
      assertEquals((await queue.write(fd, part(index), { offset: index * BYTES })).bytes, BYTES);
    } catch (error) {
      failed.set(index, error as AioError);
    }
  }));
  return failed;
}

function assertFailed(failed: Map<number, AioError>, indices: number[], code: string, syscall: string): void {
  assertEquals([...failed.keys()].sort((a, b) => a - b), indices);
  for (const [index, error] of failed) {
    assert(error instanceof AioError, String(error));
    assertEquals([error.code, error.syscall, error.bytes], [code, syscall, 0]);
    assert(error.message.includes(`offset ${index * BYTES} `), error.message);
  }
}

for (const lanes of [1, 4]) {
  describeFaults(`a queue with ${lanes} lanes`, () => {
    for (const fault of [{ real: "EIO" }, { answer: "EIO" }, { real: "EBADF" }, { answer: "ENOMEM" }] as const) {
      const code = fault.real ?? fault.answer;
      const kind = Object.keys(fault)[0];

      it(`tells ${code} (${kind}) of the 7th and every 30th read after it`, async () => {
        using folder = new TemporaryFolder();
        folder.write("file", CONTENT);
        const fd = folder.open("file");
        await using queue = new AioQueue({ depth: COUNT, lanes });
        using faults = strike(fault, { on: "read", fd, first: 7, every: 30 });
        assertFailed(await readAll(queue, fd), [6, 36, 66, 96], code, "aio_read");
        assertEquals(faults.hits(), 4);
        assertEquals(queue.stats().failed, 4);
        faults[Symbol.dispose]();
        assertEquals((await readAll(queue, fd)).size, 0);
      });
    }

    it("tells ENOSPC of the 10th write, and the file lacks that part only", async () => {
      using folder = new TemporaryFolder();
      const fd = folder.open("file", "w+");
      await using queue = new AioQueue({ depth: COUNT, lanes });
      using _faults = strike({ real: "ENOSPC" }, { on: "write", fd, first: 10 });
      assertFailed(await writeAll(queue, fd), [9], "ENOSPC", "aio_write");
      const expected = CONTENT.slice();
      expected.fill(0, 9 * BYTES, 10 * BYTES);
      assertEquals(new Uint8Array(fs.readFileSync(folder.at("file"))), expected);
      assertEquals((await writeAll(queue, fd)).size, 0);
      assertEquals(new Uint8Array(fs.readFileSync(folder.at("file"))), CONTENT);
    });

    it("gives what a short read brought, and goes on", async () => {
      using folder = new TemporaryFolder();
      folder.write("file", CONTENT);
      const fd = folder.open("file");
      await using queue = new AioQueue({ lanes });
      using _faults = strike({ short: 100 }, { on: "read", fd, first: 3 });
      const results = await Promise.all(
        [0, 1, 2, 3, 4].map((index) => queue.read(fd, { offset: index * BYTES, length: BYTES })),
      );
      assertEquals(results.map(({ bytes }) => bytes), [BYTES, BYTES, 100, BYTES, BYTES]);
      for (const [index, { buffer, bytes }] of results.entries()) assertEquals(buffer, part(index).slice(0, bytes));
    });

    it("counts what a short write moved, and the rest of the file is as it was", async () => {
      using folder = new TemporaryFolder();
      const fd = folder.open("file", "w+");
      await using queue = new AioQueue({ lanes });
      using _faults = strike({ short: 100 }, { on: "write", fd, first: 2 });
      const writes = [0, 1, 2].map((index) => queue.write(fd, part(index), { offset: index * BYTES }));
      assertEquals((await Promise.all(writes)).map(({ bytes }) => bytes), [BYTES, 100, BYTES]);
      const expected = CONTENT.slice(0, 3 * BYTES);
      expected.fill(0, BYTES + 100, 2 * BYTES);
      assertEquals(new Uint8Array(fs.readFileSync(folder.at("file"))), expected);
    });

    it("tells how much had moved when the second piece of a large request fails", async () => {
      using folder = new TemporaryFolder();
      const content = knownBytes(3 << 20);
      folder.write("file", content);
      const fd = folder.open("file", "r+");
      await using queue = new AioQueue({ lanes });
      const own = new Uint8Array(content.length);
      using _faults = strike({ real: "EIO" }, { on: "read", fd, first: 2 });
      const error = await assertRejects(() => queue.read(fd, { buffer: own }), AioError);
      assertEquals([error.code, error.bytes], ["EIO", 1 << 20]);
      assertEquals((await queue.read(fd, { buffer: own })).bytes, content.length);
      assert(Buffer.compare(own, content) === 0);
    });

    it("tells EIO of a sync, and the next one works", async () => {
      using folder = new TemporaryFolder();
      const fd = folder.open("file", "w+");
      await using queue = new AioQueue({ lanes });
      using _faults = strike({ answer: "EIO" }, { on: "sync", fd });
      const writes = [0, 1, 2].map((index) => queue.write(fd, part(index), { offset: index * BYTES }));
      const error = await assertRejects(() => queue.sync(fd), AioError);
      assertEquals([error.code, error.syscall], ["EIO", "aio_fsync"]);
      await Promise.all(writes);
      await queue.sync(fd, { dataOnly: true });
    });

    it("syncs after a write that failed", async () => {
      using folder = new TemporaryFolder();
      const fd = folder.open("file", "w+");
      await using queue = new AioQueue({ lanes });
      using _faults = strike({ real: "EIO" }, { on: "write", fd, first: 2 });
      const writes = [0, 1, 2].map((index) => queue.write(fd, part(index), { offset: index * BYTES }));
      const ended = Promise.allSettled(writes);
      await queue.sync(fd);
      assertEquals((await ended).map(({ status }) => status), ["fulfilled", "rejected", "fulfilled"]);
    });

    it("does not let slow reads of one file hold up another, and waits for them", async () => {
      using folder = new TemporaryFolder();
      folder.write("slow", CONTENT);
      folder.write("other", CONTENT);
      const [slow, other] = [folder.open("slow"), folder.open("other")];
      await using queue = new AioQueue({ depth: COUNT * 2, lanes });
      using faults = strike({ held: true }, { on: "read", fd: slow, first: 2, every: 10 });
      let ended = false;
      const slowly = readAll(queue, slow).then((failed) => {
        ended = true;
        return failed;
      });
      assertEquals((await readAll(queue, other)).size, 0);
      assert(!ended);
      faults.release();
      assertEquals((await slowly).size, 0);
      assertEquals(faults.hits(), 10);
    });

    it("keeps the bytes of an aborted slow read from its caller", async () => {
      using folder = new TemporaryFolder();
      folder.write("file", CONTENT);
      const fd = folder.open("file");
      await using queue = new AioQueue({ lanes });
      using faults = strike({ held: true }, { on: "read", fd });
      const own = new Uint8Array(BYTES).fill(7);
      const read = queue.read(fd, { buffer: own, signal: AbortSignal.timeout(30) });
      const error = await assertRejects(() => read, DOMException);
      assertEquals(error.name, "TimeoutError");
      faults.release();
      while (queue.stats().inFlight > 0) await new Promise((resolve) => setTimeout(resolve, 1));
      assertEquals(own, new Uint8Array(BYTES).fill(7));
      assertEquals((await readAll(queue, fd)).size, 0);
    });
  });
}
