// docs/start.md: the lines that run its two programs, with exactly their permissions, in a folder that has only README.md.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import process from "node:process";
import { TemporaryFolder } from "../support/files.ts";
import { examplesOf, pages, ROOT, standalone } from "./blocks.ts";

const PAGE = pages().get("start")!;

const runtime = process.versions.deno !== undefined ? "deno" : process.versions.bun !== undefined ? "bun" : "node";

/** The lines of the page that start a program on this runtime. */
const lines = [...PAGE.matchAll(/^(deno run|bun|node)((?: --\S+)*) (\w+\.ts)$/gm)]
  .filter(([, words]) => words.startsWith(runtime));

function makeStage(): TemporaryFolder {
  const stage = new TemporaryFolder();
  const [read, copy] = examplesOf("start", PAGE);
  stage.write("README.md", fs.readFileSync(`${ROOT}README.md`));
  stage.write("read.ts", standalone(read.source));
  stage.write("copy.ts", standalone(copy.source.replaceAll("/tmp/", `${stage.path}/`)));
  return stage;
}

/** The arguments of a line, with the stage for /tmp and the package beside it; without node_modules that is this checkout. */
function argumentsOf([, words, flags, file]: RegExpMatchArray, stage: TemporaryFolder): string[] {
  const given = flags.trim().replaceAll("/tmp", stage.path).split(" ").filter((flag) => flag !== "");
  const readable = given.includes("--permission") ? [`--allow-fs-read=${ROOT}`] : [];
  const quiet = runtime === "deno" ? ["--quiet", "--no-lock", "--no-check", "--no-prompt", "--deny-run"] : [];
  return [...words.split(" ").slice(1), ...quiet, ...given, ...readable, file];
}

describe("the lines of docs/start.md", () => {
  it("run both programs", () => {
    const files = new Set(lines.map(([, , , file]) => file));
    assertEquals([...files].sort(), ["copy.ts", "read.ts"]);
    for (const line of lines) {
      using stage = makeStage();
      const { status, stdout, stderr } = spawnSync(process.execPath, argumentsOf(line, stage), {
        cwd: stage.path,
        encoding: "utf8",
        env: { ...process.env, NO_COLOR: "1" },
      });
      assertEquals(status, 0, `${line[0]}\n${stderr}`);
      assertMatch(stdout, line[3] === "read.ts" ? /12 # @posix\/aio/ : /true/);
      if (line[3] !== "copy.ts") continue;
      assert(fs.readFileSync(stage.at("README.copy")).equals(fs.readFileSync(`${ROOT}README.md`)));
    }
  });
});
