// `aio copy` that is told to end at any moment: it ends by itself, with the signal's status, and leaves no trace of the
// file that it was at.

import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fs from "node:fs";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { scaled } from "../support/scale.ts";
import { countNew, Interrupted } from "../transfer/interrupted.ts";
import type { Expected } from "../transfer/interrupted.ts";

const ROUNDS = scaled(4, 50);
/** On a machine that is busy otherwise the moments may all be missed: so many more are tried until one is met. */
const MORE_ROUNDS = 60;
const BYTES = 8 * 1024 * 1024;

describe("aio copy of 4 files", () => {
  for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    it(`leaves whole files and nothing else after ${signal} at ${ROUNDS} moments`, async () => {
      using folder = new TemporaryFolder();
      const files = ["a", "b", "c", "d"].map((name, index): Expected => ({
        target: folder.at(`targets/${name}`),
        before: knownBytes(100, index + 7),
        after: knownBytes(BYTES, index),
      }));
      fs.mkdirSync(folder.at("targets"));
      const sources = files.map(({ after }, index) => folder.write("abcd"[index], after));
      const stopping = new Interrupted(signal);
      let stopped = 0;
      for (let round = 0; round <= ROUNDS || stopped === 0 && round < MORE_ROUNDS; round++) {
        for (const { target, before } of files) fs.writeFileSync(target, before!);
        const method = round % 2 === 0 ? "aio" : "kernel";
        const { code, signal: killedBy, stderr } = await stopping.run(["-m", method, ...sources, folder.at("targets")]);
        // before the command has begun to listen, the signal ends the process as it would any other
        assert(code === 0 || code === status || killedBy === signal, `${code} ${killedBy} ${stderr}`);
        const count = countNew(files);
        if (code === 0) assertEquals(count, files.length);
        if (code === status) stopped++;
        assertEquals(fs.readdirSync(folder.at("targets")).sort(), ["a", "b", "c", "d"]);
      }
      assert(stopped > 0, "no copy was stopped midway");
    });
  }
});
