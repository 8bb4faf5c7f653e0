// How a process ends with requests of every kind under way: with its own status or signal, soon, without a crash. What
// libc had not begun is lost then, as with any write that nobody waited for; what it had begun is done right.

import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import fs from "node:fs";
import { runChild } from "../support/child.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itWithPipes } from "../support/platform.ts";
import { scaled } from "../support/scale.ts";

const END = new URL("./children/end.ts", import.meta.url);
const FINISH = new URL("./children/finish.ts", import.meta.url);
const ROUNDS = scaled(2, 30);
const BYTES = 65536;
const CONTENT = knownBytes(64 * BYTES);

/** How it ends, its exit status, and the signal that ended it. */
const WAYS: readonly (readonly [name: string, way: string, code: number | null, signal: string | null])[] = [
  ["process.exit()", "exit", 7, null],
  ["an uncaught error", "throw", 1, null],
  ["an unhandled rejection", "reject", 1, null],
  ["SIGTERM", "SIGTERM", null, "SIGTERM"],
  ["SIGTERM, whose handler closes the queue", "handled", 3, null],
];

describe("a process with requests in flight", () => {
  for (const [name, way, code, signal] of WAYS) {
    itWithPipes(`ends by ${name}, and what was written is right`, async () => {
      for (let round = 0; round < ROUNDS; round++) {
        using folder = new TemporaryFolder();
        folder.write("source", CONTENT);
        folder.fifo("fifo");
        const target = folder.write("target", new Uint8Array(CONTENT.length));
        // glibc fills what is freed, so that what still reads or writes it would show
        const env = { MALLOC_PERTURB_: "165" };
        const ended = await runChild(END, { args: [folder.path, way, String(round % 10 * 10)], env });
        assertEquals([ended.code, ended.signal], [code, signal], ended.stderr);
        assert(ended.stdout.startsWith(way === "handled" ? "ending\nclosed" : "ending"), ended.stdout);
        assertEquals(ended.stderr.includes("nobody catches this"), way === "throw" || way === "reject");
        const written = fs.readFileSync(target);
        for (let offset = 0; offset < written.length; offset += 4096) {
          const page = written.subarray(offset, offset + 4096);
          const whole = Buffer.compare(page, CONTENT.subarray(offset, offset + 4096)) === 0;
          assert(whole || page.every((byte) => byte === 0), `page at ${offset}`);
        }
      }
    });
  }

  it("ends by itself when nothing is left, and not before", async () => {
    using folder = new TemporaryFolder();
    folder.write("source", CONTENT);
    for (const kept of ["kept", "forgotten"]) {
      const target = folder.write("target", "");
      const { code, signal, stdout, stderr } = await runChild(FINISH, { args: [folder.path, kept] });
      assertEquals([code, signal, stdout.trim(), stderr], [0, null, "64 written", ""]);
      assert(Buffer.compare(fs.readFileSync(target), CONTENT) === 0);
    }
  });
});
