// The examples of whole programs: duplicates in trees, lines of FIFOs, and a database of pages.

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fs from "node:fs";
import { Pages } from "../../examples/pages.ts";
import { runChild } from "../support/child.ts";
import { TemporaryFolder } from "../support/files.ts";
import { itWithPipes } from "../support/platform.ts";

const example = (name: string) => new URL(`../../examples/${name}`, import.meta.url);

describe("duplicates.ts", () => {
  it("tells which files of trees have the same content, those first that take the most", async () => {
    using folder = new TemporaryFolder();
    for (const name of ["a", "b"]) fs.mkdirSync(folder.at(name));
    for (const name of ["a/small", "b/small", "b/again"]) folder.write(name, "same");
    for (const name of ["a/big", "b/big"]) folder.write(name, new Uint8Array(100_000));
    for (const name of ["a/none", "b/none"]) folder.write(name, "");
    folder.write("a/single", "alone");
    const { code, stdout, stderr } = await runChild(example("duplicates.ts"), {
      args: [folder.at("a"), folder.at("b")],
    });
    const lines = [
      "100000 bytes could be saved:",
      ...["a/big", "b/big"].map((name) => `  ${folder.at(name)}`),
      "8 bytes could be saved:",
      ...["a/small", "b/again", "b/small"].map((name) => `  ${folder.at(name)}`),
    ];
    assertEquals([code, stdout, stderr], [0, `${lines.join("\n")}\n`, ""]);
    const missing = await runChild(example("duplicates.ts"), { args: [folder.at("missing")] });
    assertEquals(missing.code, 1);
    assertMatch(missing.stderr, /ENOENT/);
  });
});

describe("tail.ts", () => {
  itWithPipes("prints the lines of several FIFOs, whoever writes and stops, until it is told to end", async () => {
    using folder = new TemporaryFolder();
    const [one, other, silent] = ["one", "other", "silent"].map((name) => folder.fifo(name));
    let step = 0;
    const steps: [string, string][] = [
      [one, "first\nsec"],
      [other, "ä\n"],
      [one, "ond\n"], // by another writer: the first one has gone
    ];
    const write = () => {
      const [fifo, text] = steps[step++];
      // it has opened them all by now, or will: writing waits for that
      fs.writeFile(fifo, text, (error) => assertEquals(error, null));
    };
    write();
    const { code, stdout, stderr } = await runChild(example("tail.ts"), {
      args: [one, other, silent],
      onOutput(text, kill) {
        const count = text.split("\n").length - 1;
        if (count === step && step < steps.length) write();
        else if (count === 3) kill("SIGTERM");
      },
    });
    const lines = stdout.trim().split("\n");
    const complaints = stderr.split("\n").filter((line) => !/^$|did not end|trace-warnings/.test(line)); // POSIX AIO
    // Deno tells of the signal that it has sent, whatever came of it
    assertEquals([code ?? 0, complaints, lines], [0, [], [`${one}: first`, `${other}: ä`, `${one}: second`]]);
    const missing = await runChild(example("tail.ts"), { args: [folder.at("missing")] });
    assertEquals(missing.code, 1);
    assertMatch(missing.stderr, /ENOENT/);
  });
});

describe("pages.ts", () => {
  it("keeps what was set, by many at once, and finds it again", async () => {
    using folder = new TemporaryFolder();
    const path = folder.at("database");
    const keys = Array.from({ length: 300 }, (_, index) => `key ${index} ü`);
    {
      await using pages = await Pages.open(path, 16);
      await Promise.all(keys.map((key) => pages.set(key, `value of ${key}`)));
      await Promise.all([pages.set(keys[0], "changed"), pages.set(keys[1], undefined)]);
      assertEquals(await pages.get(keys[0], keys[1], "none"), ["changed", undefined, undefined]);
    }
    assertEquals(fs.statSync(path).size, 16 * 4096);
    await using pages = await Pages.open(path);
    assertEquals((await pages.get(...keys)).slice(2), keys.slice(2).map((key) => `value of ${key}`));
  });

  it("says which page is full or damaged, and leaves the others alone", async () => {
    using folder = new TemporaryFolder();
    const path = folder.at("database");
    {
      await using pages = await Pages.open(path, 2);
      await assertRejects(() => pages.set("a", "x".repeat(4096)), RangeError, "full");
      await pages.set("a", "kept");
      await pages.set("d", "kept too");
      await assertRejects(() => pages.set("a", "x".repeat(4096)), RangeError, "full");
      assertEquals(await pages.get("a"), ["kept"]);
    }
    const bytes = fs.readFileSync(path);
    bytes[bytes.indexOf("kept")] ^= 1;
    fs.writeFileSync(path, bytes);
    await using pages = await Pages.open(path);
    const answers = await Promise.allSettled([pages.get("a"), pages.get("d")]);
    assertEquals(answers.filter(({ status }) => status === "fulfilled").length, 1);
    const [failed] = answers.filter((answer) => answer.status === "rejected");
    assertMatch(failed.reason.message, /^Page [01] of .*database is damaged$/);
  });

  it("is a program too", async () => {
    using folder = new TemporaryFolder();
    const run = (...args: string[]) => runChild(example("pages.ts"), { args: [folder.at("database"), ...args] });
    assertEquals((await run("set", "name", "Ada")).code, 0);
    const { code, stdout } = await run("get", "name", "none");
    assertEquals([code, stdout], [0, "Ada\n\n"]);
    assert(fs.statSync(folder.at("database")).size > 0);
  });
});
