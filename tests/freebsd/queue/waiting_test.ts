// How a program on FreeBSD waits and ends, by each of the two waiters. Each case is a process of its own.
// Runs alone: it measures time and processor time.

import { assert, assertEquals, assertLess } from "@std/assert";
import { it } from "@std/testing/bdd";
import { describeFreebsd } from "../on_freebsd.ts";
import { runChild } from "../../support/child.ts";
import { knownBytes, TemporaryFolder } from "../../support/files.ts";
import { measured } from "../../support/measured.ts";

const WAIT = new URL("./children/wait.ts", import.meta.url);
const WORKERS = new URL("./children/workers.ts", import.meta.url);

/** Milliseconds from the time that the child printed to its end. */
function sincePrinted(stdout: string): number {
  return Date.now() - Number(/\d{10,}/.exec(stdout)?.[0]);
}

for (const waiter of ["kqueue", "suspend"]) {
  describeFreebsd(`waiting on FreeBSD by ${waiter}`, () => {
    it("for a silent socket costs less than 1 % of a core, and process.exit ends it within 500 ms", async () => {
      await measured(async () => {
        const { code, stdout, stderr } = await runChild(WAIT, { args: ["processor", waiter] });
        assertLess(sincePrinted(stdout), 500, stderr);
        assertLess(Number(/percent ([\d.]+)/.exec(stdout)?.[1]), 1);
        assertEquals(code, 7);
      });
    });

    it("ends within 500 ms after an uncaught error", async () => {
      await measured(async () => {
        const { code, stdout, stderr } = await runChild(WAIT, { args: ["throw", waiter] });
        assertLess(sincePrinted(stdout), 500, stderr);
        assert(stderr.includes("nobody catches this"));
        assertEquals(code, 1);
      });
    });

    it("lets the process end within 500 ms after the last request when the queue is merely idle", async () => {
      await measured(async () => {
        const { code, stdout, stderr } = await runChild(WAIT, { args: ["idle", waiter] });
        assertLess(sincePrinted(stdout), 500, stderr);
        assertEquals(code, 0);
      });
    });

    it("notices at once the end of a request that came while the thread waited", async () => {
      await measured(async () => {
        const { code, stdout, stderr } = await runChild(WAIT, { args: ["latency", waiter] });
        assertEquals(code, 0, stderr);
        const [middle, late] = /milliseconds ([\d.]+) ([\d.]+)/.exec(stdout)!.slice(1).map(Number);
        assertLess(middle, 25); // the stand-in looks at its sockets every 20 ms
        assertLess(late, 80); // the thread's own timeout is 100 ms
      });
    });
  });
}

describeFreebsd("workers on FreeBSD", () => {
  it("may be terminated with reads in flight", async () => {
    using folder = new TemporaryFolder();
    const file = folder.write("file", knownBytes(1 << 20));
    const { code, signal, stdout, stderr } = await runChild(WORKERS, { args: [file, "12"], killAfterMs: 60_000 });
    assertEquals([code, signal, stdout.trim()], [0, null, "read 4096"], stderr);
  });
});
