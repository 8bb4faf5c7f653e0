/**
 * The threads of libc that a queue reckons with are those that there are, whoever has set them; those that nothing is left
 * for are let go.
 *
 * @module
 */

import { AioQueue } from "@posix/aio";
import type { AioRequest } from "@posix/aio";
import { assert, assertEquals, assertGreaterOrEqual, assertLess } from "@std/assert";
import { describe } from "@std/testing/bdd";
import fs from "node:fs";
import { runChild } from "../support/child.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itOnLinux, itWithPipes } from "../support/platform.ts";

describe("an AioQueue after requests of the C interface", () => {
  itWithPipes("reads files while 30 silent pipes are being read, though libc keeps to its 20 threads", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "0123456789abcdef");
    for (let index = 0; index < 30; index++) folder.fifo(`pipe${index}`);
    const script = new URL("children/streams_after_sys.ts", import.meta.url);
    const { code, stdout, stderr } = await runChild(script, { args: [folder.path], killAfterMs: 10_000 });
    assertEquals([code, stdout, stderr], [0, "16\n", ""]);
  });
});

describe("an AioQueue whose requests end within microseconds, after many threads were at work", () => {
  itOnLinux("lets libc's threads go that would only take turns", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", knownBytes(1 << 20));
    const file = folder.open("file");
    await using queue = new AioQueue();
    const count = () => fs.readdirSync("/proc/self/task").length;
    const buffers = Array.from({ length: 16 }, () => queue.buffers.take(4096).bytes);

    function* reads(): Generator<AioRequest> {
      for (let tag = 0; tag < 20_000; tag++) {
        yield { op: "read", fd: file, offset: tag % 256 * 4096, buffer: buffers[tag % 16] };
      }
    }

    const before = count();
    const pipes = Array.from({ length: 32 }, (_, index) => fs.openSync(folder.fifo(`pipe${index}`), "r+"));
    const silent = pipes.map((fd) => queue.read(fd, { length: 1 }));
    while (queue.stats().held < 32) await new Promise((resolve) => setTimeout(resolve, 10));
    for (const fd of pipes) fs.writeSync(fd, "x");
    await Promise.all(silent);
    for (const fd of pipes) fs.closeSync(fd);
    assertGreaterOrEqual(count(), 32); // of those before, some may be gone

    // far sooner than libc would let them go, if it ever did
    await using few = new AioQueue({ depth: 4 });
    const until = performance.now() + 60_000;
    while (count() >= before + 8 && performance.now() < until) {
      few.submit(reads());
      for await (const batch of few.batches()) assert(batch.every(({ bytes }) => bytes === 4096));
    }
    assertLess(count(), before + 8);
  });
});
