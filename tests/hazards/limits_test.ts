// Very many requests, very large ones, and child processes that start meanwhile.
//
// Elsewhere: lists of AIO_LISTIO_MAX and more entries, and of thousands (tests/sys/lio_listio_test.ts 16 and 17,
// aio_suspend_test.ts); every aio_reqprio, and those out of range (aio_read_test.ts 2, 8-1 and 11-2); the order of
// priorities (tests/queue/order_test.ts); more threads and descriptors than the process may have
// (tests/faults/refusals_test.ts); pieces of a large request (tests/hazards/pieces_test.ts).
// A control block submitted twice, and twice in one batch: tests/sys/safety_test.ts and lio_listio_test.ts.

import { AioQueue } from "@posix/aio";
import { assert, assertEquals, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import fs from "node:fs";
import process from "node:process";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itOnLinux, itUnless } from "../support/platform.ts";
import { BIG } from "../support/scale.ts";
import { within } from "./support.ts";

const GIB = 2 ** 30;

describe("4096 requests on one descriptor", () => {
  for (const lanes of [1, 8, "auto"] as const) {
    it(`all end, each with its own bytes, on ${lanes} lanes`, async () => {
      using folder = new TemporaryFolder();
      const content = knownBytes(4096 * 64);
      folder.write("file", content);
      const fd = folder.open("file", "r+");
      await using queue = new AioQueue({ depth: 4096, lanes });
      const requests = Array.from({ length: 4096 }, (_, index) => {
        const offset = index * 64;
        return index % 3 === 0
          ? queue.write(fd, content.subarray(offset, offset + 64), { offset, priority: index % 7 })
          : queue.read(fd, { offset, length: 64, priority: index % 5 });
      });
      requests.push(queue.sync(fd).then(() => ({ bytes: 64, buffer: content.subarray(0, 64) })));
      for (const [index, { bytes, buffer }] of (await within(Promise.all(requests))).entries()) {
        const offset = index % 4096 * 64;
        assert(bytes === 64 && Buffer.compare(buffer, content.subarray(offset, offset + 64)) === 0, `request ${index}`);
      }
      assert(Buffer.compare(fs.readFileSync(folder.at("file")), content) === 0);
    });
  }
});

describe("priorities", () => {
  it("of any number of values, high and low, let a sync wait for every write before it", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", new Uint8Array(0));
    const fd = folder.open("file", "r+");
    await using queue = new AioQueue({ depth: 2000, lanes: 2 });
    let written = 0;
    const writes = Array.from({ length: 1000 }, async (_, index) => {
      const priority = (index * 7919 % 2001 - 1000) * 1000;
      const { bytes } = await queue.write(fd, new Uint8Array(1).fill(index), { offset: index, priority });
      written += bytes;
    });
    await within(queue.sync(fd, { priority: 1_000_000 }));
    assertEquals(written, 1000);
    await within(Promise.all(writes));
    assertEquals(new Uint8Array(fs.readFileSync(folder.at("file"))), Uint8Array.from({ length: 1000 }, (_, i) => i));
  });
});

describe("a request for gigabytes", () => {
  it("of a small file brings the file, and takes little more memory than that", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(5_000_000);
    folder.write("file", content);
    const fd = folder.open("file");
    await using queue = new AioQueue();
    await queue.read(fd, { length: content.length });
    const before = process.memoryUsage().rss;
    const found = await within(Promise.all([GIB, 2 * GIB, 3 * GIB].map((length) => queue.read(fd, { length }))));
    const grown = process.memoryUsage().rss - before;
    for (const { bytes, buffer } of found) {
      assertEquals([bytes, buffer.length], [content.length, content.length]);
      assert(Buffer.compare(buffer, content) === 0);
    }
    assertLess(grown, 300e6);
  });

  it("is refused above 4 GiB, by name", async () => {
    await using queue = new AioQueue();
    const failed = await Promise.allSettled([queue.read(0, { length: 2 ** 32 + 1 })]);
    assert(String((failed[0] as PromiseRejectedResult).reason).includes("length 4294967297"));
  });

  const where = "/dev/shm";
  const big = BIG && fs.existsSync(where) && fs.statfsSync(where).bavail * fs.statfsSync(where).bsize > 3 * GIB;
  itUnless(
    big ? undefined : "AIO_TEST_BIG is not 1, or no room in /dev/shm",
    "of 2 GiB, a page more than Linux moves at a time, arrives whole",
    async () => {
      using folder = new TemporaryFolder(where);
      const fd = folder.open("file", "w+");
      fs.ftruncateSync(fd, 2 * GIB);
      const marks = [0, GIB - 1, GIB, 0x7ffff000 - 1, 0x7ffff000, 2 * GIB - 1];
      await using queue = new AioQueue();
      using buffer = queue.buffers.take(2 * GIB);
      for (const mark of marks) fs.writeSync(fd, Uint8Array.of(7), 0, 1, mark);
      assertEquals((await queue.read(fd, { buffer: buffer.bytes })).bytes, 2 * GIB);
      assertEquals(marks.map((mark) => buffer.bytes[mark]), marks.map(() => 7));
      fs.ftruncateSync(fd, 0);
      assertEquals((await queue.write(fd, buffer.bytes)).bytes, 2 * GIB);
      const byte = new Uint8Array(1);
      for (const mark of marks) assertEquals([fs.readSync(fd, byte, 0, 1, mark), byte[0]], [1, 7]);
      assertEquals(fs.fstatSync(fd).size, 2 * GIB);
    },
  );
});

describe("children that are started while requests are in flight", () => {
  itOnLinux("change no byte, and inherit no descriptor of the queue's", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(1 << 20);
    folder.write("file", content);
    const fd = folder.open("file", "r+");
    await using queue = new AioQueue({ depth: 64, lanes: 8 });
    using buffer = queue.buffers.take(1 << 20);
    let running = true;
    const traffic = Array.from({ length: 32 }, async (_, lane) => {
      const part = buffer.bytes.subarray(lane * 32_768, (lane + 1) * 32_768);
      for (let round = 0; running || round < 5; round++) {
        assertEquals((await queue.read(fd, { buffer: part, offset: lane * 32_768 })).bytes, 32_768);
        assert(Buffer.compare(part, content.subarray(lane * 32_768, (lane + 1) * 32_768)) === 0);
        assertEquals((await queue.write(fd, part, { offset: lane * 32_768 })).bytes, 32_768);
        part.fill(0);
      }
    });
    try {
      for (let child = 0; child < 5; child++) {
        const open = await listed("/proc/self/fd");
        assertEquals(open.filter((line) => line.includes(folder.path) || line.includes("timerfd")), []);
      }
    } finally {
      running = false;
    }
    await within(Promise.all(traffic));
    assert(Buffer.compare(fs.readFileSync(folder.at("file")), content) === 0);
  });
});

/** What `ls -l` in a child process says of a folder. */
function listed(path: string): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn("ls", ["-l", path], { stdio: ["ignore", "pipe", "ignore"] });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => output += text);
    child.on("error", reject);
    child.on("close", () => resolve(output.trim().split("\n").slice(1)));
  });
}
