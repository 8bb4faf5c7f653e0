// Reads and writes of AioFile: complete where those of the queue may be short, with the same bytes, for every kind of
// buffer, and with errors that count what has moved.

import { AioError, AioFile, AioQueue } from "@posix/aio";
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import fs from "node:fs";
import { complete, slice } from "../../file/complete.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { assertSameBytes, joined } from "./same_bytes.ts";
import { allowsPipes, itOnLinux, itWithPipes } from "../support/platform.ts";
import { answers } from "../sys/answers.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("AioFile.read()", () => {
  it("brings exactly what there is, for odd sizes, offsets and lengths", async () => {
    using folder = new TemporaryFolder();
    for (const size of [0, 1, 4095, 4096, 4 * 4096 + 1, 3_000_001]) {
      const content = knownBytes(size);
      await using file = await AioFile.open(folder.write("file", content));
      assertEquals(await file.size(), size);
      for (const [offset, length] of [[0, size], [0, size + 1], [1, 4096], [size, 10], [size + 10, 10], [4000, 200]]) {
        const expected = content.slice(offset, offset + length);
        const fresh = await file.read({ offset, length });
        assertEquals(fresh.bytes, expected.length);
        assertSameBytes(fresh.buffer, expected, `${length} at ${offset} of ${size}`);
        const buffer = new Uint8Array(length + 2).fill(0x55);
        const filled = await file.read({ offset, buffer: buffer.subarray(1, length + 1) });
        assertEquals(filled.bytes, expected.length);
        assertSameBytes(buffer.subarray(1, 1 + expected.length), expected);
        assert(buffer[0] === 0x55 && buffer.subarray(1 + expected.length).every((byte) => byte === 0x55));
      }
    }
  });

  it("gives the caller's own array back, and fills only `length` bytes of it", async () => {
    using folder = new TemporaryFolder();
    await using file = await AioFile.open(folder.write("file", "abcdef"));
    const own = new Uint8Array(5);
    const result = await file.read({ buffer: own, length: 2, offset: 1 });
    assertStrictEquals(result.buffer, own);
    assertEquals([result.bytes, ...own], [2, 0x62, 0x63, 0, 0, 0]);
  });

  it("reads into pool buffers", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(300_000);
    await using file = await AioFile.open(folder.write("file", content));
    using buffer = file.queue.buffers.take(400_000);
    assertEquals((await file.read({ buffer: buffer.bytes.subarray(10) })).bytes, content.length);
    assertSameBytes(buffer.bytes.subarray(10, 10 + content.length), content);
  });

  itOnLinux("goes on after short reads", async () => {
    // the kernel brings this file a page at a time, and says that its size is 0
    const path = "/proc/kallsyms";
    await using file = await AioFile.open(path);
    const expected = fs.readFileSync(path).subarray(0, 100_000);
    assertSameBytes((await file.read({ length: 100_000 })).buffer, expected);
    const own = new Uint8Array(100_000);
    assertEquals((await file.read({ buffer: own, offset: 0 })).bytes, expected.length);
    assertSameBytes(own.subarray(0, expected.length), expected);
    const parts = [new Uint8Array(3), new Uint8Array(5000), new Uint8Array(0), new Uint8Array(20_000)];
    assertEquals((await file.readv(parts, { offset: 0 })).bytes, Math.min(25_003, expected.length));
    assertSameBytes(joined(parts), expected.subarray(0, 25_003));
  });

  it("refuses wrong arguments", async () => {
    using folder = new TemporaryFolder();
    await using file = await AioFile.open(folder.write("file", "abc"), { flags: "r+" });
    const wrong: [() => Promise<unknown>, typeof TypeError | typeof RangeError, string][] = [
      [() => file.read({}), TypeError, "length"],
      [() => file.read({ length: -1 }), RangeError, "length"],
      [() => file.read({ length: 1.5 }), RangeError, "length"],
      [() => file.read({ length: 1, offset: -1 }), RangeError, "offset"],
      [() => file.read({ length: 1, offset: -1n }), RangeError, "offset"],
      [() => file.read({ length: 1, priority: 0.5 }), RangeError, "priority"],
      [() => file.read({ buffer: "abc" as unknown as Uint8Array }), TypeError, "buffer"],
      [() => file.read({ buffer: new Uint8Array(1), length: 2 }), RangeError, "length"],
      [() => file.write(5 as unknown as Uint8Array), TypeError, "buffer"],
      [() => file.write(new Uint8Array(1), { offset: NaN }), RangeError, "offset"],
      [() => file.readv([]), RangeError, "buffers"],
      [() => file.writev([new Uint8Array(1), 5 as unknown as Uint8Array]), TypeError, "buffers[1]"],
      [() => file.writev(new Array(1025).fill(new Uint8Array(1))), RangeError, "1024"],
      [() => file.truncate(-1), RangeError, "bytes"],
    ];
    for (const [call, type, text] of wrong) await assertRejects(call, type, text);
  });
});

