// A copy of a tree that is killed, at any moment: every file has its whole content or is not there, and the next copy makes
// the rest and leaves nothing behind.

import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import fs from "node:fs";
import { copyTree } from "../../../mod.ts";
import { runChild } from "../../support/child.ts";
import { knownBytes, TemporaryFolder } from "../../support/files.ts";
import { scaled } from "../../support/scale.ts";

const KILLS = scaled(6, 50);
const FILES = 400;

/** The files below a folder by their paths. */
function filesIn(root: string): string[] {
  if (!fs.existsSync(root)) return [];
  return fs.readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) =>
    fs.statSync(`${root}/${name}`).isFile()
  );
}

describe("copyTree() that is killed", () => {
  it(`at ${KILLS} moments leaves whole files only, and the next run completes it and cleans up`, async () => {
    using folder = new TemporaryFolder();
    const source = folder.at("source");
    for (let index = 0; index < FILES; index++) {
      fs.mkdirSync(`${source}/d${index % 8}`, { recursive: true });
      fs.writeFileSync(
        `${source}/d${index % 8}/f${index}`,
        knownBytes(index % 50 === 0 ? 2_000_000 : 3000 + index, index),
      );
    }
    const total = filesIn(source).length;
    let midway = 0;
    for (let round = 0; round < KILLS; round++) {
      const target = folder.at(`target${round}`);
      // killed when so many results have come
      const wanted = 1 + Math.floor(round / KILLS * FILES * 0.9);
      await runChild(new URL("./kill_child.ts", import.meta.url), {
        args: [source, target],
        onOutput: (stdout, kill) => stdout.length >= wanted && kill("SIGKILL"),
      });
      const whole = filesIn(target).filter((name) => !name.endsWith(".aio-copy"));
      if (whole.length > 0 && whole.length < total) midway++;
      for (const name of whole) {
        assert(Buffer.compare(fs.readFileSync(`${target}/${name}`), fs.readFileSync(`${source}/${name}`)) === 0, name);
      }
      const options = { overwrite: "different", preserveTimestamps: true } as const;
      const { failed, files, skipped } = await copyTree(source, target, options).summary;
      assertEquals([failed, files + skipped], [0, total]);
      assertEquals(skipped, whole.length, "what was whole was copied again");
      assertEquals(filesIn(target).sort(), filesIn(source).sort());
      fs.rmSync(target, { recursive: true });
    }
    assert(midway > 0, "no kill came midway");
  });
});
