// The examples in the documentation of exported names run on Deno, Bun and Node. `deno task doc-test` checks their types as well,
// and runs those of the rooms' own files too.

import { assert } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { TemporaryFolder } from "../support/files.ts";
import { ROOT, runExample } from "./blocks.ts";

const ROOMS = ["ffi", "sys", "engine", "queue", "file", "transfer"];

/** The examples of a source that use the package as programs do, in their order. */
function examplesIn(text: string): string[] {
  return [...text.matchAll(/^ +\* ```ts\n([^]*?)^ +\* ```$/gm)]
    .map(([, lines]) => lines.replaceAll(/^ +\* ?/gm, ""))
    .filter((source) => source.includes('from "@posix/aio'));
}

const files = ["mod.ts", "sys.ts"].concat(
  ROOMS.flatMap((room) =>
    fs.readdirSync(path.join(ROOT, room), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts")).map((name) => `${room}/${name}`)
  ),
).sort();

describe("the examples in", () => {
  let count = 0;
  for (const file of files) {
    for (const [index, source] of examplesIn(fs.readFileSync(path.join(ROOT, file), "utf8")).entries()) {
      count++;
      it(`${file}, ${index + 1}`, async () => {
        using folder = new TemporaryFolder();
        process.chdir(ROOT);
        await runExample(source, folder);
      });
    }
  }

  it("all sources are found", () => {
    assert(count > 80, `${count}`);
  });
});
