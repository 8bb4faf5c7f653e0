// direct: true on ext4 (or whatever holds the temporary folder): every unaligned combination reads and writes exactly its
// bytes, sizes stay exact, and writers beside each other in one block keep each other's bytes.

import { AioError, AioFile } from "@posix/aio";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fs from "node:fs";
import { pooledBytes } from "../../ffi/memory.ts";
import { platform } from "../../structs/platform.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { assertSameBytes, joined, until } from "./same_bytes.ts";
import { itOnLinux, itWithLanes } from "../support/platform.ts";

const { O_DIRECT } = platform().openFlags;
const OFFSETS = [0, 1, 511, 512, 4095, 4096, 4097, 8192, 12_000];
const LENGTHS = [0, 1, 511, 512, 4095, 4096, 4097, 8192, 12_289, 1_100_000];
const combinations = OFFSETS.flatMap((offset) => LENGTHS.map((length) => [offset, length]));

const flagsOf = (fd: number) =>
  parseInt(fs.readFileSync(`/proc/self/fdinfo/${fd}`, "utf8").match(/flags:\s+(\d+)/)![1], 8);

/** Bytes that differ everywhere from those of the other rounds. */
const marked = (length: number, round: number) => new Uint8Array(length).map((_, index) => index * 7 + round);

