/**
 * copy() to and from what is no plain file: links, FIFOs, devices, directories, the source itself.
 *
 * @module
 */

import { assert, assertEquals, assertFalse, assertLessOrEqual, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { spawn } from "node:child_process";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import fs from "node:fs";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { AioError, AioQueue, copy } from "../../mod.ts";
import { platform } from "../../structs/platform.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";

const METHODS = ["kernel", "aio"] as const;
const CONTENT = knownBytes(5 * 1024 * 1024 + 3);

/** Runs a shell line; `ended` is kept when it has ended well. */
function shell(line: string): { readonly ended: Promise<void>; readonly kill: () => void } {
  const child = spawn("/bin/sh", ["-c", line], { stdio: "ignore", detached: true });
  const ended = once(child, "exit").then(([code]) => assertEquals(code, 0));
  ended.catch(() => {});
  return { ended, kill: () => void process.kill(-child.pid!, "SIGKILL") };
}

function same(name: string, content: Uint8Array): boolean {
  return Buffer.compare(fs.readFileSync(name), content) === 0;
}

function setMode(name: string, mode: number): string {
  fs.chmodSync(name, mode);
  return name;
}

for (const method of METHODS) {
  describe(`copy() by ${method}`, () => {
    it("follows a link at the target: the link stays, its file is replaced", async () => {
      using folder = new TemporaryFolder();
      fs.mkdirSync(folder.at("other"));
      folder.write("other/file", "old");
      fs.symlinkSync("other/file", folder.at("link"));
      const { target } = await copy(folder.write("source", CONTENT), folder.at("link"), { method });
      assertEquals(target, fs.realpathSync(folder.at("other/file")));
      assert(fs.lstatSync(folder.at("link")).isSymbolicLink());
      assert(same(folder.at("other/file"), CONTENT));
      assertEquals(fs.readdirSync(folder.at("other")), ["file"]);
    });

    it("follows a link at the source", async () => {
      using folder = new TemporaryFolder();
      folder.write("file", CONTENT);
      fs.symlinkSync("file", folder.at("link"));
      await copy(folder.at("link"), folder.at("target"), { method });
      assert(fs.lstatSync(folder.at("target")).isFile());
      assert(same(folder.at("target"), CONTENT));
    });

    it("refuses a link that leads nowhere", async () => {
      using folder = new TemporaryFolder();
      fs.symlinkSync("nowhere", folder.at("link"));
      const error = await assertRejects(
        () => copy(folder.write("source", "new"), folder.at("link"), { method }),
        AioError,
      );
      assertEquals(error.code, "ENOENT");
      assert(fs.lstatSync(folder.at("link")).isSymbolicLink());
    });

    it("writes into a FIFO, which stays one", async () => {
      using folder = new TemporaryFolder();
      const fifo = folder.fifo("fifo");
      const reader = shell(`cat '${fifo}' > '${folder.at("arrived")}'`);
      const { method: taken, reason } = await copy(folder.write("source", CONTENT), fifo, { method });
      await reader.ended;
      assert(same(folder.at("arrived"), CONTENT));
      assert(fs.lstatSync(fifo).isFIFO());
      assertEquals(taken, "aio");
      assert(reason.length > 0);
    });

    it("reads from a FIFO to its end", async () => {
      using folder = new TemporaryFolder();
      const fifo = folder.fifo("fifo");
      const writer = shell(`cat '${folder.write("source", CONTENT)}' > '${fifo}'`);
      const { bytes, size } = await copy(fifo, folder.at("target"), { method });
      await writer.ended;
      assertEquals([bytes, size], [CONTENT.length, CONTENT.length]);
      assert(same(folder.at("target"), CONTENT));
    });

    it("goes from one FIFO to another", async () => {
      using folder = new TemporaryFolder();
      const [from, to] = [folder.fifo("from"), folder.fifo("to")];
      const writer = shell(`cat '${folder.write("source", CONTENT)}' > '${from}'`);
      const reader = shell(`cat '${to}' > '${folder.at("arrived")}'`);
      await copy(from, to, { method, chunkBytes: 8192 });
      await Promise.all([writer.ended, reader.ended]);
      assert(same(folder.at("arrived"), CONTENT));
    });

    it("writes to /dev/null, which stays a device", async () => {
      using folder = new TemporaryFolder();
      const before = fs.statSync("/dev/null");
      const { bytes, target } = await copy(folder.write("source", CONTENT), "/dev/null", { method, sync: true });
      const after = fs.statSync("/dev/null");
      assertEquals([bytes, target], [CONTENT.length, "/dev/null"]);
      assert(after.isCharacterDevice());
      assertEquals([after.ino, after.mode], [before.ino, before.mode]);
    });

    it("writes to /dev/null through a link, and both stay", async () => {
      using folder = new TemporaryFolder();
      fs.symlinkSync("/dev/null", folder.at("link"));
      await copy(folder.write("source", CONTENT), folder.at("link"), { method });
      assert(fs.lstatSync(folder.at("link")).isSymbolicLink());
      assert(fs.statSync("/dev/null").isCharacterDevice());
    });

    it("refuses the source itself, by its name, a link and a hard link, and leaves it alone", async () => {
      using folder = new TemporaryFolder();
      const source = folder.write("source", CONTENT);
      fs.symlinkSync("source", folder.at("link"));
      fs.linkSync(source, folder.at("hard"));
      for (const target of ["source", "./source", "link", "hard"]) {
        const error = await assertRejects(() => copy(source, `${folder.path}/${target}`, { method }), AioError);
        assertEquals(error.code, "EINVAL");
        assert(error.message.includes("same file"), error.message);
      }
      assert(same(source, CONTENT));
      assertEquals(fs.readdirSync(folder.path).sort(), ["hard", "link", "source"]);
    });

    it("replaces a file with other hard links, which keep the old content", async () => {
      using folder = new TemporaryFolder();
      fs.linkSync(folder.write("target", "old"), folder.at("hard"));
      await copy(folder.write("source", CONTENT), folder.at("target"), { method });
      assert(same(folder.at("target"), CONTENT));
      assertEquals(fs.readFileSync(folder.at("hard"), "utf8"), "old");
    });

    it("goes into a directory under the source's name", async () => {
      using folder = new TemporaryFolder();
      fs.mkdirSync(folder.at("directory"));
      const { target } = await copy(folder.write("source", CONTENT), `${folder.at("directory")}/`, { method });
      assertEquals(target, folder.at("directory/source"));
      assert(same(target, CONTENT));
    });

    it("gives a new file the source's mode without the umask, and one that exists its own", async () => {
      using folder = new TemporaryFolder();
      const source = setMode(folder.write("source", CONTENT), 0o777);
      const existing = setMode(folder.write("existing", "old"), 0o604);
      await copy(source, folder.at("new"), { method });
      await copy(source, existing, { method });
      fs.closeSync(fs.openSync(folder.at("umask"), "w", 0o777));
      assertEquals(fs.statSync(folder.at("new")).mode, fs.statSync(folder.at("umask")).mode);
      assertEquals(fs.statSync(existing).mode & 0o7777, 0o604);
      await copy(setMode(source, 0o440), folder.at("readonly"), { method });
      assertEquals(fs.statSync(folder.at("readonly")).mode & 0o7777, 0o440);
    });

    it("keeps the times if asked, and syncs if asked", async () => {
      using folder = new TemporaryFolder();
      const source = folder.write("source", CONTENT);
      fs.utimesSync(source, 1_000_000_000.25, 1_100_000_000.5);
      await copy(source, folder.at("target"), { method, preserveTimestamps: true, sync: true });
      assertEquals(fs.statSync(folder.at("target")).mtimeMs, 1_100_000_000_500);
      await copy(source, folder.at("target"), { method });
      assert(fs.statSync(folder.at("target")).mtimeMs > 1_600_000_000_000);
    });

    it("leaves a target alone that is not to be replaced", async () => {
      using folder = new TemporaryFolder();
      const source = folder.write("source", CONTENT);
      const options = { method, overwrite: false };
      await copy(source, folder.at("new"), options);
      assert(same(folder.at("new"), CONTENT));
      const target = folder.write("target", "old");
      const error = await assertRejects(() => copy(source, target, options), AioError);
      assertEquals([error.code, fs.readFileSync(target, "utf8")], ["EEXIST", "old"]);
      assertEquals(fs.readdirSync(folder.path).sort(), ["new", "source", "target"]);
    });

    it("takes names with spaces, quotes, other scripts and the greatest length, and URLs", async () => {
      using folder = new TemporaryFolder();
      const names = [" a 'b' \"c\"\n", "Übergrößenträger 文件 🗂", "x".repeat(255), "ü".repeat(127)];
      for (const name of names) {
        const source = folder.write("source", name);
        await copy(pathToFileURL(source), folder.at(name), { method });
        await copy(source, pathToFileURL(folder.at(name)), { method });
        assertEquals(fs.readFileSync(folder.at(name), "utf8"), name);
      }
      assertEquals(fs.readdirSync(folder.path).length, names.length + 1);
    });

    it("makes many copies at a time", async () => {
      using folder = new TemporaryFolder();
      const source = folder.write("source", CONTENT);
      const names = Array.from({ length: 12 }, (_, index) => folder.at(`target ${index % 8}`));
      await Promise.all(names.map((name) => copy(source, name, { method })));
      for (const name of names) assert(same(name, CONTENT));
      assertEquals(fs.readdirSync(folder.path).length, 9);
    });
  });
}

describe("copy() by auto", () => {
  it("says which way it took and why", async () => {
    using folder = new TemporaryFolder();
    await using queue = new AioQueue();
    const small = folder.write("small", "few bytes");
    const big = folder.write("big", knownBytes(8 * 1024 * 1024));
    const ways = [
      await copy(small, folder.at("target")),
      await copy(big, folder.at("target")),
      await copy(big, folder.at("target"), { queue }),
      await copy(big, folder.at("target"), { direct: true }),
    ];
    const first = platform().name.startsWith("linux") ? "plain" : "aio"; // what is not in memory is asked for there only
    assertEquals(ways.map(({ method }) => method), [first, "kernel", "aio", "aio"]);
    assertEquals(new Set(ways.map(({ reason }) => reason)).size, 4);
    assertEquals(queue.stats().bytesWritten, 8 * 1024 * 1024);
  });

  it("takes no more room than the source", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(66 * 1024 * 1024 + 5);
    const source = folder.write("source", content);
    await copy(source, folder.at("target"), { sync: true });
    assert(Buffer.compare(fs.readFileSync(folder.at("target")), content) === 0);
    const [{ blocks: needed }, { blocks }] = [fs.statSync(source), fs.statSync(folder.at("target"))];
    assertLessOrEqual(blocks, needed + 64); // the file system's own records
  });

  it("gives an open queue back open", async () => {
    using folder = new TemporaryFolder();
    await using queue = new AioQueue({ depth: 2 });
    const source = folder.write("source", CONTENT);
    await copy(source, folder.at("target"), { queue, depth: 8, chunkBytes: 4096 * 16, sync: true });
    const { bytes } = await queue.read(folder.open("target"), { length: 100 });
    assertEquals(bytes, 100);
  });
});

