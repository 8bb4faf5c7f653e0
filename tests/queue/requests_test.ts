// What AioQueue does with single requests and with their arguments: bytes, offsets, short transfers, vectored requests,
// own arrays of every kind, and the errors for bad input.

import { AioError, AioQueue } from "@posix/aio";
import { assert, assertEquals, assertInstanceOf, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fs from "node:fs";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itWithPipes } from "../support/platform.ts";

describe("AioQueue.read()", () => {
  it("brings fresh bytes when it has no buffer", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(10_000);
    folder.write("file", content);
    await using queue = new AioQueue();
    const { bytes, buffer } = await queue.read(folder.open("file"), { offset: 4096, length: 100 });
    assertEquals(bytes, 100);
    assertEquals(buffer, content.slice(4096, 4196));
  });

  it("fills the caller's array and no byte around it", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "abcdefghij");
    await using queue = new AioQueue();
    const whole = new Uint8Array(8).fill(0x2e);
    const { bytes, buffer } = await queue.read(folder.open("file"), { offset: 2, buffer: whole.subarray(2, 5) });
    assertEquals(bytes, 3);
    assertEquals(buffer.byteOffset, 2);
    assertEquals(new TextDecoder().decode(whole), "..cde...");
  });

  it("reads less at the end of the file and nothing beyond it", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "abc");
    const fd = folder.open("file");
    await using queue = new AioQueue();
    const end = await queue.read(fd, { offset: 1, length: 100 });
    assertEquals(new TextDecoder().decode(end.buffer), "bc");
    assertEquals((await queue.read(fd, { offset: 3, length: 100 })).buffer, new Uint8Array(0));
    assertEquals((await queue.read(fd, { offset: Number.MAX_SAFE_INTEGER, length: 1 })).bytes, 0);
  });

  it("reads zero bytes", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "abc");
    await using queue = new AioQueue();
    assertEquals((await queue.read(folder.open("file"), { length: 0 })).buffer, new Uint8Array(0));
  });

  it("reads more than one piece of the pool, fresh and into an array", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(3 * 1024 * 1024 + 13);
    folder.write("file", content);
    const fd = folder.open("file");
    await using queue = new AioQueue();
    const fresh = await queue.read(fd, { offset: 5, length: 8 * 1024 * 1024 });
    assertEquals(fresh.bytes, content.length - 5);
    assertEquals(fresh.buffer.length, content.length - 5);
    assert(Buffer.from(content.buffer, 5, content.length - 5).equals(fresh.buffer));
    const own = new Uint8Array(content.length);
    assertEquals((await queue.read(fd, { buffer: own })).bytes, content.length);
    assert(Buffer.from(content.buffer, 0, content.length).equals(own));
  });

  it("reads into a small, a resizable, a shared, a WebAssembly and a Buffer array", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", knownBytes(4096));
    const expected = knownBytes(64);
    const fd = folder.open("file");
    await using queue = new AioQueue();
    const arrays = [
      new Uint8Array(64),
      new Uint8Array(new ArrayBuffer(64, { maxByteLength: 1 << 17 })),
      new Uint8Array(new SharedArrayBuffer(64)),
      new Uint8Array(new WebAssembly.Memory({ initial: 1 }).buffer, 100, 64),
      Buffer.from("x".repeat(64)),
    ];
    for (const array of arrays) {
      assertEquals((await queue.read(fd, { buffer: array })).bytes, 64);
      assertEquals(new Uint8Array(array), expected);
    }
  });

  it("fails alone when its array is detached while it waits", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", knownBytes(4096));
    const fd = folder.open("file");
    await using queue = new AioQueue();
    const array = new Uint8Array(64);
    const doomed = queue.read(fd, { buffer: array });
    const other = queue.read(fd, { length: 8 });
    array.buffer.transfer();
    await assertRejects(() => doomed, TypeError, "detached");
    assertEquals((await other).bytes, 8);
  });

  it("refuses an array that is detached already", async () => {
    await using queue = new AioQueue();
    const array = new Uint8Array(8);
    array.buffer.transfer();
    await assertRejects(() => queue.read(0, { buffer: array }), TypeError, "detached");
  });

  it("names the argument, its value and what was expected", async () => {
    await using queue = new AioQueue();
    const read = (fd: unknown, options: unknown) => queue.read(fd as number, options as { length: number });
    const cases: [unknown, unknown, typeof TypeError | typeof RangeError, string][] = [
      ["3", { length: 1 }, TypeError, 'fd "3": expected a number'],
      [-1, { length: 1 }, RangeError, "fd -1: expected an integer from 0 to 2147483647"],
      [1.5, { length: 1 }, RangeError, "fd 1.5"],
      [3, {}, TypeError, "length undefined: expected a number"],
      [3, { length: -1 }, RangeError, "length -1: expected an integer from 0"],
      [3, { length: 0.5 }, RangeError, "length 0.5"],
      [3, { length: 2 ** 40 }, RangeError, "length 1099511627776"],
      [3, { length: 1, offset: -1 }, RangeError, "offset -1: expected an integer from 0"],
      [3, { length: 1, offset: 1.5 }, RangeError, "offset 1.5"],
      [3, { length: 1, offset: NaN }, RangeError, "offset NaN"],
      [3, { length: 1, offset: "0" }, TypeError, 'offset "0": expected a number'],
      [3, { length: 9, buffer: new Uint8Array(8) }, RangeError, "length 9: expected an integer from 0 to 8"],
      [3, { length: 1, offset: -1n }, RangeError, "offset -1n: expected an integer from 0"],
      [3, { length: 1, offset: 2n ** 53n }, RangeError, "offset 9007199254740992n"],
      [3, { buffer: [1, 2] }, TypeError, "buffer of type Array: expected a Uint8Array, another view or an ArrayBuffer"],
      [3, { buffer: "text" }, TypeError, 'buffer "text": expected a Uint8Array'],
      [3, { length: 1, moved: 5 }, TypeError, "moved 5: expected an object"],
      [3, { length: 1, moved: Object.freeze({ bytes: 1 }) }, TypeError, "moved of type Object"],
      [{ fd: "3" }, { length: 1 }, TypeError, "fd of type Object: expected a number, or an object whose fd is one"],
      [3, null, TypeError, "options null: expected an object"],
      [3, new Uint8Array(5), TypeError, "options of type Uint8Array: expected an object, such as { buffer }"],
      [3, { length: 1, ofset: 7 }, TypeError, 'options: there is no "ofset", only offset, length, buffer'],
      [3, { length: 1, priority: 0.5 }, RangeError, "priority 0.5"],
    ];
    for (const [fd, options, kind, message] of cases) await assertRejects(() => read(fd, options), kind, message);
  });

  it("rejects with what libc says, the others unharmed", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "abc");
    const fd = folder.open("file");
    const sink = fs.openSync(folder.at("file"), fs.constants.O_WRONLY);
    const directory = fs.openSync(folder.path, "r");
    await using queue = new AioQueue();
    const results = await Promise.allSettled([
      queue.read(987_654, { length: 1 }),
      queue.read(sink, { length: 1 }),
      queue.read(directory, { length: 1 }),
      queue.read(fd, { length: 3 }),
    ]);
    fs.closeSync(sink);
    fs.closeSync(directory);
    const codes = results.map((result) => result.status === "fulfilled" ? result.value.bytes : result.reason.code);
    assertEquals(codes, ["EBADF", "EBADF", "EISDIR", 3]);
    const reason = (results[0] as PromiseRejectedResult).reason;
    assertInstanceOf(reason, AioError);
    assertEquals([reason.syscall, reason.errno, reason.bytes], ["aio_read", 9, 0]);
    assertStringIncludes(reason.message, "descriptor 987654");
  });
});

