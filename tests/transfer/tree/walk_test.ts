// The walk: what it brings and leaves out, that it holds no folder whole, and that it ends cleanly.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import fs from "node:fs";
import { AioError } from "../../../ffi/errno.ts";
import { textOf } from "../../../transfer/tree/path.ts";
import { walk } from "../../../transfer/tree/walk.ts";
import type { WalkOptions } from "../../../transfer/tree/walk.ts";
import { TemporaryFolder } from "../../support/files.ts";
import { itOnLinux } from "../../support/platform.ts";
import { shell } from "./odd_tree.ts";

async function paths(root: string, options?: WalkOptions): Promise<string[]> {
  const found: string[] = [];
  for await (const { path, error } of walk(root, options)) {
    found.push(textOf(path) + (error === undefined ? "" : ` ${error.code}`));
  }
  return found;
}

/** Descriptors of this process that lead to a place below a folder. */
function openIn(folder: string): string[] {
  return fs.readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      return [fs.readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return [];
    }
  }).filter((name) => name.startsWith(folder));
}

function plant(folder: TemporaryFolder): void {
  fs.mkdirSync(folder.at("b/c"), { recursive: true });
  for (const name of ["a", "b/one.js", "b/two.ts", "b/c/three.js", "z"]) folder.write(name, "");
}

describe("walk()", () => {
  it("brings every entry, a folder before what is in it, in order if asked", async () => {
    using folder = new TemporaryFolder();
    plant(folder);
    const all = ["a", "b", "z", "b/c", "b/one.js", "b/two.ts", "b/c/three.js"];
    assertEquals(await paths(folder.path, { sorted: true }), all);
    assertEquals((await paths(folder.path)).sort(), [...all].sort());
  });

  it("leaves out what was not asked for", async () => {
    using folder = new TemporaryFolder();
    plant(folder);
    const cases: [WalkOptions, string[]][] = [
      [{ include: ["*.js"] }, ["b", "b/c", "b/c/three.js", "b/one.js"]],
      [{ exclude: ["c", "z"] }, ["a", "b", "b/one.js", "b/two.ts"]],
      [{ filter: (path) => !path.startsWith("b") }, ["a", "z"]],
    ];
    for (const [options, expected] of cases) assertEquals((await paths(folder.path, options)).sort(), expected);
    const parts = await Promise.all([0, 1, 2].map((index) => paths(folder.path, { shard: { index, count: 3 } })));
    assertEquals(
      parts.flat().filter((path) => !["b", "b/c"].includes(path)).sort(),
      ["a", "b/c/three.js", "b/one.js", "b/two.ts", "z"],
    );
  });

  it("goes down 300 folders, and round no circle", async () => {
    using folder = new TemporaryFolder();
    fs.mkdirSync(folder.at("d/".repeat(300)), { recursive: true });
    fs.symlinkSync("..", folder.at("d/up"));
    assertEquals((await paths(folder.path)).length, 301);
    const followed = await paths(folder.path, { dereference: true });
    assertEquals([followed.length, followed.filter((path) => path.includes("ELOOP"))], [301, ["d/up ELOOP"]]);
  });

  itOnLinux("gives names that are no UTF-8 as their bytes", async () => {
    using folder = new TemporaryFolder();
    shell(folder.path, "touch $'x\\xe9'");
    for await (const { path } of walk(folder.path)) {
      assertEquals(Buffer.from(path), Buffer.from([0x78, 0xe9]));
    }
  });

  itOnLinux("closes what it has open when its iteration ends early, or it is aborted", async () => {
    using folder = new TemporaryFolder();
    for (let index = 0; index < 600; index++) folder.write(`f${index}`, "");
    const aborted = new AbortController();
    let count = 0;
    for await (const _ of walk(folder.path)) if (++count === 3) break;
    assertEquals(openIn(folder.path), []);
    const reading = async () => {
      for await (const _ of walk(folder.path, { signal: aborted.signal })) aborted.abort();
    };
    await assertRejects(reading, DOMException);
    assertEquals(openIn(folder.path), []);
  });

  it("brings the entries of a large folder in parts", async () => {
    using folder = new TemporaryFolder("/dev/shm");
    for (let index = 0; index < 3000; index++) folder.write(`f${index}`, "");
    const found = new Set(await paths(folder.path));
    assertEquals(found.size, 3000);
    assert(found.has("f2999"));
  });

  it("says that a root is not there, or no folder", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "");
    for (const [name, code] of [["missing", "ENOENT"], ["file", "ENOTDIR"]]) {
      const error = await assertRejects(() => paths(folder.at(name)), AioError, name) as AioError;
      assertEquals(error.code, code);
    }
  });
});
