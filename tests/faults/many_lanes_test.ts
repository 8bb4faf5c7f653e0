// As many lanes as a few files bring, of which none moves for a while: a process of its own, so that nothing else waits.

import { describeFaults, strike } from "./faults.ts";
import { AioQueue } from "@posix/aio";
import { assertEquals, assertLess } from "@std/assert";
import { it } from "@std/testing/bdd";
import { setTimeout as pause } from "node:timers/promises";
import { knownBytes, TemporaryFolder } from "../support/files.ts";

const LANES = 64;
const NAMES = ["a", "b", "c", "d", "e"];

describeFaults("a queue with 240 lanes that wait", () => {
  it("leaves the waiting to its thread", async () => {
    using folder = new TemporaryFolder();
    const fds = NAMES.map((name) => {
      folder.write(name, knownBytes(LANES));
      return folder.open(name);
    });
    folder.write("kick", knownBytes(1));
    const kick = folder.open("kick");
    await using queue = new AioQueue({ depth: 1024, lanes: LANES });
    await queue.read(kick, { length: 1 }); // libc and the queue have started
    const slow = fds.map((fd) => strike({ slow: 900 }, { on: "read", fd, first: 1, every: 1 }));
    const reads = fds.flatMap((fd) => Array.from({ length: 48 }, (_, offset) => queue.read(fd, { offset, length: 1 })));
    await pause(100);
    const waits = strike({ interrupt: true }, { on: "suspend", first: 4, every: 4 });
    for (let count = 0; count < 20; count++) {
      await queue.read(kick, { length: 1 });
      await pause(15);
    }
    const fours = waits.hits();
    assertEquals((await Promise.all(reads)).map(({ bytes }) => bytes), reads.map(() => 1));
    for (const each of slow) each[Symbol.dispose]();
    assertLess(fours, 15); // two or three, and dozens to thousands where thread and queue woke each other over and over
  });
});
