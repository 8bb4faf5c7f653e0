// What libc does not take at once: requests wait for their turn, in their order, and nothing is lost or done twice. Also
// signals, and the limits of the process.

import { describeFaults, limit, starved, strike } from "./faults.ts";
import { AioError, AioQueue } from "@posix/aio";
import { assert, assertEquals, assertGreater, assertRejects } from "@std/assert";
import { it } from "@std/testing/bdd";
import fs from "node:fs";
import process from "node:process";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itUnless } from "../support/platform.ts";

const BYTES = 512;
const COUNT = 100;
const CONTENT = knownBytes(BYTES * COUNT);

const part = (index: number) => CONTENT.slice(index * BYTES, (index + 1) * BYTES);
const all = Array.from({ length: COUNT }, (_, index) => index);

const itAsRoot = (name: string, body: () => Promise<void>) =>
  itUnless(process.getuid?.() === 0 ? undefined : "not root", name, body);

async function readAndCheck(queue: AioQueue, fd: number): Promise<void> {
  await Promise.all(all.map(async (index) => {
    assertEquals((await queue.read(fd, { offset: index * BYTES, length: BYTES })).buffer, part(index), `part ${index}`);
  }));
}

describeFaults("a queue, when libc refuses", () => {
  // first of all, since libc has no thread yet
  itAsRoot("waits until libc can start a thread", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", CONTENT);
    const fd = folder.open("file");
    await using queue = new AioQueue({ depth: COUNT });
    let ended = false;
    let reads: Promise<unknown>;
    {
      using _none = starved();
      reads = readAndCheck(queue, fd).then(() => ended = true);
      for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setTimeout(resolve, 10));
      assert(!ended);
      assertEquals(queue.stats().completed, 0);
    }
    await reads;
    assert(ended);
  });

  for (const on of ["read", "list"] as const) {
    it(`brings every read although each third ${on} is refused`, async () => {
      using folder = new TemporaryFolder();
      folder.write("file", CONTENT);
      const fd = folder.open("file");
      await using queue = new AioQueue({ depth: COUNT });
      using faults = strike({ refuse: "EAGAIN" }, { on, fd: on === "list" ? -1 : fd, first: 1, every: 3 });
      await readAndCheck(queue, fd);
      assertGreater(faults.hits(), on === "list" ? 0 : 20);
    });
  }

  it("writes each part once although every other write is refused", async () => {
    using folder = new TemporaryFolder();
    const fd = folder.open("file", fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_APPEND);
    await using queue = new AioQueue({ depth: COUNT });
    using faults = strike({ refuse: "EAGAIN" }, { on: "write", fd, first: 2, every: 2 });
    await Promise.all(all.map((index) => queue.write(fd, part(index))));
    assertGreater(faults.hits(), 20);
    // appends in flight have no order among themselves, but each is there once and whole
    const text = new Uint8Array(fs.readFileSync(folder.at("file")));
    const found = all.map((index) => new DataView(text.buffer, text.byteOffset + index * BYTES).getFloat64(0, true));
    assertEquals(found.sort((a, b) => a - b), all.map((index) => index * BYTES + 0.5));
    assertEquals(text.length, CONTENT.length);
  });

  it("keeps the order of a pipe's bytes although each fourth write is refused", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("fifo");
    const fd = folder.open("fifo", "r+");
    await using queue = new AioQueue({ depth: COUNT });
    using faults = strike({ refuse: "EAGAIN" }, { on: "write", fd, first: 2, every: 4 });
    await Promise.all(all.map((index) => queue.write(fd, part(index))));
    assertGreater(faults.hits(), 0);
    const read = new Uint8Array(CONTENT.length);
    for (let at = 0; at < read.length;) at += fs.readSync(fd, read, at, read.length - at, null);
    assertEquals(read, CONTENT);
  });

  it("holds a sync back until refused writes have ended", async () => {
    using folder = new TemporaryFolder();
    const fd = folder.open("file", "w+");
    await using queue = new AioQueue({ depth: COUNT });
    using _faults = strike({ refuse: "EAGAIN" }, { on: "write", fd, first: 1, every: 5 });
    const writes = all.map((index) => queue.write(fd, part(index), { offset: index * BYTES }));
    let left = COUNT;
    for (const write of writes) write.then(() => left--);
    await queue.sync(fd);
    assertEquals(left, 0);
    assertEquals(new Uint8Array(fs.readFileSync(folder.at("file"))), CONTENT);
  });

  it("syncs although the sync is refused twice", async () => {
    using folder = new TemporaryFolder();
    const fd = folder.open("file", "w+");
    await using queue = new AioQueue();
    using faults = strike({ refuse: "EAGAIN" }, { on: "sync", fd, first: 1 });
    using again = strike({ refuse: "EAGAIN" }, { on: "sync", fd, first: 1 });
    await queue.sync(fd);
    assertEquals([faults.hits(), again.hits()], [1, 1]);
  });

  it("tells an error other than EAGAIN of the one request that is refused", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", CONTENT);
    const fd = folder.open("file");
    await using queue = new AioQueue();
    using _faults = strike({ refuse: "ENOMEM" }, { on: "read", fd });
    const error = await assertRejects(() => queue.read(fd, { length: BYTES }), AioError);
    assertEquals([error.code, error.syscall], ["ENOMEM", "aio_read"]);
    await readAndCheck(queue, fd);
  });

  it("ends what is refused for ever when it is cancelled, and can be closed", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", CONTENT);
    const fd = folder.open("file");
    const queue = new AioQueue();
    using faults = strike({ refuse: "EAGAIN" }, { on: "read", fd, first: 1, every: 1 });
    const reads = [0, 1, 2].map((index) => queue.read(fd, { offset: index * BYTES, length: BYTES }));
    const ended = Promise.allSettled(reads);
    await new Promise((resolve) => setTimeout(resolve, 60));
    assertGreater(faults.hits(), 1);
    await queue.close({ cancel: true });
    const codes = (await ended).map((result) => result.status === "rejected" ? result.reason.code : "kept");
    assertEquals(codes, ["ECANCELED", "ECANCELED", "ECANCELED"]);
  });
});