describe("AioFile with direct: true", () => {
  itOnLinux("goes past the page cache, and says so", async () => {
    using folder = new TemporaryFolder();
    const path = folder.write("file", "abc");
    await using direct = await AioFile.open(path, { direct: true });
    await using number = await AioFile.open(path, { flags: fs.constants.O_RDWR | O_DIRECT });
    await using plain = await AioFile.open(path);
    assertEquals([direct.direct, number.direct, plain.direct], [true, true, false]);
    for (const { fd, direct: is } of [direct, number, plain]) assertEquals((flagsOf(fd) & O_DIRECT) !== 0, is);
  });

  it("reads any range, fresh or into the caller's array", async () => {
    using folder = new TemporaryFolder();
    for (const size of [0, 1, 4096, 20_001, 1_200_001]) {
      const content = knownBytes(size);
      await using file = await AioFile.open(folder.write("file", content), { direct: true });
      assertEquals(await file.size(), size);
      for (const [offset, length] of combinations) {
        const what = `${length} at ${offset} of ${size}`;
        const expected = content.subarray(offset, offset + length);
        const fresh = await file.read({ offset, length });
        assertEquals(fresh.bytes, expected.length, what);
        assertSameBytes(fresh.buffer, expected, what);
        const own = new Uint8Array(length + 2).fill(0x55);
        assertEquals((await file.read({ offset, buffer: own.subarray(1, 1 + length) })).bytes, expected.length, what);
        assertSameBytes(own.subarray(1, 1 + expected.length), expected, what);
        assert(own[0] === 0x55 && own.subarray(1 + expected.length).every((byte) => byte === 0x55), what);
      }
    }
  });

  it("reads into pool buffers, at their start and at odd places", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(1_200_001);
    await using file = await AioFile.open(folder.write("file", content), { direct: true });
    using pooled = file.queue.buffers.take(2_000_000);
    for (const at of [0, 1, 4096]) {
      for (const [offset, length] of combinations) {
        const expected = content.subarray(offset, offset + length);
        const target = pooled.bytes.subarray(at, at + length);
        pooled.bytes.fill(0x55, 0, at + length + 1);
        assertEquals((await file.read({ offset, buffer: target })).bytes, expected.length);
        assertSameBytes(target.subarray(0, expected.length), expected, `${length} at ${offset}`);
        assertEquals(pooled.bytes[at + length], 0x55);
        if (at > 0) assertEquals(pooled.bytes[at - 1], 0x55);
      }
    }
  });

  it("writes any range, and the file is exactly as long as what was written", async () => {
    using folder = new TemporaryFolder();
    for (const size of [0, 20_001]) {
      const model = new Uint8Array(2_000_000);
      model.set(knownBytes(size));
      let end = size;
      const path = folder.write("file", knownBytes(size));
      await using file = await AioFile.open(path, { flags: "r+", direct: true });
      for (const [round, [offset, length]] of combinations.entries()) {
        const bytes = marked(length, round);
        assertEquals((await file.write(bytes, { offset })).bytes, length);
        model.set(bytes, offset);
        if (length > 0) end = Math.max(end, offset + length);
        assertSameBytes(fs.readFileSync(path), model.subarray(0, end), `${length} at ${offset}`);
      }
      assertEquals(await file.size(), end);
    }
  });

  it("writes from pool buffers at odd places, and several parts as one", async () => {
    using folder = new TemporaryFolder();
    const path = folder.at("file");
    await using file = await AioFile.open(path, { flags: "w+", direct: true });
    using pooled = file.queue.buffers.take(2_000_000);
    pooled.bytes.set(knownBytes(2_000_000));
    const model = new Uint8Array(3_000_000);
    let end = 0;
    const write = async (parts: Uint8Array[], offset: number) => {
      const whole = joined(parts);
      const { bytes } = parts.length === 1
        ? await file.write(parts[0], { offset })
        : await file.writev(parts, { offset });
      assertEquals(bytes, whole.length);
      model.set(whole, offset);
      if (whole.length > 0) end = Math.max(end, offset + whole.length);
      assertSameBytes(fs.readFileSync(path), model.subarray(0, end), `${whole.length} at ${offset}`);
    };
    for (const [offset, length] of combinations) {
      for (const at of [0, 1, 4096]) await write([pooled.bytes.subarray(at, at + length)], offset);
      await write([marked(length, 1), pooled.bytes.subarray(77, 77 + length), marked(3, 9)], offset);
    }
    const back = [new Uint8Array(5), new Uint8Array(5000), new Uint8Array(end)];
    assertEquals((await file.readv(back, { offset: 3 })).bytes, end - 3);
    assertSameBytes(joined(back).subarray(0, end - 3), model.subarray(3, end));
  });

  it("keeps the bytes of writers that share a block", async () => {
    using folder = new TemporaryFolder();
    const path = folder.write("file", new Uint8Array(500_000).fill(0xee));
    const expected = new Uint8Array(500_000).fill(0xee);
    await using file = await AioFile.open(path, { flags: "r+", direct: true, lanes: 4 });
    const writes = [];
    for (let offset = 10, length = 1, round = 0; offset + length < 450_000; round++) {
      const bytes = marked(length, round);
      expected.set(bytes, offset);
      writes.push(file.write(bytes, { offset }));
      offset += length;
      length = (length * 5 + 3) % 13_001;
    }
    await Promise.all(writes);
    assertSameBytes(fs.readFileSync(path), expected);
    assertSameBytes((await file.read({ length: 500_000 })).buffer, expected);
  });

  it("brings chunks from any start to any end", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(300_001);
    await using file = await AioFile.open(folder.write("file", content), { direct: true });
    for (const [start, end] of [[0, 300_001], [1, 299_999], [4097, 8193], [100, 100], [299_000, 400_000]]) {
      for (const chunkBytes of [4096, 65_536, 10_000, 100]) {
        if (chunkBytes === 100 && end - start > 10_000) continue;
        for (const order of ["file", "completion"] as const) {
          const found = new Uint8Array(Math.min(end, content.length) - start);
          let length = 0;
          for await (const { offset, bytes } of file.chunks({ start, end, chunkBytes, order })) {
            found.set(bytes, offset - start);
            length += bytes.length;
          }
          assertEquals(length, found.length);
          assertSameBytes(found, content.subarray(start, end), `${chunkBytes} from ${start} to ${end}`);
        }
      }
    }
  });

  it("reads whole blocks without copying, and gives its buffers back", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(8 << 20);
    await using file = await AioFile.open(folder.write("file", content), { direct: true });
    const chunks = file.chunks({ chunkBytes: 1 << 20, depth: 3, start: 5000 });
    await chunks.next();
    await until(() => file.queue.stats().inFlight === 0, "reading ahead");
    const before = pooledBytes();
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
      assertEquals(next.value.offset % 4096, 0);
    }
    for await (const _ of file.chunks({ depth: 3 })) break;
    assertEquals(pooledBytes(), before);
  });

  it("streams from one file to another", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(3_000_001);
    await using source = await AioFile.open(folder.write("source", content), { direct: true });
    for (const start of [0, 77, 4096]) {
      await using target = await AioFile.open(folder.at("target"), { flags: "w", direct: true });
      await source.readable({ chunkBytes: 100_000 }).pipeTo(target.writable({ start, sync: true, blockBytes: 70_000 }));
      assertSameBytes(fs.readFileSync(target.path).subarray(start), content);
    }
  });

  it("syncs and closes only after all parts of a write", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(100_001);
    const file = await AioFile.open(folder.at("file"), { flags: "w", direct: true });
    const first = file.write(content, { offset: 1 }); // head, middle and tail, one after the other
    await file.sync();
    assertSameBytes(fs.readFileSync(file.path).subarray(1), content);
    const second = file.write(content, { offset: 200_001 });
    await file.close();
    assertSameBytes(fs.readFileSync(file.path).subarray(200_001), content);
    assertEquals([(await first).bytes, (await second).bytes], [content.length, content.length]);
  });

  itWithLanes("closes both descriptors and their lanes", async () => {
    using folder = new TemporaryFolder();
    const path = folder.at("file");
    const links = () =>
      fs.readdirSync("/proc/self/fd").filter((fd) => {
        try {
          return fs.readlinkSync(`/proc/self/fd/${fd}`) === path;
        } catch {
          return false;
        }
      }).length;
    const file = await AioFile.open(path, { flags: "wx+", direct: true, lanes: 3 });
    assertEquals(links(), 2);
    const piece = new Uint8Array(100);
    await Promise.all(Array.from({ length: 20 }, (_, index) => file.write(piece, { offset: index * 100 })));
    assertEquals(links(), platform().behaviour.serialPerDescriptor ? 4 : 2); // lanes are for glibc
    await file.close();
    assertEquals(links(), 0);
    {
      await using _ = await AioFile.open(path, { direct: true });
      assertEquals(links(), 1); // reads need no other
    }
    assertEquals(links(), 0);
  });

  itOnLinux("says that a file system has no direct I/O", async () => {
    const error = await assertRejects(() => AioFile.open("/proc/self/status", { direct: true }), AioError);
    assertEquals([error.code, error.syscall], ["EINVAL", "open"]);
    assertStringIncludes(error.message, "/proc/self/status with direct: true");
  });

  itOnLinux("works on tmpfs, or says that it does not", async () => {
    using folder = new TemporaryFolder("/dev/shm");
    const content = knownBytes(20_001);
    const path = folder.write("file", content);
    try {
      await using file = await AioFile.open(path, { flags: "r+", direct: true });
      await file.write(content.subarray(0, 5000), { offset: 7000 });
      content.copyWithin(7000, 0, 5000);
      assertSameBytes((await file.read({ length: 30_000 })).buffer, content);
    } catch (error) {
      assertStringIncludes((error as Error).message, "direct: true"); // Linux before 6.6
    }
  });
});
