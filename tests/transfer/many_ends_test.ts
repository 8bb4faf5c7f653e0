// copyMany() and links, pipes and devices: at both ends they are what they are for copy(), and for cp.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { spawn } from "node:child_process";
import fs from "node:fs";
import process from "node:process";
import { copyMany } from "../../mod.ts";
import type { TreeOptions, TreeResult } from "../../mod.ts";
import { TemporaryFolder } from "../support/files.ts";
import { itUnless, itWithPipes } from "../support/platform.ts";
import { must } from "./as_user.ts";

/** Copies pairs of names in a folder, and gives what became of each. */
async function copied(
  folder: TemporaryFolder,
  pairs: readonly (readonly [string, string])[],
  options: TreeOptions = {},
): Promise<TreeResult[]> {
  const list = pairs.map(([source, target]) => ({ source: folder.at(source), target: folder.at(target) }));
  return await Array.fromAsync(copyMany(list, options));
}

/** Options that take a file through other ways. */
const WAYS: readonly TreeOptions[] = [{}, { digest: "sha256" }, { overwrite: "different" }, {
  bandwidthLimit: 1 << 20,
}];

const noDevices = process.platform !== "linux" || process.getuid?.() !== 0
  ? "only Linux' root makes devices"
  : undefined;

describe("copyMany()", () => {
  it("follows links at the target, and says of one that leads nowhere that it does", async () => {
    for (const options of WAYS) {
      using folder = new TemporaryFolder();
      folder.write("source", "new content");
      folder.write("file", "old");
      fs.symlinkSync("file", folder.at("link"));
      fs.symlinkSync("source", folder.at("itself"));
      fs.symlinkSync("nowhere", folder.at("dead"));
      const [first, ...refused] =
        (await copied(folder, [["source", "link"], ["source", "itself"], ["source", "dead"]], options))
          .sort((a, b) => a.action < b.action ? -1 : 1);
      assertEquals([first.action, fs.readFileSync(folder.at("file"), "utf8")], ["copied", "new content"]);
      const messages = refused.map(({ error }) => error!.message).sort();
      assertMatch(messages[0], /the same file/);
      assertMatch(messages[1], /leads nowhere: remove it first/);
      for (const name of ["link", "itself", "dead"]) assert(fs.lstatSync(folder.at(name)).isSymbolicLink(), name);
    }
  });

  itUnless(noDevices, "writes into devices, which stay such", async () => {
    for (const options of [...WAYS, { overwrite: "newer" } as const, { resume: true }]) {
      using folder = new TemporaryFolder();
      folder.write("source", "content");
      must("mknod", folder.at("null"), "c", "1", "3");
      fs.symlinkSync("null", folder.at("link"));
      const actions = (await copied(folder, [["source", "null"], ["source", "link"]], options)).map(({ action }) =>
        action
      );
      assertEquals(actions.filter((action) => action === "failed"), [], JSON.stringify(options));
      assert(fs.lstatSync(folder.at("null")).isCharacterDevice(), JSON.stringify(options));
      assert(fs.lstatSync(folder.at("link")).isSymbolicLink(), JSON.stringify(options));
    }
  });

  itWithPipes("takes what comes through a pipe once and whole, with its digest, and writes into one", async () => {
    for (const options of WAYS) {
      using folder = new TemporaryFolder();
      const [into, out] = [folder.fifo("in"), folder.fifo("out")];
      folder.write("source", "content");
      const writer = spawn("sh", ["-c", `echo through > '${into}'`]);
      const reader = spawn("sh", ["-c", `cat '${out}' > '${folder.at("read")}'`]);
      const ended = [writer, reader].map((child) => new Promise((resolve) => child.on("exit", resolve)));
      const results = await copied(folder, [["in", "copy"], ["source", "out"]], options);
      await Promise.all(ended);
      assertEquals(results.map(({ action }) => action), ["copied", "copied"]);
      assertEquals(fs.readFileSync(folder.at("copy"), "utf8"), "through\n");
      assertEquals(fs.readFileSync(folder.at("read"), "utf8"), "content");
      assert(fs.lstatSync(out).isFIFO());
      if (options.digest === undefined) continue;
      const digest = must("sha256sum", folder.at("copy")).split(" ")[0];
      assertEquals(results.find(({ target }) => target === folder.at("copy"))!.digest, digest);
    }
  });

  it("verifies nothing that cannot be read again", async () => {
    using folder = new TemporaryFolder();
    folder.write("source", "content");
    folder.fifo("fifo");
    const results = await copied(folder, [["source", "fifo"], ["fifo", "copy"]], { verify: true });
    for (const { error } of results) {
      assertMatch(error!.message, /EINVAL.*read a pipe, device or standard stream again/);
    }
    assertEquals(results.length, 2);
  });
});
