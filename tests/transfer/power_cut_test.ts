/**
 * A copy with `sync` survives a power cut at any moment: its calls are recorded and replayed on a disk that loses what
 * was not synced.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import fs from "node:fs";
import { door } from "../../ffi/door.ts";
import { libc } from "../../ffi/libc.ts";
import { gainsByBlocks } from "../../transfer/single/file_system.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itUnless } from "../support/platform.ts";
import { cutEverywhere } from "./power_cut.ts";
import type { Found } from "./power_cut.ts";
import { record, whyNotRecorded } from "./recorded.ts";

const COMMAND = new URL("./command_child.ts", import.meta.url);
const BYTES = 20 * 1024 * 1024 + 1;

const reason = whyNotRecorded();

function itRecorded(name: string, body: () => void | Promise<void>): void {
  itUnless(reason, name, body);
}

/** Copies files into a folder by the `aio` command, and cuts the power for each of them. */
function cutsOf(options: readonly string[], names: readonly string[]): Found[][][] {
  using folder = new TemporaryFolder();
  const targets = fs.realpathSync(folder.path) + "/targets";
  fs.mkdirSync(targets);
  const overwrite = !options.includes("--no-overwrite");
  for (const name of names) {
    folder.write(name, knownBytes(BYTES));
    if (overwrite) folder.write(`targets/${name}`, "old");
  }
  const calls = record(COMMAND, ["copy", "--quiet", ...options, ...names.map((name) => folder.at(name)), targets]);
  return names.map((name) => cutEverywhere(calls, `${targets}/${name}`, BYTES));
}

/** What can be found at all, and what can be found at the end. */
function summary(cuts: readonly Found[][]): { ever: Found[]; finally: Found[] } {
  return { ever: [...new Set(cuts.flat())].sort(), finally: cuts.at(-1)! };
}

/** The calls that give the copy of a file its blocks beforehand. */
function allocations(options: readonly string[], replaced: boolean): number {
  using folder = new TemporaryFolder();
  const [source, target] = [folder.write("source", knownBytes(BYTES)), folder.at("target")];
  if (replaced) folder.write("target", "old");
  const calls = record(COMMAND, ["copy", "--quiet", "--method", "kernel", ...options, source, target]);
  return calls.filter(({ name, text }) => name === "fallocate" && text.includes(".aio-copy>")).length; // Bun allocates too
}

describe("aio copy by kernel, on a file system that gives blocks late", () => {
  itRecorded(
    "asks for blocks beforehand only where a power cut cannot leave them empty in an old file's place",
    async () => {
      using folder = new TemporaryFolder();
      const ask = (fd: number, address: number) =>
        Promise.resolve({ result: libc().call.fstatfs(fd, door().pointer(address)) });
      const expected = await gainsByBlocks(folder.open("file", "w"), ask) ? 1 : 0;
      assertEquals(allocations([], true), 0);
      assertEquals(allocations(["--sync"], true), expected);
      assertEquals(allocations([], false), expected);
    },
  );
});

for (const method of ["kernel", "aio"]) {
  describe(`aio copy by ${method}, when the power fails`, () => {
    const cases: [string, string[], string[]][] = [
      ["one file", [], ["file"]],
      ["several files", [], ["one", "two", "three"]],
      ["a file that must not be there yet", ["--no-overwrite"], ["file"]],
    ];
    for (const [what, options, names] of cases) {
      itRecorded(`leaves ${what} old or new with --sync, and new once it has said so`, () => {
        for (const cuts of cutsOf(["--method", method, "--sync", ...options], names)) {
          assert(cuts.length >= 8, `${cuts.length} moments`);
          assertEquals(summary(cuts), { ever: ["new", "old"], finally: ["new"] });
        }
      });
    }

    itRecorded("promises nothing without --sync", () => {
      const [cuts] = cutsOf(["--method", method], ["file"]);
      assertEquals(summary(cuts).finally, ["old", "torn"]);
    });
  });
}