describe("AioFile.write()", () => {
  it("writes exactly its bytes, at any offset", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(3_000_001);
    await using file = await AioFile.open(folder.at("file"), { flags: "w" });
    const model = new Uint8Array(content.length + 5000);
    for (const [offset, length] of [[0, 1], [4095, 4098], [5000, 3_000_001], [0, 0], [77, 100_000]]) {
      const result = await file.write(content.subarray(0, length), { offset });
      assertEquals([result.bytes, result.buffer.length], [length, length]);
      model.set(content.subarray(0, length), offset);
    }
    assertSameBytes(fs.readFileSync(file.path), model);
  });

  it("writes arrays of every kind, and several as one", async () => {
    using folder = new TemporaryFolder();
    await using file = await AioFile.open(folder.at("file"), { flags: "w+" });
    using pooled = file.queue.buffers.take(4);
    pooled.bytes.set(bytes("pool"));
    const shared = new Uint8Array(new SharedArrayBuffer(6));
    shared.set(bytes("shared"));
    const parts = [bytes("own"), new Uint8Array(0), Buffer.from("Buffer"), pooled.bytes, shared];
    assertEquals((await file.writev(parts, { offset: 2 })).bytes, 19);
    assertEquals(fs.readFileSync(file.path, "utf8"), "\0\0ownBufferpoolshared");
    let offset = 21;
    for (const part of parts) offset += (await file.write(part, { offset })).bytes;
    assertEquals(fs.readFileSync(file.path, "utf8"), "\0\0ownBufferpoolsharedownBufferpoolshared");
    const back = [new Uint8Array(5), new Uint8Array(100)];
    assertEquals((await file.readv(back)).bytes, 40);
    assertEquals(new TextDecoder().decode(joined(back).subarray(0, 11)), "\0\0ownBuffer");
  });

  itWithPipes("says what the disk refused", async () => {
    await using file = await AioFile.open("/dev/full", { flags: "w" });
    const error = await assertRejects(() => file.write(bytes("abc")), AioError);
    assertEquals([error.code, error.bytes], ["ENOSPC", 0]);
  });

  it("keeps the bytes of writes that overlap nothing, all under way together", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(1_000_000);
    await using file = await AioFile.open(folder.at("file"), { flags: "w", lanes: 4 });
    const writes = [];
    for (let offset = 0; offset < content.length; offset += 12_345) {
      writes.push(file.write(content.subarray(offset, offset + 12_345), { offset }));
    }
    await file.sync();
    assertSameBytes(fs.readFileSync(file.path), content); // sync has waited for them
    await Promise.all(writes);
  });
});

describe("AioFile.sync(), size() and truncate()", () => {
  it("sync both ways, and say the size", async () => {
    using folder = new TemporaryFolder();
    await using file = await AioFile.open(folder.at("file"), { flags: "w+" });
    await file.write(bytes("abcdef"));
    await file.sync();
    await file.sync({ dataOnly: true });
    assertEquals(await file.size(), 6);
    await file.truncate(3);
    assertEquals((await file.read({ length: 10, offset: 0 })).buffer, bytes("abc"));
    await file.truncate(5n);
    assertEquals((await file.read({ length: 10, offset: 0 })).buffer, bytes("abc\0\0"));
    await file.truncate();
    assertEquals(await file.size(), 0);
  });

  it("say what the system refused", async () => {
    using folder = new TemporaryFolder();
    await using file = await AioFile.open(folder.write("file", "abc"));
    const error = await assertRejects(() => file.truncate(1), AioError);
    assertEquals([error.code, error.syscall], ["EINVAL", "ftruncate"]); // opened for reading only
    await using pipe = await AioFile.open("/dev/null", { flags: "r+" });
    assertEquals(await pipe.size(), 0);
    // FreeBSD has nothing to sync there and refuses requests on devices altogether, unless it is told to take them
    const synced = await pipe.sync().then(() => "done", (error: AioError) => error.code);
    const onFreebsd = answers.syncOfSocket === "call" ? allowsPipes() ? "done" : "EOPNOTSUPP" : undefined;
    assertEquals(synced, onFreebsd ?? "EINVAL");
  });

  it("sync after a failed write still syncs", async () => {
    using folder = new TemporaryFolder();
    await using queue = new AioQueue();
    await using file = await AioFile.open(folder.at("file"), { flags: "w", queue });
    const failing = assertRejects(
      () => file.write(bytes("abc"), { offset: Number.MAX_SAFE_INTEGER }),
      AioError,
      "EFBIG",
    );
    await file.sync();
    await failing;
  });
});

describe("complete()", () => {
  it("asks until everything has moved", async () => {
    const asked: number[] = [];
    const step = (moved: number) => (asked.push(moved), Promise.resolve({ bytes: Math.min(4, 10 - moved) }));
    assertEquals(await complete(10, step), 10);
    assertEquals(asked, [0, 4, 8]);
    assertEquals(await complete(0, step), 0);
  });

  it("stops at the end", async () => {
    const step = (moved: number) => Promise.resolve({ bytes: moved < 7 ? 7 : 0 });
    assertEquals(await complete(10, step), 7);
  });

  it("counts in an error what moved before it", async () => {
    const step = (moved: number) =>
      moved < 6
        ? Promise.resolve({ bytes: 3 })
        : Promise.reject(new AioError("aio_write", "ENOSPC", "4 bytes: at 6", { bytes: 1, cause: "why" }));
    const error = await assertRejects(() => complete(10, step), AioError);
    assertEquals([error.code, error.bytes, error.cause], ["ENOSPC", 7, "why"]);
    assertEquals(error.message, "aio_write: ENOSPC, no space left on device: 4 bytes: at 6");
    const other = new TypeError("other");
    assertStrictEquals(await assertRejects(() => complete(1, () => Promise.reject(other))), other);
  });
});

describe("slice()", () => {
  it("cuts several arrays as if they were one", () => {
    const parts = [bytes("abc"), bytes(""), bytes("defg"), bytes("h")];
    const cut = (from: number, length: number) => new TextDecoder().decode(joined(slice(parts, from, length)));
    assertEquals([cut(0, 8), cut(1, 3), cut(3, 4), cut(7, 1), cut(8, 5), cut(2, 99)], [
      "abcdefgh",
      "bcd",
      "defg",
      "h",
      "",
      "cdefgh",
    ]);
    assertStrictEquals(slice(parts, 3, 4)[0], parts[2]);
  });
});
