/**
 * What CONTRIBUTING.md and the workflows tell: the files, tasks and options that they name are there, and every room is told.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fs from "node:fs";
import { fileURLToPath } from "node:url";
import { oldest } from "../bin/runtimes.mjs";
import { runChild } from "./support/child.ts";

const ROOT = new URL("../", import.meta.url);

function read(path: string): string {
  return fs.readFileSync(new URL(path, ROOT), "utf8");
}

const CONTRIBUTING = read("CONTRIBUTING.md");
const WORKFLOWS = ["ci", "release"].map((name) => read(`.github/workflows/${name}.yml`));
const TASKS: Record<string, string> = JSON.parse(read("deno.json")).tasks;

/** The rooms, as tests/rooms_test.ts has them. */
const ROOMS: string[] = JSON.parse(/const ROOMS = (\[.*\]);/.exec(read("tests/rooms_test.ts"))![1]);

describe("CONTRIBUTING.md", () => {
  it("names files and folders that there are", () => {
    const inRoot = /`((?:[\w.-]+\/)+[\w.-]*|[\w-]+\.(?:ts|md|json))`|\]\(([\w/.-]+)\)/g;
    const names = [...CONTRIBUTING.matchAll(inRoot)].map(([, quoted, linked]) => quoted ?? linked);
    assert(names.length > 30, names.join());
    // names without a folder may be those of files beside one that was named, and names of folders those within tests/
    const places = ["", "tests/", "structs/", "engine/backends/"];
    const missing = names.filter((name) => !places.some((place) => fs.existsSync(new URL(place + name, ROOT))));
    assertEquals(missing, []);
  });

  it("tells every room, in order", () => {
    const told = [...CONTRIBUTING.matchAll(/^\| `(\w+)\/` /gm)].map(([, room]) => room);
    assertEquals(told, ROOMS);
  });

  it("names functions and tasks that there are", () => {
    assertMatch(read("structs/platform.ts"), /function detect\(/);
    assertMatch(read("structs/platform.ts"), /function usePlatform\(/);
    const tasks = [CONTRIBUTING, ...WORKFLOWS].flatMap((text) => [...text.matchAll(/deno task (\w+)/g)]);
    assert(tasks.length > 5);
    for (const [, task] of tasks) assert(task in TASKS, task);
    for (const script of Object.values(TASKS)) {
      for (const [, task] of script.matchAll(/deno task ([\w-]+)/g)) assert(task in TASKS, task);
    }
  });
});

describe("the workflows", () => {
  it("test every runtime on x64 and arm64", () => {
    assert(WORKFLOWS[0].includes(`runtime: [${Object.keys(oldest).join(", ")}]`));
    assert(WORKFLOWS[0].includes("system: [ubuntu-24.04, ubuntu-24.04-arm]"));
  });

  it("run scripts that there are", () => {
    for (const text of WORKFLOWS) {
      for (const [, script] of text.matchAll(/run: .*?((?:tests|\.ci)\/[\w.]+)/g)) {
        assert(fs.existsSync(new URL(script, ROOT)), script);
      }
    }
  });

  it("publish with an identity and without a secret", () => {
    assertMatch(WORKFLOWS[1], /^ +id-token: write/m);
    assertMatch(WORKFLOWS[1], /^ +- run: deno publish$/m);
    for (const text of WORKFLOWS) {
      assert(!text.includes("secrets."));
      assertMatch(text, /^permissions:\n {2}contents: read$/m);
    }
  });
});

describe("cli.ts", () => {
  it("can be started by its name, and Node does not say that its FFI is experimental", async () => {
    assertMatch(read("cli.ts"), /^#!\/usr\/bin\/env -S node --disable-warning=ExperimentalWarning\n/);
    const cli = new URL("cli.ts", ROOT);
    // without the flag that the tests give to Node
    const env = { NODE_OPTIONS: "", NO_COLOR: "1" };
    const { code, stdout, stderr } = await runChild(new URL("tests/support/plain_start.mjs", ROOT), {
      args: [fileURLToPath(cli), "info"],
      env,
    });
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /@posix\/aio/);
  });
});
