// How a program on FreeBSD waits and ends, by each of the two waiters. Each case is a process of its own. Runs on Bun in short runs.

import { assert, assertEquals, assertLess } from "@std/assert";
import { it } from "@std/testing/bdd";
import { describeFreebsd } from "../on_freebsd.ts";
import { runChild } from "../../support/child.ts";
import { knownBytes, TemporaryFolder } from "../../support/files.ts";

const WAIT = new URL("./children/wait.ts", import.meta.url);
const WORKERS = new URL("./children/workers.ts", import.meta.url);

/** A process that hangs at its end is killed, and has a signal instead of a status then. */
const killAfterMs = 20_000;

for (const waiter of ["kqueue", "suspend"]) {
  describeFreebsd(`waiting on FreeBSD by ${waiter}`, () => {
    it("for a silent socket wakes up some ten times a second and does not spin, and process.exit ends it", async () => {
      const { code, stdout, stderr } = await runChild(WAIT, { args: ["wakes", waiter], killAfterMs });
      assertEquals(code, 7, stderr);
      const [wakes, busy] = /wakes ([\d.]+) busy ([\d.]+)/.exec(stdout)!.slice(1).map(Number);
      assertLess(wakes, 150); // the stand-in looks at its sockets every 20 ms
      assertLess(busy, 0.7); // a spin takes a whole core, or a small part of one where all are busy
    });

    it("ends with an uncaught error", async () => {
      const { code, stderr } = await runChild(WAIT, { args: ["throw", waiter], killAfterMs });
      assert(stderr.includes("nobody catches this"));
      assertEquals(code, 1);
    });

    it("lets the process end after the last request when the queue is merely idle", async () => {
      const { code, stderr } = await runChild(WAIT, { args: ["idle", waiter], killAfterMs });
      assertEquals(code, 0, stderr);
    });

    it("notices at once the end of a request that came while the thread waited", async () => {
      const { code, stdout, stderr } = await runChild(WAIT, { args: ["latency", waiter], killAfterMs });
      assertEquals(code, 0, stderr);
      const [reading, elsewhere] = /milliseconds ([\d.]+) ([\d.]+)/.exec(stdout)!.slice(1).map(Number);
      // 20 rounds, in each of which the stand-in looks at its sockets after 20 ms at most; if only the thread's own timeout
      // of 100 ms took up the ends, that would be a second more, however busy the machine is
      assertLess(reading, 5 * elsewhere + 900);
    });
  });
}

describeFreebsd("workers on FreeBSD", () => {
  it("may be terminated with reads in flight", async () => {
    using folder = new TemporaryFolder();
    const file = folder.write("file", knownBytes(1 << 20));
    const { code, signal, stdout, stderr } = await runChild(WORKERS, { args: [file, "12"], killAfterMs: 170_000 });
    assertEquals([code, signal, stdout.trim()], [0, null, "read 4096"], stderr);
  });
});
