// Lanes that were made for requests which libc then refused: they must not outlive them, for the number may be closed and
// used for another file.

import { describeFaults, strike } from "../faults/faults.ts";
import { AioQueue } from "@posix/aio";
import { assert, assertEquals } from "@std/assert";
import { it } from "@std/testing/bdd";
import fs from "node:fs";
import { TemporaryFolder } from "../support/files.ts";
import { openAs, within } from "./support.ts";

describeFaults("lanes of requests that were refused and cancelled", () => {
  it("are not used for the next file that has the number", async () => {
    using folder = new TemporaryFolder();
    folder.write("new", new Uint8Array(64 * 1024));
    await using queue = new AioQueue({ depth: 64, lanes: 8 });
    const old = fs.openSync(folder.at("old"), "w+");
    const write = (fd: number, index: number) =>
      queue.write(fd, new Uint8Array(1024).fill(7), { offset: index * 1024 });
    {
      using refusals = strike({ refuse: "EAGAIN" }, { on: "list", every: 1 });
      const outcomes = Promise.allSettled(Array.from({ length: 64 }, (_, index) => write(old, index)));
      await Promise.resolve();
      assertEquals([refusals.hits(), queue.stats().held], [1, 0]);
      queue.cancel();
      fs.closeSync(old);
      for (const { status } of await outcomes) assertEquals(status, "rejected");
    }
    using file = openAs(old, folder.at("new"), "r+");
    await within(Promise.all(Array.from({ length: 64 }, (_, index) => write(file.fd, index))));
    assert(fs.readFileSync(folder.at("new")).every((byte) => byte === 7));
    assertEquals(fs.statSync(folder.at("old")).size, 0);
  });
});
