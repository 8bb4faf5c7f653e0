// All control blocks are taken when the thread that waits is needed for the first time: a process of its own.

import { describeFaults, strike } from "./faults.ts";
import { AioQueue } from "@posix/aio";
import { assertEquals, assertGreater } from "@std/assert";
import { it } from "@std/testing/bdd";
import { SLOTS_MAX } from "../../engine/backends/blocks.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";

describeFaults("a queue that needs its thread while libc holds all it takes", () => {
  it("waits for what is in flight and loses nothing", async () => {
    const count = SLOTS_MAX * 2;
    using folder = new TemporaryFolder();
    folder.write("file", knownBytes(count));
    const fd = folder.open("file");
    await using queue = new AioQueue({ depth: count, lanes: 64 });
    using faults = strike({ slow: 50 }, { on: "read", first: 1, every: 15 });
    queue.submit(Array.from({ length: count }, (_, tag) => ({ op: "read" as const, fd, offset: tag, length: 1, tag })));
    const tags = new Set<unknown>();
    for await (const { tag, bytes, error } of queue) {
      assertEquals([bytes, error], [1, undefined]);
      tags.add(tag);
    }
    assertEquals(tags.size, count);
    assertGreater(faults.hits(), 0);
  });
});