describe("AioQueue.write()", () => {
  it("writes at an offset, from small and large arrays", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "....");
    const fd = folder.open("file", "r+");
    await using queue = new AioQueue();
    assertEquals((await queue.write(fd, new TextEncoder().encode("ab"), { offset: 1 })).bytes, 2);
    const large = knownBytes(2 * 1024 * 1024 + 7);
    assertEquals((await queue.write(fd, large, { offset: 4 })).bytes, large.length);
    const found = fs.readFileSync(folder.at("file"));
    assertEquals(found.subarray(0, 4).toString(), ".ab.");
    assert(found.subarray(4).equals(large));
  });

  it("writes zero bytes", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "x");
    await using queue = new AioQueue();
    assertEquals((await queue.write(folder.open("file", "r+"), new Uint8Array(0))).bytes, 0);
  });

  it("keeps the order of appends to a file opened with O_APPEND", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "");
    const fd = folder.open("file", "a");
    await using queue = new AioQueue({ depth: 128, lanes: 8 });
    const lines = Array.from({ length: 500 }, (_, index) => `line ${index}\n`);
    await Promise.all(lines.map((line) => queue.write(fd, new TextEncoder().encode(line))));
    assertEquals(fs.readFileSync(folder.at("file"), "utf8"), lines.join(""));
  });

  itWithPipes("says when the device is full and how much was written", async () => {
    await using queue = new AioQueue();
    const fd = fs.openSync("/dev/full", "w");
    try {
      const error = await assertRejects(() => queue.write(fd, new Uint8Array(10)), AioError, "no space left");
      assertEquals([(error as AioError).code, (error as AioError).bytes], ["ENOSPC", 0]);
    } finally {
      fs.closeSync(fd);
    }
  });
});

