/**
 * The package and its command on a Node that has no FFI: it starts, and one sentence says what is needed. Runs on Node only,
 * which starts the older one that is on the PATH.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { ROOT } from "../support/compiler.ts";
import { TemporaryFolder } from "../support/files.ts";
import { itUnless } from "../support/platform.ts";
import { runIn, runWell } from "./forms.ts";

const version = spawnSync("node", ["--version"], { encoding: "utf8" }).stdout ?? "";
const major = Number(/^v(\d+)/.exec(version)?.[1] ?? 0);
const missing = major >= 20 && major < 24 ? undefined : "there is no Node 20 to 23 on the PATH";

/** The package as JavaScript, each file for itself. */
function transpiled(folder: TemporaryFolder): string {
  const into = folder.at("package");
  const sources = fs.readdirSync(ROOT, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !/^(node_modules|tests|bench|examples|man|\.)/.test(name));
  const esbuild = path.join(ROOT, "node_modules/esbuild/bin/esbuild");
  const flags = ["--format=esm", "--target=esnext", "--log-level=error", `--outdir=${into}`, "--outbase=."];
  runWell(ROOT, [esbuild, ...sources, ...flags]);
  for (const name of sources) {
    const file = path.join(into, name.replace(/\.ts$/, ".js"));
    const text = fs.readFileSync(file, "utf8");
    fs.writeFileSync(file, text.replaceAll(/((?:from |import\()"\.[^"]*)\.ts"/g, '$1.js"'));
  }
  fs.writeFileSync(path.join(into, "package.json"), '{ "type": "module" }');
  return into;
}

describe("a Node without FFI", () => {
  itUnless(missing, "starts the command, which helps, and refuses to copy in one sentence", () => {
    using folder = new TemporaryFolder();
    const cli = path.join(transpiled(folder), "cli.js");
    const env = { XDG_CACHE_HOME: folder.at("cache") };
    assertMatch(runWell(folder.path, ["node", cli, "--version"], env), /^aio \d/);
    assertMatch(runWell(folder.path, ["node", cli, "copy", "--help"], env), /^aio copy: /);
    fs.symlinkSync(cli, folder.at("aio"));
    assertMatch(runWell(folder.path, ["node", folder.at("aio"), "--version"], env), /^aio \d/);
    const { status, output } = runIn(folder.path, ["node", cli, "copy", "-q", "package/package.json", "copy"], env);
    assertEquals(status, 1, output);
    assertMatch(output, /^aio: .*Node \d+\.\d+\.\d+.*Node 26\.1.*\n$/);
    assertEquals(fs.existsSync(folder.at("copy")), false);
  });

  itUnless(missing, "loads the library, whose first call says what is needed", () => {
    using folder = new TemporaryFolder();
    const mod = path.join(transpiled(folder), "mod.js");
    const script = `import { AioFile, AioQueue, copy } from ${JSON.stringify(mod)};
      for (const call of [() => new AioQueue().read(0, { length: 1 }), () => copy("a", "b"), () => AioFile.open("a")]) {
        try { await call(); } catch (error) { console.log(error.message); }
      }`;
    folder.write("script.mjs", script);
    folder.write("a", os.EOL);
    const lines = runWell(folder.path, ["node", "script.mjs"]).trimEnd().split("\n");
    assertEquals(lines.length, 3, lines.join("\n"));
    for (const line of lines) assertMatch(line, /Node \d+\.\d+\.\d+.*Node 26\.1/);
  });
});
