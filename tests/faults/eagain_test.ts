// A system that says EAGAIN to whatever it does not like, as macOS does: a wrong request gets its own error at once, a
// right one waits for its turn.

import { describeFaults, strike } from "./faults.ts";
import { AioError, AioQueue } from "@posix/aio";
import { assertEquals, assertGreater, assertRejects } from "@std/assert";
import { it } from "@std/testing/bdd";
import fs from "node:fs";
import { platform } from "../../structs/platform.ts";
import { TemporaryFolder } from "../support/files.ts";

describeFaults("a queue, where every refusal is EAGAIN", () => {
  Object.assign(platform().behaviour, { checksArguments: false });

  it("tells a wrong access mode and a pipe from a system that is busy", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "abc");
    folder.fifo("fifo");
    const sink = folder.open("file", fs.constants.O_WRONLY);
    const source = folder.open("file");
    const fifo = folder.open("fifo", "r+");
    await using queue = new AioQueue();
    {
      using _faults = strike({ refuse: "EAGAIN" }, { on: "read", fd: sink, first: 1, every: 1 });
      const error = await assertRejects(() => queue.read(sink, { length: 1 }), AioError, "not opened for this");
      assertEquals((error as AioError).code, "EBADF");
    }
    {
      using _faults = strike({ refuse: "EAGAIN" }, { on: "read", fd: fifo, first: 1, every: 1 });
      const error = await assertRejects(() => queue.read(fifo, { length: 1 }), AioError, "pipe or FIFO");
      assertEquals((error as AioError).code, "EOPNOTSUPP");
    }
    using faults = strike({ refuse: "EAGAIN" }, { on: "read", fd: source, first: 1, every: 2 });
    for (let round = 0; round < 4; round++) assertEquals((await queue.read(source, { length: 3 })).bytes, 3);
    assertGreater(faults.hits(), 0);
  });
});
