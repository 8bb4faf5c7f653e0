// The `aio` command under limits of its process: a copy that cannot be made is an error, and leaves the target as it was.
// How many descriptors a runtime needs for itself is its own business, and so is how it ends without them.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { CHILD_ENVIRONMENT, RUNTIME_ARGUMENTS } from "../support/child.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { copy } from "@posix/aio";

const CLI = fileURLToPath(new URL("../../cli.ts", import.meta.url));
const CONTENT = knownBytes(3_000_000);
const METHODS = ["kernel", "aio"];

/** Runs `aio copy` in a shell that has set limits. */
function limited(limits: string, args: readonly string[]): { status: number | null; stderr: string } {
  const command = [process.execPath, ...RUNTIME_ARGUMENTS, CLI, "copy", "--quiet", ...args];
  return spawnSync("/bin/sh", ["-c", `${limits}; exec "$@"`, "sh", ...command], {
    encoding: "utf8",
    env: CHILD_ENVIRONMENT,
    timeout: 20_000,
  });
}

for (const method of METHODS) {
  describe(`aio copy by ${method}`, () => {
    it("says that a file is too large, and is not ended by SIGXFSZ (RLIMIT_FSIZE)", () => {
      using folder = new TemporaryFolder();
      // all of it holes; and the limit leaves room for what runtimes write for themselves
      const source = folder.write("source", "");
      fs.truncateSync(source, 2 ** 30);
      const target = folder.write("target", "old");
      const { status, stderr } = limited("ulimit -f 1000000", ["--method", method, source, target]);
      assertEquals(status, 1, stderr);
      assertMatch(stderr, /^aio: .*EFBIG/);
      assertEquals(fs.readFileSync(target, "utf8"), "old");
      assertEquals(fs.readdirSync(folder.path).sort(), ["source", "target"]);
    });

    it("leaves old or new content, however few descriptors there are (RLIMIT_NOFILE)", async () => {
      using folder = new TemporaryFolder();
      const source = folder.write("source", CONTENT);
      const target = folder.at("target");
      for (const descriptors of [20, 23, 26, 29]) {
        fs.writeFileSync(target, "old");
        const { status, stderr } = limited(`ulimit -n ${descriptors}`, ["--method", method, source, target]);
        assert(status !== null, `it hangs with ${descriptors} descriptors: ${stderr}`);
        const found = fs.readFileSync(target);
        if (status === 0) assert(Buffer.compare(found, CONTENT) === 0);
        else assertEquals(found.toString(), "old", stderr);
      }
      await copy(source, target);
      assertEquals(fs.readdirSync(folder.path).sort(), ["source", "target"]);
    });
  });
}
