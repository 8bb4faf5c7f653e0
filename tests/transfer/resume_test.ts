// A big file whose copy is interrupted: the next one goes on where it was, if it may, and nothing stays behind.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fs from "node:fs";
import { copy, copyTree } from "../../mod.ts";
import type { CopyOptions } from "../../mod.ts";
import { runChild } from "../support/child.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itOnLinux } from "../support/platform.ts";
import { scaled } from "../support/scale.ts";

const CHILD = new URL("./resume_child.ts", import.meta.url);
const MIB = 1 << 20;
/** What one lane has under way: a range of the kernel's, or a chunk. */
const BLOCK = { kernel: 8 * MIB, aio: MIB / 2 };
const LANES = 8;

/** Copies until so much has arrived, and is aborted then; gives what is left in the folder. */
async function interrupt(source: string, target: string, bytes: number, options: CopyOptions): Promise<string[]> {
  const aborted = new AbortController();
  const onProgress = (progress: { bytes: number }) => {
    if (progress.bytes >= bytes) aborted.abort(new Error("interrupted"));
  };
  const clock = performance.now;
  let now = 0;
  performance.now = () => now += 200; // every range is told of
  try {
    const copying = copy(source, target, { resume: true, ...options, onProgress, signal: aborted.signal });
    await assertRejects(() => copying, Error, "interrupted");
  } finally {
    performance.now = clock;
  }
  return hidden(target.slice(0, target.lastIndexOf("/")));
}

function hidden(folder: string): string[] {
  return fs.readdirSync(folder).filter((name) => name.startsWith(".")).sort();
}

