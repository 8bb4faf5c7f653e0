/**
 * A copy that is killed leaves the target's old content, or none if there was none, and the next one cleans up.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { copy } from "../../mod.ts";
import { RUNTIME_ARGUMENTS } from "../support/child.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";

const KILLS = process.env.AIO_TEST_BIG === "1" ? 100 : 10;
const SOURCE_BYTES = 96 * 1024 * 1024 + 1;
const OLD = knownBytes(1_000_000, 7);

/** Starts a copy in a process of its own and kills it some time after it has begun. */
async function killedCopy(source: string, target: string, options: object, afterMs: number): Promise<boolean> {
  const script = fileURLToPath(new URL("./copy_child.ts", import.meta.url));
  const child = spawn(process.execPath, [...RUNTIME_ARGUMENTS, script, source, target, JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  await once(child.stdout, "data");
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  child.kill("SIGKILL");
  const [, signal] = await ended;
  return signal === "SIGKILL";
}

for (const method of ["kernel", "aio"] as const) {
  for (const exists of [true, false]) {
    describe(`copy() by ${method} to a target that ${exists ? "exists" : "is absent"}`, () => {
      it(`leaves old or new content when it is killed at ${KILLS} moments, and the next one cleans up`, async () => {
        using folder = new TemporaryFolder();
        const content = knownBytes(SOURCE_BYTES);
        const source = folder.write("source", content);
        const target = folder.at("target");
        let leftOvers = 0;
        for (let kill = 0; kill < KILLS; kill++) {
          if (exists) fs.writeFileSync(target, OLD);
          else fs.rmSync(target, { force: true });
          // the copy begins some 50 ms after its process says so; from then on everything shall be hit
          await killedCopy(source, target, { method, sync: kill % 2 === 1 }, Math.random() * 250);
          const others = fs.readdirSync(folder.path).filter((name) => name !== "source" && name !== "target");
          assert(others.every((name) => /^\.target\..*\.aio-copy$/.test(name)), others.join());
          leftOvers += others.length;
          assert(others.length <= 1, "the copy before did not clean up");
          if (!fs.existsSync(target)) {
            assert(!exists, "the old content is gone");
          } else {
            const found = fs.readFileSync(target);
            const whole = Buffer.compare(found, content) === 0 || exists && Buffer.compare(found, OLD) === 0;
            assert(whole, `${found.length} bytes that are neither old nor new`);
          }
        }
        assert(leftOvers > 0, "no copy was hit midway");
        await copy(source, target, { method });
        assertEquals(fs.readdirSync(folder.path).sort(), ["source", "target"]);
      });
    });
  }
}
