// A queue whose waiter thread cannot start, for want of descriptors: it looks by itself whether requests have ended.

import { describeFaults, refuseTimers } from "./faults.ts";
import { AioQueue } from "@posix/aio";
import { assert, assertEquals } from "@std/assert";
import { it } from "@std/testing/bdd";
import fs from "node:fs";
import process from "node:process";
import { door } from "../../ffi/door.ts";
import type { Door } from "../../ffi/native.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** As a runtime that needs a descriptor for a thread; Deno would end, so that none is asked. */
function refuseThreads(): void {
  const startThread: Door["startThread"] = (_text, _data, { error }) => {
    setTimeout(() => error(new Error("EMFILE")), 5);
    return { post() {}, ref() {}, unref() {}, terminate() {} };
  };
  Object.assign(door(), { startThread });
}

describeFaults("a queue without its thread", () => {
  it("ends every request, and says once what that costs", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(1 << 16);
    folder.write("file", content);
    folder.fifo("fifo");
    const [fd, fifo] = [folder.open("file"), folder.open("fifo", "r+")];
    const warnings: string[] = [];
    process.on("warning", ({ message }: Error) => warnings.push(message));
    refuseThreads();
    refuseTimers();
    await using queue = new AioQueue();
    let read = queue.read(fifo, { length: 1 });
    await pause(50); // meanwhile it has begun to wait
    for (let round = 0; round < 5; round++) {
      fs.writeSync(fifo, "x");
      assertEquals((await read).bytes, 1);
      assertEquals(
        (await queue.read(fd, { length: 4096, offset: round * 4096 })).buffer,
        content.slice(round * 4096, (round + 1) * 4096),
      );
      read = queue.read(fifo, { length: 1 });
      await pause(10);
    }
    fs.writeSync(fifo, "x");
    await read;
    const said = warnings.filter((text) => text.includes("Cannot start the thread"));
    assert(said.length === 1 && said[0].includes("EMFILE"), warnings.join());
  });
});
