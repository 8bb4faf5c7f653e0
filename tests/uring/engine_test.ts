// Queues and files by either engine: what is chosen, both side by side, and what only io_uring can do.

import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fs from "node:fs";
import process from "node:process";
import { AioFile, AioQueue } from "@posix/aio";
import type { AioQueueOptions } from "@posix/aio";
import { refusal } from "../../engine/backends/ring_refusal.ts";
import { platform } from "../../structs/platform.ts";
import { runChild } from "../support/child.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itUnless } from "../support/platform.ts";
import { noUring } from "./on_uring.ts";

const itOnUring = (name: string, body: () => void | Promise<void>) => itUnless(noUring, name, body);

describe("the engine of a queue", () => {
  it("is POSIX AIO unless another is asked for, and an unknown one is refused by name", async () => {
    await using queue = new AioQueue();
    assertEquals(queue.engine, "posix");
    await using posix = new AioQueue({ engine: "posix" });
    assertEquals(posix.engine, "posix");
    const wrong = { engine: "iouring" } as unknown as AioQueueOptions;
    assertThrows(() => new AioQueue(wrong), RangeError, 'engine "iouring": expected "posix", "io_uring" or "auto"');
    assertThrows(() => new AioQueue({ engine: "io_uring", threads: 4 }), TypeError, "threads or waiter together");
    await assertRejects(() => AioFile.open("/etc/passwd", { queue, engine: "posix" }), TypeError, "engine or lanes");
    await using auto = new AioQueue({ engine: "auto" });
    assertEquals(auto.engine, noUring === undefined ? "io_uring" : "posix");
  });

  it("that the kernel refuses says why, and what would mend it", () => {
    const { ENOSYS, EPERM, ENOMEM, EINVAL } = platform().errno;
    const texts = [[0, "older than 5.7"], [ENOSYS, "no io_uring"], [EPERM, "io_uring"], [
      ENOMEM,
      "RLIMIT_MEMLOCK",
    ]] as const;
    for (const [errno, text] of texts) assertStringIncludes(refusal(errno).message, text);
    assertEquals(refusal(EPERM).code, "EPERM");
    assertStringIncludes(refusal(EINVAL).message, 'engine "posix"');
  });

  itOnUring("is each queue's own: both move the same file's bytes side by side", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(1 << 20);
    const fd = fs.openSync(folder.write("file", content), "r+");
    await using one = new AioQueue({ engine: "io_uring" });
    await using other = new AioQueue({ engine: "posix" });
    assertEquals([one.engine, other.engine], ["io_uring", "posix"]);
    const reads = Array.from({ length: 500 }, (_, index) => {
      const offset = index * 2000;
      return (index % 2 === 0 ? one : other).read(fd, { offset, length: 3000 }).then(({ buffer }) =>
        assertEquals(buffer, content.slice(offset, offset + 3000))
      );
    });
    await Promise.all(reads);
    await using file = await AioFile.open(folder.at("file"), { flags: "r+", engine: "io_uring" });
    assertEquals(file.queue.engine, "io_uring");
    await file.write("changed", { offset: 10 });
    await file.sync({ dataOnly: true });
    assertEquals(new TextDecoder().decode((await other.read(fd, { offset: 10, length: 7 })).buffer), "changed");
    fs.closeSync(fd);
  });

  itOnUring(
    "cancels reads of silent pipes: memory comes back, nothing is warned of, and hundreds stop no file",
    async () => {
      using folder = new TemporaryFolder();
      const warnings: Error[] = [];
      const listen = (warning: Error) => void warnings.push(warning);
      process.on("warning", listen);
      const file = folder.write("file", "abc");
      const fd = folder.open("file");
      const queue = new AioQueue({ engine: "io_uring", depth: 2000 });
      const pipes = Array.from({ length: 600 }, (_, index) => {
        folder.fifo(`pipe${index}`);
        return folder.open(`pipe${index}`, "r+");
      });
      using buffer = queue.buffers.take(100);
      const controller = new AbortController();
      const { signal } = controller;
      const silent = Promise.allSettled(
        pipes.map((pipe, index) =>
          queue.read(pipe, index === 0 ? { buffer: buffer.bytes, signal } : { length: 10, signal })
        ),
      );
      for (let count = 0; count < 50; count++) assertEquals((await queue.read(fd, { length: 3 })).bytes, 3);
      assertEquals(queue.stats().held, 600);
      controller.abort();
      assert((await silent).every(({ status }) => status === "rejected"));
      await buffer.idle();
      while (queue.stats().inFlight > 0) await new Promise((resolve) => setTimeout(resolve, 1));
      for (const pipe of pipes) fs.writeSync(pipe, "x");
      assertEquals((await queue.read(pipes[0], { length: 5 })).bytes, 1);
      const given = queue.read(pipes[0], { length: 1 }).catch((error) => error.code);
      await queue[Symbol.asyncDispose]();
      assertEquals(await given, "ECANCELED");
      process.off("warning", listen);
      assertEquals(warnings.map(String), []);
      assert(file !== "");
    },
  );

  itOnUring("lets the process end at once with reads under way, and after the last one by itself", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("pipe");
    const both = fs.openSync(folder.at("pipe"), "r+");
    const child = new URL("children/ends.ts", import.meta.url);
    for (const [way, code] of [["exit", 7], ["throw", 1], ["end", 0]] as const) {
      const ended = await runChild(child, { args: [folder.at("pipe"), way] });
      assertEquals([way, ended.code, ended.signal], [way, code, null]);
    }
    fs.closeSync(both);
  });
});
