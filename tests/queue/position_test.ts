// offset: null: requests that go on where the file's own position is, one after another, and move it.

import { AioError, AioQueue } from "@posix/aio";
import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fs from "node:fs";
import { libc } from "../../ffi/libc.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itWithPipes } from "../support/platform.ts";

const SEEK_CUR = 1;

const positionOf = (fd: number) => libc().call.lseek(fd, 0, SEEK_CUR);
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (text: string) => new TextEncoder().encode(text);

describe("AioQueue with offset: null", () => {
  it("reads on from the file's position, each request behind the one before it", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "abcdefghijklmnopqrstuvwxyz");
    const fd = folder.open("file");
    await using queue = new AioQueue({ depth: 3 });
    fs.readSync(fd, new Uint8Array(2), 0, 2, null);
    const reads = [5, 1, 10, 0, 3].map((length) => queue.read(fd, { offset: null, length }));
    assertEquals((await Promise.all(reads)).map(({ buffer }) => text(buffer)), ["cdefg", "h", "ijklmnopqr", "", "stu"]);
    assertEquals(positionOf(fd), 21);
    assertEquals((await queue.read(fd, { offset: 3, length: 3 })).bytes, 3);
    assertEquals(positionOf(fd), 21);
  });

  it("stops at the end of the file, and leaves the position there", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "abcdef");
    const fd = folder.open("file", "r+");
    await using queue = new AioQueue();
    const reads = [4, 4, 4].map((length) => queue.read(fd, { offset: null, buffer: new Uint8Array(length) }));
    assertEquals((await Promise.all(reads)).map(({ bytes }) => bytes), [4, 2, 0]);
    assertEquals(positionOf(fd), 6);
    await queue.write(fd, bytes("gh"), { offset: null });
    assertEquals(fs.readFileSync(folder.at("file"), "utf8"), "abcdefgh");
    assertEquals(positionOf(fd), 8);
  });

  it("writes one after another, large ones too", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "");
    const fd = folder.open("file", "r+");
    await using queue = new AioQueue();
    const parts = [knownBytes(10), knownBytes(2_500_000), knownBytes(3), knownBytes(1_200_000)];
    await Promise.all(parts.map((part) => queue.write(fd, part, { offset: null })));
    const whole = Buffer.concat(parts);
    assertEquals(positionOf(fd), whole.length);
    assertEquals(fs.readFileSync(folder.at("file")).equals(whole), true);
  });

  it("reads and writes several parts", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "");
    const fd = folder.open("file", "r+");
    await using queue = new AioQueue();
    using pooled = queue.buffers.take(3);
    pooled.bytes.set(bytes("abc"));
    await Promise.all([
      queue.writev(fd, [pooled.bytes, bytes("de")], { offset: null }),
      queue.writev(fd, [bytes("fg"), bytes("h")], { offset: null }),
    ]);
    assertEquals(fs.readFileSync(folder.at("file"), "utf8"), "abcdefgh");
    const again = folder.open("file");
    const into = [new Uint8Array(1), pooled.bytes];
    await queue.readv(again, into, { offset: null });
    assertEquals([...into.map(text), positionOf(again)], ["a", "bcd", 4]);
  });

  it("appends where the file was opened to append, and leaves the position behind what it wrote", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "abc");
    const fd = folder.open("file", "a");
    await using queue = new AioQueue();
    await Promise.all(["d", "ef", "g"].map((part) => queue.write(fd, bytes(part), { offset: null })));
    assertEquals([fs.readFileSync(folder.at("file"), "utf8"), positionOf(fd)], ["abcdefg", 7]);
  });

  it("leaves the position alone where a request fails or is taken back", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "abcdef");
    const fd = folder.open("file");
    await using queue = new AioQueue();
    await queue.read(fd, { offset: null, length: 2 });
    await assertRejects(() => queue.write(fd, bytes("x"), { offset: null }), AioError, "the file's position");
    assertEquals(positionOf(fd), 2);
    const aborted = new AbortController();
    const { signal } = aborted;
    const reads = Promise.allSettled([1, 1, 1].map((length) => queue.read(fd, { offset: null, length, signal })));
    aborted.abort();
    await reads;
    assertEquals(positionOf(fd), 2);
    const detached = new Uint8Array(3);
    const doomed = queue.read(fd, { offset: null, buffer: detached });
    detached.buffer.transfer();
    await assertRejects(() => doomed, TypeError, "detached");
    assertEquals(text((await queue.read(fd, { offset: null, length: 9 })).buffer).at(-1), "f");
  });

  it("is told by -1 in completions", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "abcdef");
    const fd = folder.open("file");
    await using queue = new AioQueue();
    queue.submit([1, 2, 3].map((length) => ({ op: "read", fd, offset: null, length, tag: length } as const)));
    const found: unknown[] = [];
    for await (const { tag, offset, buffer } of queue) found.push([tag, offset, text(buffer!)]);
    assertEquals(found, [[1, -1, "a"], [2, -1, "bc"], [3, -1, "def"]]);
  });

  itWithPipes("means nothing to a pipe", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("fifo");
    const fd = folder.open("fifo", "r+");
    await using queue = new AioQueue();
    await queue.write(fd, bytes("hello"), { offset: null });
    assertEquals(text((await queue.read(fd, { offset: null, length: 9 })).buffer), "hello");
  });
});