describe("left-overs of killed copies", () => {
  const leftOver = (target: string, host: string) => `.${target}.${host}.999999.0123456789ab.aio-copy`;

  it("are removed by the next copy to the same target, others stay", async () => {
    using folder = new TemporaryFolder();
    const source = folder.write("source", CONTENT);
    const controller = new AbortController();
    let host = "";
    const onProgress = () => {
      const name = fs.readdirSync(folder.path).find((one) => one.startsWith(".first."))!;
      host = name.split(".").at(-4)!;
      controller.abort();
    };
    await assertRejects(() =>
      copy(source, folder.at("first"), { method: "aio", onProgress, signal: controller.signal })
    );
    assert(host !== "");
    using other = new TemporaryFolder();
    const names = [
      leftOver("target", host),
      leftOver("target", "elsewhere"),
      leftOver("other", host),
      ".target.aio-copy",
    ];
    for (const name of names) other.write(name, "part");
    await copy(source, other.at("target"));
    assertEquals(fs.readdirSync(other.path).sort(), [...names.slice(1), "target"].sort());
  });

  it("are not looked at while their lock is held", async () => {
    using folder = new TemporaryFolder();
    const fifo = folder.fifo("fifo");
    const copying = copy(fifo, folder.at("target"));
    const feeder = fs.openSync(fifo, "r+");
    fs.writeSync(feeder, "first");
    while (!fs.readdirSync(folder.path).some((name) => name.endsWith(".aio-copy"))) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await copy(folder.write("source", "second"), folder.at("target"));
    assert(fs.readdirSync(folder.path).some((name) => name.endsWith(".aio-copy")), "removed while in use");
    assertEquals(fs.readFileSync(folder.at("target"), "utf8"), "second");
    fs.closeSync(feeder);
    await copying;
    assertEquals(fs.readFileSync(folder.at("target"), "utf8"), "first");
    assertFalse(fs.readdirSync(folder.path).some((name) => name.endsWith(".aio-copy")));
  });
});