describe("copy() with resume", () => {
  for (const method of ["kernel", "aio"] as const) {
    for (const old of [false, true]) {
      it(`goes on by ${method}, ${old ? "over an old file" : "where there was none"}`, async () => {
        using folder = new TemporaryFolder();
        const content = knownBytes(40 * MIB + 77);
        const source = folder.write("source", content), target = folder.at("target");
        fs.chmodSync(source, 0o444);
        if (old) fs.writeFileSync(target, "old", { mode: 0o640 });
        const left = await interrupt(source, target, 16 * MIB, { method });
        assertEquals(left.map((name) => name.replace(/^.*\.(\w+\.aio-copy)$/, "$1")), [
          "journal.aio-copy",
          "part.aio-copy",
        ]);
        assertEquals(fs.existsSync(target) ? fs.readFileSync(target, "utf8") : "", old ? "old" : "");
        const { resumed, bytes, anew, size } = await copy(source, target, { method, resume: true });
        assert(resumed >= 16 * MIB, `${resumed} bytes`);
        assertEquals([resumed + bytes, size, anew], [content.length, content.length, ""]);
        assert(fs.readFileSync(target).equals(content));
        assertEquals(fs.statSync(target).mode & 0o777, old ? 0o640 : 0o444);
        assertEquals(hidden(folder.path), []);
      });
    }
  }

  itOnLinux("goes on past the page cache, and between the two ways", async () => {
    using folder = new TemporaryFolder("/tmp");
    const content = knownBytes(24 * MIB + 1234);
    const source = folder.write("source", content), target = folder.at("target");
    await interrupt(source, target, 4 * MIB, { method: "aio", direct: true });
    await interrupt(source, target, 12 * MIB, { method: "aio" });
    const { resumed } = await copy(source, target, { method: "aio", direct: true, resume: true });
    assert(resumed >= 12 * MIB, `${resumed} bytes`);
    assert(fs.readFileSync(target).equals(content));
    await interrupt(source, target, 16 * MIB, { method: "kernel" });
    const { bytes } = await copy(source, target, { method: "aio", resume: true });
    assert(bytes <= content.length - 16 * MIB, `${bytes} bytes`);
    assert(fs.readFileSync(target).equals(content));
    assertEquals(hidden(folder.path), []);
  });

  it("leaves holes as they are", async () => {
    using folder = new TemporaryFolder();
    const source = folder.write("source", ""), target = folder.at("target");
    fs.truncateSync(source, 64 * MIB);
    const fd = fs.openSync(source, "r+");
    for (const at of [0, 20, 40, 60]) fs.writeSync(fd, knownBytes(3 * MIB), 0, 3 * MIB, at * MIB);
    fs.closeSync(fd);
    await interrupt(source, target, 21 * MIB, { method: "aio" });
    const { resumed, bytes } = await copy(source, target, { method: "aio", resume: true });
    assertEquals(resumed + bytes, 12 * MIB);
    assert(fs.readFileSync(target).equals(fs.readFileSync(source)));
    assert(fs.statSync(target).blocks * 512 < 20 * MIB);
  });

  const changes: [string, string, (source: string, journal: string) => void][] = [
    ["the source was changed", "the source was changed since", (source) => fs.utimesSync(source, 1, 1)],
    ["the source was replaced", "the source was changed since", (source) => {
      const { atime, mtime } = fs.statSync(source);
      fs.copyFileSync(source, `${source}.new`);
      fs.utimesSync(`${source}.new`, atime, mtime);
      fs.renameSync(`${source}.new`, source);
    }],
    ["the journal is of an earlier boot", "the system was started anew", (_, journal) => {
      const text = fs.readFileSync(journal, "utf8");
      fs.writeFileSync(journal, text.replace(/"boot":"[^"]*"/, '"boot":"00000000-0000-0000-0000-000000000000"'));
    }],
    ["the journal is gone", "its journal cannot be read", (_, journal) => fs.rmSync(journal)],
    ["the journal is empty", "its journal was not begun", (_, journal) => fs.truncateSync(journal, 0)],
    [
      "the journal is no journal",
      "its journal was not begun",
      (_, journal) => fs.writeFileSync(journal, "null\n1 2\n"),
    ],
  ];
  for (const [name, why, change] of changes) {
    it(`begins anew, and says so, where ${name}`, async () => {
      using folder = new TemporaryFolder();
      const content = knownBytes(24 * MIB);
      const source = folder.write("source", content), target = folder.at("target");
      const left = await interrupt(source, target, 8 * MIB, {});
      change(source, folder.at(left.find((other) => other.includes(".journal."))!));
      const { resumed, anew, bytes } = await copy(source, target, { resume: true });
      assertEquals([resumed, bytes], [0, content.length]);
      assert(anew.includes(why), anew);
      assert(fs.readFileSync(target).equals(content));
      assertEquals(hidden(folder.path), []);
    });
  }

  it("believes no line of a journal that is torn or out of bounds", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(24 * MIB);
    const source = folder.write("source", content), target = folder.at("target");
    const left = await interrupt(source, target, 8 * MIB, { method: "aio" });
    const journal = folder.at(left.find((other) => other.includes(".journal."))!);
    fs.appendFileSync(journal, `x\n-1 5\n0 ${1e12}\n1 1 1\n${16 * MIB} ${8 * MIB}`); // without a newline at its end
    const { bytes } = await copy(source, target, { resume: true, method: "aio" });
    assert(bytes >= 8 * MIB, `${bytes} bytes`);
    assert(fs.readFileSync(target).equals(content));
  });

  it("is cleaned up by a copy without it, and does not touch one that runs", async () => {
    using folder = new TemporaryFolder();
    const source = folder.write("source", knownBytes(24 * MIB)), target = folder.at("target");
    await interrupt(source, target, 8 * MIB, {});
    await copy(source, target);
    // this process lives, so only the lock tells that nobody is at work on it
    assertEquals(hidden(folder.path), []);
    const both = await Promise.all([copy(source, target, { resume: true }), copy(source, target, { resume: true })]);
    assertEquals(both.map(({ size }) => size), [24 * MIB, 24 * MIB]);
    assertEquals(hidden(folder.path), []);
  });

  const kills = scaled(6, 50);
  it(`copies no more than a block per lane again when it is killed at ${kills} moments`, async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(48 * MIB + 5);
    const source = folder.write("source", content);
    fs.mkdirSync(folder.at("targets"));
    const target = folder.at("targets/source");
    for (const method of ["kernel", "aio"] as const) {
      const ranges = Math.ceil(content.length / BLOCK[method]);
      for (let kill = 0; kill < kills / 2; kill++) {
        const wanted = 1 + Math.floor(kill / (kills / 2) * (ranges - 1));
        const { signal, stderr } = await runChild(CHILD, { args: [source, target, method, String(wanted)] });
        assertEquals(signal, "SIGKILL", stderr);
        const part = hidden(folder.at("targets")).find((name) => name.includes(".part."))!;
        const written = fs.statSync(folder.at(`targets/${part}`)).blocks * 512;
        const { resumed, bytes } = await copy(source, target, { resume: true, method });
        assertEquals(resumed + bytes, content.length);
        assert(resumed >= Math.min(wanted * BLOCK[method], content.length - BLOCK[method]), `${resumed} of ${wanted}`);
        // copies by the kernel get blocks ahead of their data, so these tell nothing there
        if (method === "aio") assert(written - resumed <= LANES * BLOCK.aio, `${written - resumed} bytes again`);
        assert(fs.readFileSync(target).equals(content));
        assertEquals(hidden(folder.at("targets")), []);
        fs.rmSync(target);
      }
    }
  });
});

