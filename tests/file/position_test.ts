// Where a file goes on without an offset, whole files, and whose requests end with it.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import fs from "node:fs";
import { AioFile, AioQueue } from "@posix/aio";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itOnLinux, itWithPipes } from "../support/platform.ts";

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe("AioFile without an offset", () => {
  it("reads on, as read(2) does", async () => {
    using folder = new TemporaryFolder();
    await using file = await AioFile.open(folder.write("file", "abcdefghij"));
    assertEquals(decode((await file.read({ length: 3 })).buffer), "abc");
    assertEquals(decode((await file.read({ length: 2, offset: 8 })).buffer), "ij");
    assertEquals(decode((await file.read({ length: 2, offset: null })).buffer), "de");
    const one = new Uint8Array(4);
    assertEquals((await file.readv([one])).bytes, 4);
    assertEquals(decode(one), "fghi");
    assertEquals((await file.read({ length: 4 })).bytes, 1);
    assertEquals((await file.read({ length: 4 })).bytes, 0);
  });

  it("keeps the order of the calls, all under way together", async () => {
    using folder = new TemporaryFolder();
    const path = folder.at("file");
    await using file = await AioFile.open(path, { flags: "w+" });
    const lines = Array.from({ length: 200 }, (_, index) => `line ${index} ${"x".repeat(index)}\n`);
    await Promise.all(lines.map((line) => file.write(line)));
    assertEquals(fs.readFileSync(path, "utf8"), lines.join(""));
    await using again = await AioFile.open(path);
    const parts = await Promise.all(lines.map(({ length }) => again.read({ length })));
    assertEquals(parts.map(({ buffer }) => decode(buffer)), lines);
  });

  it("uses the descriptor's own position", async () => {
    using folder = new TemporaryFolder();
    await using file = await AioFile.open(folder.write("file", "abcdefghij"), { flags: "r+" });
    await file.read({ length: 3 });
    const bytes = Buffer.alloc(2);
    fs.readSync(file.fd, bytes, 0, 2, null);
    assertEquals([String(bytes), decode((await file.read({ length: 2 })).buffer)], ["de", "fg"]);
    await file.write("XY");
    await file.size();
    assertEquals(decode((await file.read({ length: 5 })).buffer), "j");
    assertEquals(await file.text(), "abcdefgXYj");
  });

  it("appends where it was opened so, and goes on behind that", async () => {
    using folder = new TemporaryFolder();
    const path = folder.write("file", "abc");
    await using file = await AioFile.open(path, { flags: "a+" });
    assertEquals(decode((await file.read({ length: 2 })).buffer), "ab");
    await Promise.all(["def", "ghi"].map((text) => file.write(text)));
    assertEquals((await file.read({ length: 5 })).bytes, 0);
    assertEquals(fs.readFileSync(path, "utf8"), "abcdefghi");
  });

  it("goes on by what has moved where a transfer fails", async () => {
    using folder = new TemporaryFolder();
    await using file = await AioFile.open(folder.write("file", "abc"));
    await assertRejects(() => file.write("x"), Error, "EBADF");
    await assertRejects(() => file.read({ length: 1, signal: AbortSignal.abort() }), DOMException);
    assertEquals(decode((await file.read({ length: 3 })).buffer), "abc");
  });

  itOnLinux("does so past the page cache", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(20_000);
    const path = folder.write("file", content);
    const file = await AioFile.open(path, { direct: true, flags: "r+" }).catch((error) => error);
    if (!(file instanceof AioFile)) return assertEquals(file.code, "EINVAL"); // a file system without it
    await using _file = file;
    for (let at = 0; at < content.length; at += 3000) {
      assertEquals((await file.read({ length: 3000 })).buffer, content.slice(at, at + 3000));
    }
    await file.write("end");
    assertEquals(decode(fs.readFileSync(path).subarray(20_000)), "end");
  });

  it("takes what waits for its turn along when it is closed, and waits for it", async () => {
    using folder = new TemporaryFolder();
    const path = folder.at("file");
    const file = await AioFile.open(path, { flags: "w" });
    const writes = ["a", "b", "c"].map((text) => file.write(text));
    await file.close();
    await Promise.all(writes);
    assertEquals(fs.readFileSync(path, "utf8"), "abc");
  });
});

