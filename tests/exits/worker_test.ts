// Workers that end with requests in flight: their process goes on, and what libc still has of theirs is done to their
// files and to no others, though runtimes close the descriptors of a worker and give the numbers away again.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fs from "node:fs";
import { copy } from "@posix/aio";
import { platform } from "../../structs/platform.ts";
import { runChild } from "../support/child.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itUnless, itWithPipes } from "../support/platform.ts";
import { noUring } from "../uring/on_uring.ts";

const child = (name: string) => new URL(`./children/${name}`, import.meta.url);

describe("a worker with a queue of its own", () => {
  // what a terminated worker says of itself differs between the runtimes
  const ways = [["return", /^0(,0){2}$/], ["exit", /^5(,5){2}$/], ["throw", /thrown/], ["terminate", /./]] as const;
  for (const [way, ends] of ways) {
    it(`ends by ${way}, and leaves its process as it was`, async () => {
      using folder = new TemporaryFolder();
      const path = folder.write("file", new Uint8Array(65536).fill(1));
      const { code, signal, stdout, stderr } = await runChild(child("worker_end.ts"), { args: [path, way] });
      assertEquals([code, signal], [0, null], stderr);
      assertMatch(stdout.trim(), ends);
    });
  }

  it("ends with its process", async () => {
    using folder = new TemporaryFolder();
    const path = folder.write("file", new Uint8Array(65536).fill(1));
    const { code, signal, stdout, stderr } = await runChild(child("worker_end.ts"), { args: [path, "leave"] });
    assertEquals([code, signal, stdout.trim()], [0, null, "left"], stderr);
  });

  itWithPipes("writes to no other file when it is terminated", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("fifo");
    const { stdout } = await runChild(child("fifo_worker.ts"), { args: [folder.path] });
    assertEquals(stdout.trim(), "81920 bytes arrived, 0 other files were written");
  });
});

describe("many workers that are terminated in the middle of requests", () => {
  for (const engine of ["posix", "io_uring"]) {
    const noGlibc = platform().behaviour.serialPerDescriptor
      ? undefined
      : "only glibc can be told what to do at a thread's end";
    itUnless(
      noGlibc ?? (engine === "posix" ? undefined : noUring),
      `leave no descriptor of the ${engine} engine's`,
      async () => {
        using folder = new TemporaryFolder();
        folder.write("file", knownBytes(1 << 20));
        folder.fifo("fifo");
        const { code, signal, stdout, stderr } = await runChild(child("worker_descriptors.ts"), {
          args: [folder.path, engine],
          killAfterMs: 60_000,
        });
        assertEquals([code, signal, stdout.trim()], [0, null, "nothing is left"], stderr);
      },
    );
  }
});

for (const method of ["kernel", "aio"]) {
  describe(`copy() by ${method} in a worker`, () => {
    it("leaves old or new content when the worker is terminated", async () => {
      using folder = new TemporaryFolder();
      const source = folder.write("source", knownBytes(16 << 20));
      const target = folder.at("target");
      const args = [source, target, method];
      const { code, signal, stdout, stderr } = await runChild(child("copy_worker.ts"), { args });
      assertEquals([code, signal], [0, null], stderr);
      assertMatch(stdout, /^((old|new)\n){4}new\n$/);
      assert(stdout.includes("old"), "no copy was ended midway");
      await copy(source, target);
      assertEquals(fs.readdirSync(folder.path).sort(), ["source", "target"]);
    });
  });
}
