// What a request leaves for the garbage collector: nothing but what its caller gets, the promise and the result or the
// completion, and its share of a turn of the event loop. Told by the runtime's own counts, in a process for each case.

import { assert, assertEquals, assertLess } from "@std/assert";
import { describe } from "@std/testing/bdd";
import process from "node:process";
import v8 from "node:v8";
import { runChild } from "../support/child.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { measured } from "../support/measured.ts";
import { itUnless } from "../support/platform.ts";

const GARBAGE = new URL("./children/garbage.ts", import.meta.url);
const ON_BUN = process.versions.bun !== undefined;
/** JavaScriptCore says what was allocated with each collection, after every 8 MB or so. */
const REQUESTS = ON_BUN ? 1_000_000 : 200_000;
/** A turn of the event loop leaves some 1000 to 2000 bytes, shared by its requests; an operation would be 345 for each. */
const BYTES_MAX = 160;

const missing = process.platform !== "linux"
  ? "measured on Linux only: elsewhere a turn of the event loop may bring few requests"
  : !ON_BUN && !("total_allocated_bytes" in v8.getHeapStatistics())
  ? "this runtime does not tell how much was allocated"
  : undefined;

/** Bytes allocated for each request. */
async function allocated(what: "queue" | "bare", style: string, path: string): Promise<number> {
  const { code, stdout, stderr } = await runChild(GARBAGE, {
    args: [path, what, style, "32", String(REQUESTS)],
    env: { BUN_JSC_logGC: "1" },
  });
  assertEquals(code, 0, stderr);
  if (!ON_BUN) return Number(stdout);
  const counted = /^begin$(.*)^end$/ms.exec(stderr)?.[1] ?? "";
  const cycles = [...counted.matchAll(/bytes allocated this cycle: (\d+)/g)].map(([, bytes]) => Number(bytes));
  assert(cycles.length > 1, `no collections in the log:\n${stderr}`);
  return cycles.reduce((sum, bytes) => sum + bytes, 0) / REQUESTS;
}

describe("a read of 4 KiB, 32 in flight, leaves no garbage but its caller's", () => {
  const styles = {
    promises: "by a promise for each, with pool buffers",
    own: "by a promise for each, with buffers of the caller's own",
    fresh: "by a promise for each, with fresh bytes",
    batches: "by the batch iterator, with pool buffers",
  };
  for (const [style, how] of Object.entries(styles)) {
    itUnless(missing, how, async () => {
      using folder = new TemporaryFolder();
      const path = folder.write("file", knownBytes(1 << 20));
      await measured(async () => {
        const bare = await allocated("bare", style, path);
        const most = bare + BYTES_MAX;
        assertLess(await allocated("queue", style, path), most, `where ${bare} bytes are the caller's`);
      });
    });
  }
});