describe("AioQueue.readv() and writev()", () => {
  it("moves the parts in their order as one transfer", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "");
    const fd = folder.open("file", "r+");
    await using queue = new AioQueue();
    const parts = ["ab", "", "cdefg", "h"].map((part) => new TextEncoder().encode(part));
    const written = await queue.writev(fd, parts, { offset: 3 });
    assertEquals(written.bytes, 8);
    assert(written.buffer === parts || written.buffer.every((part, index) => part === parts[index]));
    const into = [new Uint8Array(4), new Uint8Array(1), new Uint8Array(100)];
    assertEquals((await queue.readv(fd, into, { offset: 2 })).bytes, 9);
    assertEquals(into.map((part) => new TextDecoder().decode(part.subarray(0, 4))), ["\0abc", "d", "efgh"]);
  });

  it("crosses the pieces of the pool inside a part", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(3_000_000);
    folder.write("file", content);
    const fd = folder.open("file");
    await using queue = new AioQueue();
    const into = [700_001, 800_003, 1_499_996].map((bytes) => new Uint8Array(bytes));
    assertEquals((await queue.readv(fd, into)).bytes, 3_000_000);
    assert(Buffer.concat(into).equals(content));
  });

  it("mixes pool buffers and own arrays", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "abcdefgh");
    await using queue = new AioQueue();
    using buffer = queue.buffers.take(3);
    const own = new Uint8Array(5);
    assertEquals((await queue.readv(folder.open("file"), [buffer.bytes, own])).bytes, 8);
    assertEquals(new TextDecoder().decode(buffer.bytes) + new TextDecoder().decode(own), "abcdefgh");
  });

  it("refuses no parts, too many, and what is no array of bytes", async () => {
    await using queue = new AioQueue();
    const parts = (value: unknown) => value as Uint8Array[];
    await assertRejects(() => queue.readv(0, []), RangeError, "0 buffers: expected 1 to 1024 (IOV_MAX)");
    const many = Array.from({ length: 1025 }, () => new Uint8Array(1));
    await assertRejects(() => queue.writev(0, many), RangeError, "1025 buffers");
    await assertRejects(() => queue.readv(0, parts("abc")), TypeError, "expected an array of Uint8Array");
    await assertRejects(() => queue.readv(0, parts([new Uint8Array(1), "x"])), TypeError, 'buffers[1] "x"');
    const detached = new Uint8Array(4);
    detached.buffer.transfer();
    await assertRejects(() => queue.writev(0, [new Uint8Array(1), detached]), TypeError, "buffers[1]");
  });
});

describe("AioQueue on pipes", () => {
  itWithPipes("reads what is there and writes what is taken", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("fifo");
    const fd = folder.open("fifo", "r+");
    await using queue = new AioQueue();
    const reading = queue.read(fd, { length: 4 * 1024 * 1024 });
    assertEquals((await queue.write(fd, new TextEncoder().encode("hello"))).bytes, 5);
    assertEquals(new TextDecoder().decode((await reading).buffer), "hello");
  });

  itWithPipes("keeps files going while 20 and more silent pipes are being read", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "abc");
    const fd = folder.open("file");
    const pipes = Array.from({ length: 60 }, (_, index) => {
      folder.fifo(`fifo${index}`);
      return folder.open(`fifo${index}`, "r+");
    });
    const queue = new AioQueue({ depth: 128 });
    const silent = pipes.map((pipe) => queue.read(pipe, { length: 1 }));
    assertEquals((await queue.read(fd, { length: 3 })).bytes, 3);
    for (const pipe of pipes) fs.writeSync(pipe, "x");
    assertEquals((await Promise.all(silent)).map(({ bytes }) => bytes), pipes.map(() => 1));
    await queue.close();
  });
});