describeFaults("a queue, in a bad neighbourhood", () => {
  it("waits on although signals interrupt the waiting", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("fifo");
    const fd = folder.open("fifo", "r+");
    await using queue = new AioQueue();
    using _faults = strike({ interrupt: true }, { on: "suspend", first: 1, every: 2 });
    for (let turn = 0; turn < 5; turn++) {
      const read = queue.read(fd, { length: 1 });
      await new Promise((resolve) => setTimeout(resolve, 20));
      fs.writeSync(fd, "x");
      assertEquals((await read).bytes, 1);
    }
  });

  it("goes on with the lanes it has when there are no more descriptors (RLIMIT_NOFILE)", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", CONTENT);
    const fd = folder.open("file");
    await using queue = new AioQueue({ depth: COUNT, lanes: 8 });
    {
      using _few = limit("NOFILE", 0);
      await readAndCheck(queue, fd);
    }
    await readAndCheck(queue, fd);
  });

  it("tells EFBIG of the write beyond the largest file that is allowed (RLIMIT_FSIZE)", async () => {
    using folder = new TemporaryFolder();
    const fd = folder.open("file", "w+");
    await using queue = new AioQueue({ depth: COUNT });
    {
      using _small = limit("FSIZE", BYTES * 3 + 100);
      const writes = [0, 1, 2, 3, 4].map((index) => queue.write(fd, part(index), { offset: index * BYTES }));
      const results = await Promise.allSettled(writes);
      const told = results.map((each) => each.status === "fulfilled" ? each.value.bytes : each.reason.code);
      assertEquals(told, [BYTES, BYTES, BYTES, 100, "EFBIG"]);
    }
    assertEquals((await queue.write(fd, part(4), { offset: 4 * BYTES })).bytes, BYTES);
    assert(fs.fstatSync(fd).size === 5 * BYTES);
  });
});
