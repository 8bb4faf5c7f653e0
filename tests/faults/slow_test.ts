// Requests that libc begins with late, and waiting that signals interrupt all the time: what depends on a request waits
// for it, nothing else does, and each ends once.

import { describeFaults, storm, strike } from "./faults.ts";
import { AioQueue, copy } from "@posix/aio";
import { assert, assertEquals, assertGreater } from "@std/assert";
import { it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import fs from "node:fs";
import { knownBytes, TemporaryFolder } from "../support/files.ts";

const BYTES = 4096;
const COUNT = 60;
const CONTENT = knownBytes(BYTES * COUNT);

const part = (index: number) => CONTENT.slice(index * BYTES, (index + 1) * BYTES);
const all = Array.from({ length: COUNT }, (_, index) => index);

for (const lanes of [1, 4]) {
  describeFaults(`a queue with ${lanes} lanes and slow requests`, () => {
    it("lets a sync wait for slow writes, and nothing else", async () => {
      using folder = new TemporaryFolder();
      const [slow, other] = [folder.open("slow", "w+"), folder.open("other", "w+")];
      await using queue = new AioQueue({ depth: COUNT * 2, lanes });
      using faults = strike({ held: true }, { on: "write", fd: slow, first: 2, every: 20 });
      let written = 0;
      for (const index of all) queue.write(slow, part(index), { offset: index * BYTES }).then(() => written++);
      let writtenAtSync = -1;
      const synced = queue.sync(slow).then(() => writtenAtSync = written);
      await Promise.all(all.map((index) => queue.write(other, part(index), { offset: index * BYTES })));
      await queue.sync(other);
      assertEquals(writtenAtSync, -1);
      faults.release();
      await synced;
      assertEquals([faults.hits(), writtenAtSync], [3, COUNT]);
      for (const name of ["slow", "other"]) assert(Buffer.compare(fs.readFileSync(folder.at(name)), CONTENT) === 0);
    });

    it("goes on while a sync is slow, and waits for it", async () => {
      using folder = new TemporaryFolder();
      folder.write("other", CONTENT);
      const [fd, other] = [folder.open("file", "w+"), folder.open("other")];
      await using queue = new AioQueue({ depth: COUNT, lanes });
      using faults = strike({ held: true }, { on: "sync", fd });
      await queue.write(fd, CONTENT, { offset: 0 });
      let ended = false;
      const synced = queue.sync(fd).then(() => ended = true);
      assertEquals((await queue.read(other, { length: BYTES })).buffer, part(0));
      assert(!ended);
      faults.release();
      await synced;
      assert(ended);
    });
  });
}

describeFaults("copy() with slow requests", () => {
  for (const on of ["read", "write", "sync"] as const) {
    it(`copies every byte although each ${on === "sync" ? "sync" : `10th ${on}`} is slow`, async () => {
      using folder = new TemporaryFolder();
      const source = folder.write("source", CONTENT);
      using faults = strike({ slow: 30 }, { on, first: 1, every: 10 });
      await copy(source, folder.at("target"), { method: "aio", chunkBytes: BYTES, sync: true });
      assertGreater(faults.hits(), 0);
      assert(Buffer.compare(fs.readFileSync(folder.at("target")), CONTENT) === 0);
    });
  }
});

describeFaults("a storm of signals", () => {
  it("loses no request of a queue that waits for slow ones", async () => {
    using folder = new TemporaryFolder();
    const fd = folder.open("file", "w+");
    folder.fifo("fifo");
    const fifo = folder.open("fifo", "r+");
    await using queue = new AioQueue({ depth: COUNT, lanes: 4 });
    using _faults = strike({ slow: 20 }, { on: "write", fd, first: 1, every: 3 });
    using signals = storm();
    for (let round = 0; round < 5; round++) {
      const silent = queue.read(fifo, { length: 1 });
      const written = await Promise.all(all.map((index) => queue.write(fd, part(index), { offset: index * BYTES })));
      assertEquals(written.map(({ bytes }) => bytes), all.map(() => BYTES));
      fs.writeSync(fifo, "x");
      assertEquals((await silent).bytes, 1);
      assert(Buffer.compare(fs.readFileSync(folder.at("file")), CONTENT) === 0);
    }
    assertGreater(signals.sent(), 0);
  });
});
