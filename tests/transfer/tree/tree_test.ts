// copyTree() and copyMany(): what takes part, where it goes, what is left alone, what is refused, and how it ends.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createHash } from "node:crypto";
import fs from "node:fs";
import { AioError, copyMany, copyTree, shardOf } from "../../../mod.ts";
import type { TreeOptions, TreeProgress, TreeResult } from "../../../mod.ts";
import { knownBytes, TemporaryFolder } from "../../support/files.ts";
import { itOnLinux, itUnless } from "../../support/platform.ts";
import { hasBytes, shell } from "./odd_tree.ts";
import { copyTreeAs, whyNoUsers } from "./tree_as_user.ts";

/** A tree by its files' contents. */
function plant(folder: TemporaryFolder, files: Readonly<Record<string, string>>): string {
  const root = folder.at("source");
  fs.mkdirSync(root);
  for (const [name, content] of Object.entries(files)) {
    const path = `${root}/${name}`;
    fs.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    fs.writeFileSync(path, content);
  }
  return root;
}

const FILES = { "a.txt": "a", "b.js": "b", "deep/c.txt": "c", "deep/er/d.js": "d", "node_modules/x/e.js": "e" };

/** The files of a tree, with their contents. */
function harvest(root: string): Record<string, string> {
  const found = fs.readdirSync(root, { recursive: true, encoding: "utf8" }).sort();
  return Object.fromEntries(
    found.filter((name) => fs.statSync(`${root}/${name}`).isFile()).map((name) => [
      name,
      fs.readFileSync(`${root}/${name}`, "utf8"),
    ]),
  );
}

async function results(transfer: AsyncIterable<TreeResult>): Promise<string[]> {
  const list: string[] = [];
  for await (const { action, path } of transfer) list.push(`${action} ${path}`);
  return list.sort();
}

