// Copies to file systems where names that differ only in their case are one name: exFAT, which has no hard links and modes
// either, and ext4 with case folding.

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fs from "node:fs";
import { AioError, copy, copyMany, copyTree } from "../../mod.ts";
import { runChild } from "../support/child.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itUnless } from "../support/platform.ts";
import { Casefold, Exfat, whyNoCasefold, whyNoExfat } from "./folding_mounts.ts";

const CLI = new URL("../../cli.ts", import.meta.url);
const CONTENT = knownBytes(3_000_000);
const noExfat = whyNoExfat();

describe("copy() to an exFAT", () => {
  for (const method of ["auto", "kernel", "aio"] as const) {
    itUnless(noExfat, `brings every byte by ${method}, over a file and where none is`, async () => {
      using folder = new TemporaryFolder();
      using exfat = new Exfat();
      const source = folder.write("source", CONTENT);
      for (let round = 0; round < 2; round++) {
        await copy(source, exfat.at("target"), { method });
        assertEquals(fs.readFileSync(exfat.at("target")).equals(CONTENT), true);
      }
      await copy(source, exfat.at("new"), { method, overwrite: false });
      assertEquals(fs.readFileSync(exfat.at("new")).equals(CONTENT), true);
      fs.writeFileSync(exfat.at("new"), "kept");
      const error = await assertRejects(() => copy(source, exfat.at("NEW"), { method, overwrite: false }), AioError);
      assertEquals((error as AioError).code, "EEXIST");
      assertEquals(fs.readFileSync(exfat.at("new"), "utf8"), "kept");
      assertEquals(fs.readdirSync(exfat.path).sort(), ["new", "target"]);
    });
  }

  itUnless(noExfat, "by the command, with -n, and keeps what is there", async () => {
    using folder = new TemporaryFolder();
    using exfat = new Exfat();
    const source = folder.write("source", "new");
    for (const [status, content] of [[0, "new"], [1, "kept"]] as const) {
      assertEquals((await runChild(CLI, { args: ["copy", "-n", source, exfat.at("target")] })).code, status);
      assertEquals(fs.readFileSync(exfat.at("target"), "utf8"), content);
      fs.writeFileSync(exfat.at("target"), "kept");
    }
  });
});

for (
  const [system, missing, mount] of [
    ["an exFAT", noExfat, () => new Exfat()],
    ["an ext4 with case folding", whyNoCasefold(), () => new Casefold()],
  ] as const
) {
  describe(`names that ${system} folds together`, () => {
    itUnless(missing, "are refused by the command: the first stays, whatever the names' case", async () => {
      using folder = new TemporaryFolder();
      using folding = mount();
      fs.mkdirSync(folder.at("a"));
      fs.mkdirSync(folder.at("b"));
      for (const [one, other] of [["x", "X"], ["zwölf", "ZWÖLF"]]) {
        const sources = [folder.write(`a/${one}`, "first"), folder.write(`b/${other}`, "second")];
        const { code, stderr } = await runChild(CLI, { args: ["copy", ...sources, folding.path] });
        assertEquals(code, 1);
        assertMatch(stderr, /another entry was copied there just now, or the file system takes both names for one/);
        assertEquals(fs.readFileSync(folding.at(one), "utf8"), "first");
      }
      assertEquals(fs.readdirSync(folding.path).length, 2);
    });

    itUnless(missing, "of one tree: one is copied, the other one fails and is told", async () => {
      using folder = new TemporaryFolder();
      using folding = mount();
      fs.mkdirSync(folder.at("tree/d"), { recursive: true });
      for (const name of ["x", "X", "d/y", "d/Y", "z"]) folder.write(`tree/${name}`, name);
      const transfer = copyTree(folder.at("tree"), folding.at("tree"));
      const failed: string[] = [];
      for await (const { action, path } of transfer) if (action === "failed") failed.push(path);
      const summary = await transfer.summary;
      assertEquals([summary.files, summary.failed], [3, 2]);
      assertEquals(failed.map((path) => path.toLowerCase()).sort(), ["d/y", "x"]);
      for (const name of ["x", "d/y", "z"]) {
        assertEquals(fs.readFileSync(folding.at(`tree/${name}`), "utf8").toLowerCase(), name);
      }
    });

    itUnless(
      missing,
      "are told where the tree's copy is there already, and pairs too; nothing is lost with `never`",
      async () => {
        using folder = new TemporaryFolder();
        using folding = mount();
        fs.mkdirSync(folder.at("tree"));
        for (const name of ["x", "X", "z"]) folder.write(`tree/${name}`, name);
        const failures = async (transfer: ReturnType<typeof copyTree>) => {
          const failed: string[] = [];
          for await (const { action, error } of transfer) {
            if (action === "failed") failed.push((error as AioError).code);
          }
          return failed;
        };
        fs.mkdirSync(folding.at("tree"));
        fs.writeFileSync(folding.at("tree/x"), "old");
        assertEquals(await failures(copyTree(folder.at("tree"), folding.at("tree"), { overwrite: "always" })), [
          "EEXIST",
        ]);
        assertMatch(fs.readFileSync(folding.at("tree/x"), "utf8"), /^[xX]$/);
        assertEquals(await failures(copyTree(folder.at("tree"), folding.at("new"), { overwrite: "never" })), [
          "EEXIST",
        ]);
        assertEquals(fs.readdirSync(folding.at("new")).length, 2);
        const pairs = ["x", "X", "z"].map((name) => ({
          source: folder.at(`tree/${name}`),
          target: folding.at(`pair-${name}`),
        }));
        assertEquals(await failures(copyMany(pairs, { overwrite: "always" })), ["EEXIST"]);
        assertEquals(fs.readdirSync(folding.path).filter((name) => name.startsWith("pair")).length, 2);
      },
    );
  });
}

describe("one target for two sources", () => {
  it("is an error of the second, of pairs, flat trees and renamed ones", async () => {
    using folder = new TemporaryFolder();
    fs.mkdirSync(folder.at("tree/a"), { recursive: true });
    fs.mkdirSync(folder.at("tree/b"));
    const large = knownBytes(2_000_000);
    for (const [name, content] of [["x", "small"], ["y", large]] as const) {
      for (const parent of ["a", "b"]) folder.write(`tree/${parent}/${name}`, content);
    }
    const outcome = async (transfer: ReturnType<typeof copyTree>) => {
      const codes: string[] = [];
      for await (const { action, error } of transfer) if (action === "failed") codes.push((error as AioError).code);
      const { files, failed } = await transfer.summary;
      return [codes, files, failed];
    };
    const both = [["EEXIST", "EEXIST"], 2, 2];
    assertEquals(await outcome(copyTree(folder.at("tree"), folder.at("flat"), { flat: true })), both);
    assertEquals(await outcome(copyTree(folder.at("tree"), folder.at("flat"), { flat: true })), both);
    const rename = (path: string) => path.split("/").at(-1)!;
    assertEquals(await outcome(copyTree(folder.at("tree"), folder.at("renamed"), { rename })), both);
    const pairs = ["a/x", "b/x", "a/y", "b/y"].map((path) => ({
      source: folder.at(`tree/${path}`),
      target: folder.at(`pair-${path.split("/")[1]}`),
    }));
    assertEquals(await outcome(copyMany(pairs)), both);
    assertEquals(fs.readFileSync(folder.at("pair-x"), "utf8"), "small");
  });
});