describe("copyTree() with resume", () => {
  it("skips what is there, and goes on with a big file", async () => {
    using folder = new TemporaryFolder();
    fs.mkdirSync(folder.at("source"));
    fs.mkdirSync(folder.at("target"));
    const content = knownBytes(24 * MIB);
    for (const name of ["a", "b", "c"]) folder.write(`source/${name}`, name);
    folder.write("source/big", content);
    folder.write("target/a", "a");
    await interrupt(folder.at("source/big"), folder.at("target/big"), 16 * MIB, {});
    const again = copyTree(folder.at("source"), folder.at("target"), { resume: true });
    const { files, skipped, bytes } = await again.summary;
    assertEquals([files, skipped], [3, 1]);
    assert(bytes <= 8 * MIB + 2, `${bytes} bytes`);
    assert(fs.readFileSync(folder.at("target/big")).equals(content));
    assertEquals(hidden(folder.at("target")), []);
    const last = await copyTree(folder.at("source"), folder.at("target"), { resume: true }).summary;
    assertEquals([last.files, last.skipped], [0, 4]);
  });

  for (
    const [what, name] of [["255 letters", "n".repeat(255)], ["63 pictures", "x" + "\u{1F40E}".repeat(63)]] as const
  ) {
    it(`goes on with a file whose name is as long as can be: ${what}`, async () => {
      using folder = new TemporaryFolder();
      fs.mkdirSync(folder.at("source"));
      fs.mkdirSync(folder.at("target"));
      const content = knownBytes(24 * MIB);
      folder.write(`source/${name}`, content);
      folder.write(`source/${name.slice(0, -2)}`, "like it");
      await interrupt(folder.at(`source/${name}`), folder.at(`target/${name}`), 16 * MIB, {});
      const { files, bytes } = await copyTree(folder.at("source"), folder.at("target"), { resume: true }).summary;
      assertEquals(files, 2);
      assert(bytes <= 8 * MIB + 7, `${bytes} bytes`);
      assert(fs.readFileSync(folder.at(`target/${name}`)).equals(content));
      assertEquals(hidden(folder.at("target")), []);
    });
  }

  it("removes what was begun of a file that is not there any more", async () => {
    using folder = new TemporaryFolder();
    fs.mkdirSync(folder.at("source"));
    fs.mkdirSync(folder.at("target"));
    folder.write("source/big", knownBytes(24 * MIB));
    await interrupt(folder.at("source/big"), folder.at("target/big"), 16 * MIB, {});
    fs.rmSync(folder.at("source/big"));
    await copyTree(folder.at("source"), folder.at("target"), { resume: true }).summary;
    assertEquals(fs.readdirSync(folder.at("target")), []);
  });
});
