// What a program forgets to close or give back: it is told once, and what can be mended is.

import { assert, assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { runChild } from "../support/child.ts";
import { TemporaryFolder } from "../support/files.ts";
import { itOnLinux } from "../support/platform.ts";

/** Forgets five of something in a process of its own. */
async function forget(what: string): Promise<{ warnings: string[]; timesOpen: number; stderr: string }> {
  using folder = new TemporaryFolder();
  const path = folder.write("file", "0123456789");
  const script = new URL("children/forget.ts", import.meta.url);
  const { code, stdout, stderr } = await runChild(script, { args: [path, folder.fifo("fifo"), what] });
  assertEquals(code, 0, stderr);
  return { ...JSON.parse(stdout), stderr };
}

const FORGOTTEN = [
  ["files", "An AioFile was not closed and has been collected: its descriptor is closed now."],
  ["buffers", "A pool buffer was not given back and has been collected: its memory stays reserved."],
  ["bytes", "Bytes from allocate() were not given back and have been collected: their memory stays reserved."],
  ["blocks in flight", "An Aiocb was collected while its request was in flight: nobody can learn how it ended."],
] as const;

describe("what is forgotten", () => {
  for (const [what, told] of FORGOTTEN) {
    itOnLinux(`is told of once: five ${what}`, async () => {
      const { warnings, timesOpen, stderr } = await forget(what);
      assertEquals([warnings.length, timesOpen], [1, 0]);
      assert(warnings[0].startsWith(told), warnings[0]);
      assertEquals(stderr.split(told).length - 1, 1, stderr);
    });
  }

  for (const what of ["closed files", "released buffers", "disposed bytes", "idle blocks", "queues"]) {
    itOnLinux(`is nothing: five ${what}`, async () => {
      const { warnings, timesOpen, stderr } = await forget(what);
      assertEquals([warnings, timesOpen, stderr], [[], 0, ""]);
    });
  }
});
