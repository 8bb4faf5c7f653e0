// Many random requests while garbage is collected at every turn of the event loop: every byte is checked, memory stays
// flat, and glibc checks its own. Some 20 seconds of it; AIO_TEST_BIG=1 makes it 5,000,000 requests.

import { assert, assertEquals, assertGreater } from "@std/assert";
import { describe } from "@std/testing/bdd";
import fs from "node:fs";
import { runChild } from "../support/child.ts";
import { itOnLinux } from "../support/platform.ts";
import { BIG, scaled } from "../support/scale.ts";
import { assertFlat, runStress } from "./run_stress.ts";
import type { Amount } from "./run_stress.ts";

const AMOUNT: Amount = BIG
  ? { seconds: 20, requests: scaled(5_000_000), atOnce: 1000, thorough: 256 }
  : { seconds: scaled(20), requests: scaled(1000), atOnce: 500, thorough: 1 };

/** Everything that the run does, under the names with which it counts. */
const KINDS = ["read", "write", "readv", "writev", "control block", "cancel", "ECANCELED", "EBADF"];

/** Since 2.34 glibc has its checks in a library of their own, which musl has not at all. */
const LIBRARY = "libc_malloc_debug.so.0";

/** Has glibc check its memory: the variable had another name before 2.34. */
const CHECKS = {
  ...{ LD_PRELOAD: LIBRARY, GLIBC_TUNABLES: "glibc.malloc.check=3" },
  ...{ MALLOC_CHECK_: "3", MALLOC_PERTURB_: "165" },
};

/** Whether this system has that library, in one of the places where distributions put it. */
const hasLibrary = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu"]
  .some((folder) => fs.existsSync(`${folder}/${LIBRARY}`));

describe("the stress run", () => {
  itOnLinux("has every byte right and memory flat, with glibc checking its own where it can", async () => {
    const report = await runStress(AMOUNT, { env: hasLibrary ? CHECKS : {}, killAfterMs: 1_700_000 });
    assertFlat(report);
    for (const kind of KINDS) assertGreater(report.counts[kind], 0, `no ${kind}`);
    assertEquals(report.checks.calloc === LIBRARY, hasLibrary, "libc's own memory comes from elsewhere");
    assertEquals(report.checks.filled, hasLibrary);
  });

  itOnLinux("would end with a signal if a byte were written past the end of libc's memory", async () => {
    const script = new URL("children/overrun.ts", import.meta.url);
    const { stdout, signal } = await runChild(script, { env: hasLibrary ? CHECKS : {} });
    assert(stdout.includes("overrun"));
    if (hasLibrary) assertEquals([stdout.includes("not noticed"), signal], [false, "SIGABRT"]);
  });
});
