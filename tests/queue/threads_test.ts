/**
 * The threads of libc that a queue reckons with are those that there are, whoever has set them.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { runChild } from "../support/child.ts";
import { TemporaryFolder } from "../support/files.ts";
import { itWithPipes } from "../support/platform.ts";

describe("an AioQueue after requests of the C interface", () => {
  itWithPipes("reads files while 30 silent pipes are being read, though libc keeps to its 20 threads", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "0123456789abcdef");
    for (let index = 0; index < 30; index++) folder.fifo(`pipe${index}`);
    const script = new URL("children/streams_after_sys.ts", import.meta.url);
    const { code, stdout, stderr } = await runChild(script, { args: [folder.path], killAfterMs: 10_000 });
    assertEquals([code, stdout, stderr], [0, "16\n", ""]);
  });
});