describe("a whole file", () => {
  it("comes as bytes, as text and by its lines, wherever the position is", async () => {
    using folder = new TemporaryFolder();
    const text = "eins\nzwölf\r\n\n\r\ndrei 🎈";
    await using file = await AioFile.open(folder.write("file", text));
    await file.read({ length: 5 });
    assertEquals(decode(await file.readAll()), text);
    assertEquals(await file.text(), text);
    assertEquals(await Array.fromAsync(file.lines()), ["eins", "zwölf", "", "", "drei 🎈"]);
    assertEquals(decode((await file.read({ length: 2 })).buffer), "zw");
    await using latin = await AioFile.open(folder.write("latin", Buffer.from("f\xfcnf\n", "latin1")));
    assertEquals(await latin.text({ encoding: "latin1" }), "fünf\n");
    assertEquals(await Array.fromAsync(latin.lines({ encoding: "latin1" })), ["fünf"]);
    assertThrows(() => latin.lines({ encoding: "none" }), RangeError);
    await using empty = await AioFile.open(folder.write("empty", ""));
    assertEquals([(await empty.readAll()).length, await empty.text()], [0, ""]);
    assertEquals(await Array.fromAsync(empty.lines()), []);
  });

  it("of many chunks keeps every byte, and characters on their edges", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(5_000_001);
    await using file = await AioFile.open(folder.write("file", content));
    assertEquals(Buffer.compare(await file.readAll(), content), 0);
    const lines = Array.from({ length: 60_000 }, (_, index) => `${index} ${"ä€🎈".repeat(index % 13)}`);
    await using text = await AioFile.open(folder.write("text", `${lines.join("\n")}\n`));
    assert((await text.size()) > 3 << 20);
    assertEquals(await Array.fromAsync(text.lines()), lines);
  });

  it("ends early by a signal, with its reason", async () => {
    using folder = new TemporaryFolder();
    await using file = await AioFile.open(folder.write("file", knownBytes(100_000)));
    const signal = AbortSignal.abort("enough");
    assertEquals(await file.readAll({ signal }).catch((error) => error), "enough");
    assertEquals(await file.text({ signal }).catch((error) => error), "enough");
    assertEquals(await file.lines({ signal }).next().catch((error) => error), "enough");
  });

  itOnLinux("that does not tell its size comes whole", async () => {
    await using file = await AioFile.open("/proc/self/status");
    assert((await file.text()).startsWith("Name:"));
    assert((await Array.fromAsync(file.lines())).length > 10);
  });

  itWithPipes("of a pipe is what comes until its end", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("fifo");
    const opening = AioFile.open(folder.at("fifo"));
    const writer = await AioFile.open(folder.at("fifo"), { flags: "w" });
    await using reader = await opening;
    const reading = reader.text();
    await writer.write("one ");
    await writer.write("two");
    await writer.close();
    assertEquals(await reading, "one two");
  });
});

describe("AioFile", () => {
  it("is what stat(2) tells, and takes a path as bytes", async () => {
    using folder = new TemporaryFolder();
    const path = folder.write("zwölf", "abc");
    await using file = await AioFile.open(Buffer.from(path), { flags: "r+", signal: null });
    assertEquals([file.path, (await file.stat()).size, (await file.stat()).isFile()], [path, 3, true]);
    await file.datasync();
    const wrong = Buffer.concat([Buffer.from(folder.at("n")), Buffer.from([0xe9])]);
    await assertRejects(() => AioFile.open(wrong), TypeError, "its bytes are no UTF-8");
    await assertRejects(() => AioFile.open(5 as unknown as string), TypeError, "path 5: expected a string");
  });

  itWithPipes("cancels its own requests when it is disposed of, not a program's", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("fifo");
    const fd = folder.open("fifo", "r+");
    await using queue = new AioQueue();
    let others: Promise<unknown>;
    {
      await using file = await AioFile.open(folder.at("fifo"), { queue, flags: "r+" });
      others = queue.read(file.fd, { length: 2 });
      const own = assertRejects(() => file.read({ length: 2 }), Error, "ECANCELED");
      await new Promise((resolve) => setTimeout(resolve, 20));
      void own;
    }
    fs.writeSync(fd, "ab");
    assertEquals((await others as { bytes: number }).bytes, 2);
  });
});
