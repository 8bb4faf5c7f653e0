/**
 * `bin/aio.mjs` in a checkout: the runtime that it chooses, and the file that it makes of the sources for Node, which is
 * believed only while it is what it was made as. Runs on Node only.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { ROOT } from "../support/compiler.ts";
import { TemporaryFolder } from "../support/files.ts";
import { runIn, runWell } from "./forms.ts";

const ROOMS = ["structs", "ffi", "sys", "engine", "queue", "file", "transfer", "cli"];

/** A checkout of its own, with what npm has brought to this one, and a cache folder of its own. */
function checkout(
  folder: TemporaryFolder,
): { run: (...args: string[]) => string; bundles: () => string[]; at: string } {
  const at = folder.at("checkout");
  for (const name of [...ROOMS, "bin", "cli.ts", "mod.ts", "sys.ts", "deno.json", "package.json"]) {
    fs.cpSync(path.join(ROOT, name), path.join(at, name), { recursive: true });
  }
  fs.symlinkSync(path.join(ROOT, "node_modules"), path.join(at, "node_modules"));
  const env = { XDG_CACHE_HOME: folder.at("cache"), AIO_RUNTIME: "node" };
  const made = folder.at("cache/posix-aio/bundles");
  return {
    at,
    run: (...args) => runWell(folder.path, [process.execPath, path.join(at, "bin/aio.mjs"), ...args], env),
    bundles: () => fs.existsSync(made) ? fs.readdirSync(made).map((name) => path.join(made, name)) : [],
  };
}

/** Makes the version that the sources tell another one. */
function changeVersion(at: string, version: string): void {
  const file = path.join(at, "cli/version.ts");
  fs.writeFileSync(file, fs.readFileSync(file, "utf8").replace(/"\d+\.\d+\.\d+[^"]*"/, `"${version}"`));
}

describe("bin/aio.mjs", () => {
  it("makes one file of the sources, once, and anew when one of them has changed", () => {
    using folder = new TemporaryFolder();
    const { run, bundles, at } = checkout(folder);
    folder.write("source", "content");
    assertMatch(run("copy", "source", "target"), /7 B/);
    assertEquals(fs.readFileSync(folder.at("target"), "utf8"), "content");
    const [bundle, ...others] = bundles();
    assertEquals(others, []);
    const { ino, mode } = fs.statSync(bundle);
    assertEquals(mode & 0o777, 0o600);
    run("copy", "source", "target");
    assertEquals(fs.statSync(bundle).ino, ino);
    changeVersion(at, "9.8.7");
    assertEquals(run("--version"), "aio 9.8.7\n");
    assert(fs.statSync(bundle).ino !== ino);
    run("copy", "-r", "checkout/bin", "folder"); // what is loaded later is in it
    assertEquals(fs.readdirSync(folder.at("folder")).sort(), fs.readdirSync(path.join(at, "bin")).sort());
  });

  it("believes no file that is damaged, of another folder, or that others can have written", () => {
    using folder = new TemporaryFolder();
    const { run, bundles } = checkout(folder);
    const wanted = run("--version");
    const [bundle] = bundles();
    const good = fs.readFileSync(bundle, "utf8");
    const wrong = 'console.log("wrong");\n';
    const [first] = good.split("\n", 1);
    const others = [
      ["", 0o600],
      [wrong, 0o600],
      [good.slice(0, -100), 0o600],
      [`${first}\n${wrong}`, 0o600],
      [good.replace('"folder":"', '"folder":"/elsewhere'), 0o600],
      [`${first.replace(/"length":\d+/, `"length":${wrong.length}`)}\n${wrong}`, 0o622],
    ] as const;
    for (const [text, mode] of others) {
      fs.writeFileSync(bundle, text);
      fs.chmodSync(bundle, mode);
      assertEquals(run("--version"), wanted);
      assertEquals(fs.readFileSync(bundle, "utf8") === good, true, text.slice(0, 50));
    }
  });

  it("runs the sources where nothing can be kept or made, or nothing is to be", () => {
    using folder = new TemporaryFolder();
    const { run, bundles, at } = checkout(folder);
    const command = [process.execPath, path.join(at, "bin/aio.mjs"), "--version"];
    const file = folder.write("file", "");
    for (const env of [{ NODE_DISABLE_COMPILE_CACHE: "1" }, { XDG_CACHE_HOME: file }]) {
      assertMatch(runWell(folder.path, command, { XDG_CACHE_HOME: folder.at("cache"), ...env }), /^aio \d/);
      assertEquals(bundles(), []);
    }
    assertEquals(fs.existsSync(folder.at("cache")), false);
    fs.unlinkSync(path.join(at, "node_modules")); // and with it esbuild
    assertMatch(run("--version"), /^aio \d/);
    assertEquals(bundles(), []);
  });

  it("takes the runtime that runs it, or the one that is asked for", () => {
    using folder = new TemporaryFolder();
    const start = [process.execPath, path.join(ROOT, "bin/aio.mjs"), "info", "--json"];
    const env = { XDG_CACHE_HOME: folder.at("cache") };
    for (
      const [asked, expected] of [[{}, "node"], [{ AIO_RUNTIME: "deno" }, "deno"], [{ AIO_RUNTIME: "bun" }, "bun"]]
    ) {
      const told = runWell(folder.path, start, { ...env, ...asked as Record<string, string> });
      assertEquals(JSON.parse(told).runtime.name, expected);
    }
    const { status, output } = runIn(folder.path, start, { ...env, AIO_RUNTIME: "qjs" });
    assertEquals(status, 1);
    assertMatch(output, /^Cannot start aio: AIO_RUNTIME is "qjs", not one of /);
  });
});
