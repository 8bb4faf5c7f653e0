/**
 * Programs that use the package, as one file each, made by the usual bundlers and run from another folder: queue, copies, the
 * threads inside them, the same in a Worker, and the command. Runs on Node only.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { TemporaryFolder } from "../support/files.ts";
import { itUnless } from "../support/platform.ts";
import { BUNDLERS, commandFile, compile, COMPILED, findDenoBundle, runner, WORKING } from "./bundles.ts";
import type { Bundler } from "./bundles.ts";
import { runIn, runWell } from "./forms.ts";

/** The folder in which a bundle is run: nothing of this checkout is there. */
function stage(folder: TemporaryFolder, name: string): string {
  fs.mkdirSync(folder.at(name));
  return folder.at(name);
}

function madeName(bundler: Bundler, file: string): string {
  return path.basename(file).replace(/\.ts$/, bundler.ending);
}

/** A copy by the command, its help and its status, in a folder of its own. */
function useCommand(cwd: string, command: readonly string[]): void {
  fs.writeFileSync(path.join(cwd, "source"), "content");
  runWell(cwd, [...command, "copy", "source", "target"]);
  assertEquals(fs.readFileSync(path.join(cwd, "target"), "utf8"), "content");
  assert(runWell(cwd, [...command, "--version"]).startsWith("aio "));
  assertEquals(runIn(cwd, [...command, "copy", "missing", "target"]).status, 1);
}

/** The same on a terminal, where progress is shown: by cli-progress, or in plain lines where that is not in the bundle. */
function useTerminal(cwd: string, command: readonly string[]): void {
  if (process.platform !== "linux") return;
  const line = [...command, "copy", "source", "target-2"].map((word) => `'${word}'`).join(" ");
  const { status, stdout } = spawnSync("script", ["-qec", line, "/dev/null"], { cwd, encoding: "utf8" });
  assertEquals(status, 0, stdout);
  assertEquals(fs.readFileSync(path.join(cwd, "target-2"), "utf8"), "content");
}

function checkBundler(bundler: Bundler, missing?: string): void {
  for (const runtime of bundler.runtimes) {
    itUnless(missing, `${bundler.name}: queue, copies and a Worker work on ${runtime}`, () => {
      using folder = new TemporaryFolder();
      const made = stage(folder, "made");
      bundler.make(made, WORKING);
      const [main, worker] = WORKING.map((file) => path.join(made, madeName(bundler, file)));
      const fresh = stage(folder, "fresh");
      assertEquals(runWell(fresh, [...runner(runtime, main), fresh, worker]), "all done\n");
    });

    itUnless(missing, `${bundler.name}: the command works on ${runtime}, on a terminal too`, () => {
      using folder = new TemporaryFolder();
      const made = stage(folder, "made");
      const file = commandFile(bundler.meta);
      bundler.make(made, [file]);
      const command = runner(runtime, path.join(made, madeName(bundler, file)));
      const fresh = stage(folder, "fresh");
      useCommand(fresh, command);
      useTerminal(fresh, command);
    });
  }
}

describe("bundles", () => {
  for (const bundler of BUNDLERS) checkBundler(bundler);

  using probe = new TemporaryFolder();
  const { bundler, missing } = findDenoBundle(probe.path);
  checkBundler(bundler, missing);

  for (const flags of COMPILED) {
    const name = ["bun build --compile", ...flags].join(" ");

    it(`${name}: queue, copies and a Worker inside work`, () => {
      using folder = new TemporaryFolder();
      compile(folder.at("program"), WORKING, flags);
      const fresh = stage(folder, "fresh");
      assertEquals(runWell(fresh, [folder.at("program"), fresh, "./worker.ts"]), "all done\n");
    });

    it(`${name}: the command works, on a terminal too`, () => {
      using folder = new TemporaryFolder();
      compile(folder.at("aio"), [commandFile(!flags.includes("--bytecode"))], flags);
      const fresh = stage(folder, "fresh");
      useCommand(fresh, [folder.at("aio")]);
      useTerminal(fresh, [folder.at("aio")]);
    });
  }
});