describe("copyTree()", () => {
  it("copies everything, tells each entry, and sums it up", async () => {
    using folder = new TemporaryFolder();
    const source = plant(folder, FILES);
    const transfer = copyTree(source, folder.at("new/target"));
    const told = await results(transfer);
    assertEquals(told.filter((line) => line.startsWith("copied")).length, 5);
    assertEquals(told.filter((line) => line.startsWith("made")).length, 5);
    assertEquals(harvest(folder.at("new/target")), FILES);
    const { files, folders, bytes, failed, skipped } = await transfer.summary;
    assertEquals([files, folders, bytes, failed, skipped], [5, 5, 5, 0, 0]);
  });

  const choices: [string, TreeOptions, string[]][] = [
    ["include", { include: "*.txt" }, ["a.txt", "deep/c.txt"]],
    ["exclude", { exclude: ["node_modules", "deep/er/**"] }, ["a.txt", "b.js", "deep/c.txt"]],
    ["both", { include: ["*.js"], exclude: "node_modules" }, ["b.js", "deep/er/d.js"]],
    ["filter", { filter: (source) => !source.endsWith("deep") }, ["a.txt", "b.js", "node_modules/x/e.js"]],
    ["an async filter", { filter: (source) => Promise.resolve(!source.endsWith(".js")) }, ["a.txt", "deep/c.txt"]],
    ["rename", { rename: (path) => path.endsWith(".js") ? undefined : path.replace(".txt", ".md") }, [
      "a.md",
      "deep/c.md",
    ]],
    ["flat", { flat: true, include: "*.js" }, ["b.js", "d.js", "e.js"]],
  ];
  for (const [name, options, expected] of choices) {
    it(`takes part by ${name}`, async () => {
      using folder = new TemporaryFolder();
      const source = plant(folder, FILES);
      const { failed } = await copyTree(source, folder.at("target"), options).summary;
      assertEquals([failed, Object.keys(harvest(folder.at("target")))], [0, expected]);
    });
  }

  it("replaces always, never, newer or different ones", async () => {
    const cases: [TreeOptions, string][] = [
      [{}, "new"],
      [{ overwrite: "never" }, "old"],
      [{ force: false }, "old"],
      [{ overwrite: false, recursive: true, verbatimSymlinks: true }, "old"],
      [{ overwrite: true }, "new"],
      [{ overwrite: "newer" }, "old"],
      [{ overwrite: "different" }, "new"],
      [{ overwrite: "different", checksum: true }, "new"],
    ];
    for (const [options, expected] of cases) {
      using folder = new TemporaryFolder();
      const source = plant(folder, { file: "new", other: "other" });
      fs.utimesSync(`${source}/file`, 1e9, 1e9);
      fs.mkdirSync(folder.at("target"));
      folder.write("target/file", "old");
      const { files, skipped } = await copyTree(source, folder.at("target"), options).summary;
      assertEquals(harvest(folder.at("target")), { file: expected, other: "other" }, JSON.stringify(options));
      assertEquals([files, skipped], expected === "new" ? [2, 0] : [1, 1]);
    }
    using folder = new TemporaryFolder();
    const source = plant(folder, { file: "new" });
    fs.mkdirSync(folder.at("target"));
    folder.write("target/file", "old");
    const { failed } = await copyTree(source, folder.at("target"), { force: false, errorOnExist: true }).summary;
    assertEquals([failed, harvest(folder.at("target"))], [1, { file: "old" }]);
  });

  it("compares contents where it is asked to", async () => {
    using folder = new TemporaryFolder();
    const source = plant(folder, { same: "1234", other: "1234" });
    fs.mkdirSync(folder.at("target"));
    folder.write("target/same", "1234");
    folder.write("target/other", "4321");
    for (const name of ["same", "other"]) fs.utimesSync(folder.at(`target/${name}`), 1e9, 1e9);
    fs.utimesSync(`${source}/other`, 1e9, 1e9);
    const told = await results(copyTree(source, folder.at("target"), { overwrite: "different", checksum: true }));
    assertEquals(told, ["copied other", "skipped same"]);
  });

  it("tells what it would do and does nothing, with dryRun", async () => {
    using folder = new TemporaryFolder();
    const source = plant(folder, FILES);
    const { files, folders } = await copyTree(source, folder.at("target"), { dryRun: true }).summary;
    assertEquals([files, folders, fs.readdirSync(folder.path)], [5, 5, ["source"]]);
    fs.mkdirSync(folder.at("target"));
    folder.write("target/extra", "x");
    const told = await results(copyTree(source, folder.at("target"), { dryRun: true, delete: true }));
    assert(told.includes("deleted extra"), told.join());
    assertEquals(fs.readdirSync(folder.at("target")), ["extra"]);
  });

  it("deletes what the source lacks, but not what is excluded, and nothing after a failure", async () => {
    using folder = new TemporaryFolder();
    const source = plant(folder, { "keep": "1", "deep/keep": "2" });
    await copyTree(source, folder.at("target")).summary;
    for (const name of ["extra", "deep/extra", "safe.log"]) folder.write(`target/${name}`, "x");
    fs.mkdirSync(folder.at("target/gone/inner"), { recursive: true });
    const { deleted } = await copyTree(source, folder.at("target"), { delete: true, exclude: "*.log" }).summary;
    assertEquals(deleted, 3);
    assertEquals(Object.keys(harvest(folder.at("target"))), ["deep/keep", "keep", "safe.log"]);
    // a folder stands where a file is to be: that fails, so nothing may go
    folder.write("target/extra", "x");
    fs.rmSync(folder.at("target/keep"));
    fs.mkdirSync(folder.at("target/keep"));
    const failing = copyTree(source, folder.at("target"), { delete: true }).summary;
    await assertRejects(() => failing, AioError, "nothing is deleted");
    assert(fs.existsSync(folder.at("target/extra")));
    fs.mkdirSync(folder.at("empty"));
    const empty = copyTree(folder.at("empty"), folder.at("target"), { delete: true }).summary;
    await assertRejects(() => empty, AioError, "is empty");
    assert(fs.existsSync(folder.at("target/extra")));
  });

  it("gives digests of the same pass, and verifies", async () => {
    using folder = new TemporaryFolder();
    const source = plant(folder, { small: "small", "deep/empty": "" });
    fs.writeFileSync(`${source}/big`, knownBytes(3_000_001));
    for (const round of ["new", "over"]) {
      const found: Record<string, string | undefined> = {};
      const transfer = copyTree(source, folder.at("target"), { digest: "sha1", verify: true });
      for await (const { kind, path, digest } of transfer) if (kind === "file") found[path] = digest;
      for (const name of ["small", "deep/empty", "big"]) {
        const expected = createHash("sha1").update(fs.readFileSync(`${source}/${name}`)).digest("hex");
        assertEquals(found[name], expected, `${name}, ${round}`);
      }
    }
  });

  it("follows links where it is asked to, and notices that they lead round in a circle", async () => {
    using folder = new TemporaryFolder();
    const source = plant(folder, { "deep/file": "x" });
    fs.symlinkSync("deep", `${source}/link`);
    fs.symlinkSync("..", `${source}/deep/circle`);
    const kept = await copyTree(source, folder.at("links")).summary;
    assertEquals([kept.links, kept.failed, fs.readlinkSync(folder.at("links/link"))], [2, 0, "deep"]);
    const transfer = copyTree(source, folder.at("files"), { dereference: true });
    const failed: string[] = [];
    for await (const { error } of transfer) if (error) failed.push((error as AioError).code);
    assert(failed.length >= 1 && failed.every((code) => code === "ELOOP"), failed.join());
    assertEquals(fs.readFileSync(folder.at("files/link/file"), "utf8"), "x");
  });

  it("goes on after failures, or stops at the first", async () => {
    using folder = new TemporaryFolder();
    const source = plant(folder, { a: "1", b: "2", c: "3" });
    fs.mkdirSync(folder.at("target/b"), { recursive: true });
    const { failed, files } = await copyTree(source, folder.at("target")).summary;
    assertEquals([failed, files], [1, 2]);
    const stopped = copyTree(source, folder.at("target"), { stopOnError: true }).summary;
    assertEquals((await assertRejects(() => stopped, AioError) as AioError).code, "EISDIR");
  });

  it("ends with the signal's reason, or with the iteration, and leaves nothing half", async () => {
    using folder = new TemporaryFolder();
    const many = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [`d${index % 7}/f${index}`, "x".repeat(5000)]),
    );
    const source = plant(folder, many);
    const controller = new AbortController();
    const transfer = copyTree(source, folder.at("target"), { signal: controller.signal });
    const reason = new Error("enough");
    const ended = await (async () => {
      for await (const { action } of transfer) if (action === "copied") controller.abort(reason);
    })().catch((error: unknown) => error);
    assert(ended === reason);
    for await (const { action } of copyTree(source, folder.at("other"))) if (action === "copied") break;
    for (const name of ["target", "other"]) {
      const found = harvest(folder.at(name));
      assert(Object.values(found).every((content) => content.length === 5000));
      assert(!Object.keys(found).some((path) => path.endsWith(".aio-copy")), Object.keys(found).join());
    }
    await assertRejects(
      () => copyTree(source, folder.at("x"), { signal: AbortSignal.abort(reason) }).summary,
      Error,
      "enough",
    );
  });

  it("is over when an abort rejects it: nothing is under way, left over or told any more", async () => {
    using folder = new TemporaryFolder();
    const source = plant(folder, {});
    const pairs = Array.from({ length: 24 }, (_, index) => ({
      source: folder.write(`source/f${index}`, knownBytes(2_000_000)),
      target: folder.at(`target/f${index}`),
    }));
    fs.mkdirSync(folder.at("target"));
    // more than there are places, with one by one copies and those of threads, before and after some have begun
    for (const bandwidthLimit of [undefined, 4_000_000]) {
      for (const startCopy of [copyTree.bind(null, source, folder.at("target")), copyMany.bind(null, pairs)]) {
        for (const begun of [1, 3_000_000]) {
          const controller = new AbortController();
          const reason = new Error("enough");
          let told = 0;
          const onProgress = ({ bytes }: TreeProgress) => {
            told++;
            if (bytes >= begun) controller.abort(reason);
          };
          const timer = setTimeout(() => controller.abort(reason), 1000);
          const { signal } = controller;
          const ended = await startCopy({ bandwidthLimit, onProgress, signal }).summary.catch((error) => error);
          clearTimeout(timer);
          const found = harvest(folder.at("target"));
          const toldThen = told;
          if (ended !== reason) assertEquals(ended.files, pairs.length); // it was faster
          assertEquals(Object.keys(found).filter((name) => name.endsWith(".aio-copy")), []);
          for (const name of Object.keys(found)) assertEquals(fs.statSync(folder.at(`target/${name}`)).size, 2_000_000);
          await new Promise((resolve) => setTimeout(resolve, 300));
          assertEquals([told, Object.keys(harvest(folder.at("target"))).length], [toldThen, Object.keys(found).length]);
          for (const name of Object.keys(found)) fs.rmSync(folder.at(`target/${name}`));
        }
      }
    }
  });

  it("copies all shards at the same time, though each makes the folders", async () => {
    using folder = new TemporaryFolder();
    const names = Array.from({ length: 120 }, (_, index) => `f${index % 40}/g/n${index}`);
    const files = Object.fromEntries(names.map((name) => [name, name]));
    const source = plant(folder, files);
    const options = [0, 1, 2, 3, 4, 5].map((index): TreeOptions => ({ shard: { index, count: 6 }, preserve: true }));
    const parts = options.map((one) => copyTree(source, folder.at("target"), one).summary);
    const summaries = await Promise.all(parts);
    const sum = (name: "files" | "folders" | "failed") => summaries.reduce((all, one) => all + one[name], 0);
    assertEquals([sum("files"), sum("folders"), sum("failed")], [120, 81, 0]);
    assertEquals(harvest(folder.at("target")), harvest(source));
  });

  it("is disjoint and complete over shards", async () => {
    using folder = new TemporaryFolder();
    const many = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [`d${index % 9}/f${index}`, String(index)]),
    );
    const source = plant(folder, many);
    let files = 0;
    for (let index = 0; index < 7; index++) {
      const summary = await copyTree(source, folder.at("target"), { shard: `${index}/7` }).summary;
      assert(summary.files > 5, `${summary.files} files in one shard`);
      files += summary.files;
    }
    assertEquals([files, harvest(folder.at("target"))], [200, harvest(source)]);
    assertEquals(shardOf("photos/2024/1.jpg", 7), shardOf(new TextEncoder().encode("photos/2024/1.jpg"), 7));
  });

  it("refuses what cannot be, and says what to do", async () => {
    using folder = new TemporaryFolder();
    const source = plant(folder, { file: "x" });
    const codes: [string, string, string, string][] = [
      [folder.at("missing"), folder.at("t"), "ENOENT", "missing"],
      [`${source}/file`, folder.at("t"), "ENOTDIR", "copy() copies files"],
      [source, `${source}/file`, "ENOTDIR", "no folder"],
      [source, source, "EINVAL", "same folder"],
      [source, `${source}/inside/deeper`, "EINVAL", "inside the source"],
    ];
    for (const [from, to, code, text] of codes) {
      const error = await assertRejects(() => copyTree(from, to).summary, AioError, text) as AioError;
      assertEquals(error.code, code);
    }
    assertEquals(fs.readdirSync(folder.path), ["source"]);
    const wrong: [object, string][] = [
      [{ overwrite: "sometimes" }, 'overwrite "sometimes"'],
      [{ recursive: false }, "recursive false"],
      [{ shard: "9/7" }, 'shard "9/7"'],
      [{ shard: "one" }, '"I/N"'],
      [{ exclude: "[a" }, 'exclude "[a"'],
      [{ digest: "sha0" }, 'digest "sha0"'],
      [{ dryrun: true }, '"dryrun"'],
      [{ bandwidthLimit: 3 }, "bandwidthLimit 3"],
      [{ delete: true, flat: true }, "delete"],
      [{ concurrency: 0 }, "concurrency 0"],
    ];
    for (const [options, text] of wrong) {
      assertThrows(() => copyTree(source, "/tmp/x", options as TreeOptions), Error, text);
    }
  });

  itUnless(whyNoUsers(), "lists what it may not read, and copies the rest", async () => {
    using folder = new TemporaryFolder();
    fs.chmodSync(folder.path, 0o777);
    const source = plant(folder, { open: "1", secret: "2", "locked/file": "3", "deep/open": "4" });
    fs.chmodSync(`${source}/secret`, 0);
    fs.chmodSync(`${source}/locked`, 0);
    const { failed, codes } = await copyTreeAs({ uid: 2001, gid: 3001 }, source, folder.at("target"));
    assertEquals([failed, codes.sort()], [2, ["EACCES", "EACCES"]]);
    assertEquals(Object.keys(harvest(folder.at("target"))), ["deep/open", "open"]);
  });

  it("keeps below its bandwidth, all files together, also where they take others' places", async () => {
    using folder = new TemporaryFolder();
    const source = plant(folder, {});
    for (const name of ["one", "two", "three"]) fs.writeFileSync(`${source}/${name}`, knownBytes(200_000));
    for (let round = 0; round < 2; round++) {
      const { milliseconds } = await copyTree(source, folder.at("target"), { bandwidthLimit: 1_000_000 }).summary;
      assert(milliseconds > 590, `${milliseconds} ms`);
      assertEquals(fs.statSync(folder.at("target/three")).size, 200_000);
    }
  });

  itOnLinux("keeps holes and rights of names that are no UTF-8, where the runtime can open them", async () => {
    using folder = new TemporaryFolder("/tmp");
    const source = plant(folder, {});
    shell(source, "printf x > $'h\\xe9'; truncate -s 3M $'h\\xe9'; printf yz >> $'h\\xe9'; printf new > $'o\\xe9'");
    fs.mkdirSync(folder.at("target"));
    shell(folder.at("target"), "printf old > $'o\\xe9'; chmod 640 $'o\\xe9'");
    const reasons: string[] = [];
    const transfer = copyTree(source, folder.at("target"));
    for await (const { action, reason } of transfer) if (action === "failed") reasons.push(reason);
    if (!hasBytes) {
      assertEquals(reasons.filter((reason) => reason.includes("which this runtime cannot open")).length, 2);
      return;
    }
    assertEquals([reasons, (await transfer.summary).files], [[], 2]);
    const report =
      "cmp $'h\\xe9' $'../source/h\\xe9'; [ $(stat -c %b $'h\\xe9') -lt 1200 ]; [ $(stat -c %a $'o\\xe9') = 640 ]";
    shell(folder.at("target"), `${report}; [ $(cat $'o\\xe9') = new ]`);
  });
});

