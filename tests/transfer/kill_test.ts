/**
 * Copies that are killed leave each target's old content, or none if there was none, or the new one, and the next run
 * cleans up.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { copy } from "../../mod.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { scaled } from "../support/scale.ts";
import { countNew, Interrupted } from "./interrupted.ts";
import type { Expected } from "./interrupted.ts";

/** Enough for one to come midway. */
const KILLS_SURE = 10;
const KILLS = scaled(Number(process.env.AIO_TEST_KILLS ?? KILLS_SURE), 100);
const BYTES = 32 * 1024 * 1024;

/** Makes `count` sources and their targets' folder. */
function prepare(folder: TemporaryFolder, count: number): { sources: string[]; files: Expected[] } {
  fs.mkdirSync(folder.at("targets"));
  const names = Array.from({ length: count }, (_, index) => `file${index}`);
  const files = names.map((name, index) => ({
    target: folder.at(`targets/${name}`),
    before: knownBytes(1_000_000, index + 7),
    after: knownBytes(BYTES / count + index, index),
  }));
  return { sources: names.map((name, index) => folder.write(name, files[index].after)), files };
}

for (const count of [1, 8]) {
  describe(`aio copy of ${count === 1 ? "one file" : `${count} files`}`, () => {
    it(`leaves old or new content when it is killed at ${KILLS} moments, and the next run cleans up`, async () => {
      using folder = new TemporaryFolder();
      const { sources, files } = prepare(folder, count);
      const killing = new Interrupted("SIGKILL");
      let leftOvers = 0;
      for (let kill = 0; kill <= KILLS; kill++) {
        const known = files.map((file) => kill % 2 === 0 ? file : { ...file, before: null });
        for (const { target, before } of known) {
          if (before === null) fs.rmSync(target, { force: true });
          else fs.writeFileSync(target, before);
        }
        const options = ["--method", (kill & 2) === 0 ? "aio" : "kernel", ...((kill & 4) === 0 ? [] : ["--sync"])];
        // not where an earlier one left something, which would be taken for this one's
        const clean = !fs.readdirSync(folder.at("targets")).some((name) => name.startsWith("."));
        const midway = clean && kill % 2 === 0 ? folder.at("targets") : undefined;
        const { signal, code, stderr } = await killing.run([...options, ...sources, folder.at("targets")], midway);
        assert(signal === "SIGKILL" || code === 0, stderr);
        if (countNew(known) < count) assertEquals(signal, "SIGKILL");
        const others = fs.readdirSync(folder.at("targets")).filter((name) => name.startsWith("."));
        assert(others.every((name) => /^\.file\d\..*\.aio-copy$/.test(name)), others.join());
        leftOvers += others.length;
        for (const { target } of files) {
          const own = others.filter((name) => name.startsWith(`.${path.basename(target)}.`));
          assert(own.length <= 1, "the copy before did not clean up");
        }
      }
      assert(leftOvers > 0 || KILLS < KILLS_SURE, "no copy was hit midway");
      for (const [index, source] of sources.entries()) await copy(source, files[index].target);
      assertEquals(countNew(files), count);
      assertEquals(fs.readdirSync(folder.at("targets")).length, count);
    });
  });
}