describe("copyMany()", () => {
  it("copies pairs of any iterable, each with its own outcome", async () => {
    using folder = new TemporaryFolder();
    folder.write("one", "1");
    folder.write("big", knownBytes(2_000_000));
    async function* pairs() {
      yield { source: folder.at("one"), target: folder.at("one.copy") };
      yield { source: folder.at("missing"), target: folder.at("x") };
      await Promise.resolve();
      yield { source: folder.path, target: folder.at("y") };
      yield { source: folder.at("big"), target: folder.at("big.copy") };
      yield { source: folder.at("one"), target: folder.at("one") };
    }
    const outcomes: string[] = [];
    const transfer = copyMany(pairs());
    for await (const { action, error } of transfer) outcomes.push(error ? (error as AioError).code : action);
    assertEquals(outcomes.sort(), ["EINVAL", "EISDIR", "ENOENT", "copied", "copied"]);
    const { files, failed, bytes } = await transfer.summary;
    assertEquals([files, failed, bytes], [2, 3, 2_000_001]);
    assertEquals(fs.readFileSync(folder.at("big.copy")).equals(knownBytes(2_000_000)), true);
  });

  it("compares contents, counts what it would do, and leaves what is to be left", async () => {
    using folder = new TemporaryFolder();
    const pairs = ["same", "other", "new"].map((name) => ({
      source: folder.write(name, name),
      target: folder.at(`${name}.copy`),
    }));
    folder.write("same.copy", "same");
    folder.write("other.copy", "OTHER");
    const dry = await copyMany(pairs, { overwrite: "different", checksum: true, dryRun: true }).summary;
    assertEquals([dry.files, dry.bytes, dry.skipped, fs.existsSync(folder.at("new.copy"))], [2, 8, 1, false]);
    const { files, skipped } = await copyMany(pairs, { overwrite: "different", checksum: true }).summary;
    assertEquals([files, skipped], [2, 1]);
    assertEquals(fs.readFileSync(folder.at("other.copy"), "utf8"), "other");
    assertEquals((await copyMany(pairs, { overwrite: "never" }).summary).skipped, 3);
  });

  it("copies what a list gave before it broke off, and ends with its error", async () => {
    using folder = new TemporaryFolder();
    folder.write("one", "1");
    const pair = (name: string) => ({ source: folder.at("one"), target: folder.at(name) });
    async function* breaksOff() {
      yield pair("a");
      await Promise.resolve();
      yield pair("b");
      throw new Error("broken off");
    }
    await assertRejects(() => copyMany(breaksOff()).summary, Error, "broken off");
    const filter = (_: string, target: string) => {
      if (target.endsWith("d")) throw new Error("no d");
      return true;
    };
    await assertRejects(() => copyMany([pair("c"), pair("d"), pair("e")], { filter }).summary, Error, "no d");
    assertEquals(fs.readdirSync(folder.path).sort(), ["a", "b", "c", "one"]);
  });

  it("waits after an abort for nothing that its list waits for, and lets it clean up", async () => {
    using folder = new TemporaryFolder();
    folder.write("one", "1");
    const controller = new AbortController();
    const reason = new Error("enough");
    let cleared = 0;
    for (const waits of [true, false]) {
      const stuck = { then: waits ? () => {} : (resolve: (value: unknown) => void) => resolve(undefined) };
      const list = async function* () {
        try {
          yield { source: folder.at("one"), target: folder.at("two") };
          setTimeout(() => controller.abort(reason), 1);
          await stuck;
          while (!controller.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 1));
          yield { source: folder.at("one"), target: folder.at("three") };
        } finally {
          cleared++;
        }
      };
      const ended = await copyMany(list(), { signal: controller.signal }).summary.catch((error: unknown) => error);
      assert(ended === reason);
    }
    assertEquals(fs.existsSync(folder.at("three")), false);
    assertEquals(cleared, 0); // the first never gets on, and the second was aborted before it began
    const transfer = copyMany((function* () {
      try {
        for (;;) yield { source: folder.at("one"), target: folder.at(`${cleared++}`) };
      } finally {
        cleared = -1;
      }
    })());
    for await (const _ of transfer) break;
    assertEquals(cleared, -1);
  });

  it("copies from FIFOs and devices, as they are read, and an abort ends that", async () => {
    using folder = new TemporaryFolder();
    const pairs = Array.from({ length: 12 }, (_, index) => ({
      source: folder.fifo(`fifo${index}`),
      target: folder.at(`from${index}`),
    }));
    const ended = await copyMany(pairs, { signal: AbortSignal.timeout(200) }).summary.catch((error: Error) =>
      error.name
    );
    assertEquals(ended, "TimeoutError");
    const { files } = await copyMany([{ source: "/dev/null", target: folder.at("empty") }]).summary;
    assertEquals([files, fs.statSync(folder.at("empty")).size], [1, 0]);
  });

  it("says what is no pair", async () => {
    assertThrows(() => copyMany(5 as unknown as []), TypeError, "pairs");
    await assertRejects(() => copyMany([{ source: 5, target: "x" } as never]).summary, TypeError, "source");
  });
});
