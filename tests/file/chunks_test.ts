// AioFile.chunks(): the whole content in either order, the end where reads find it, and everything given back however the
// iteration ends.

import { AioError, AioFile } from "@posix/aio";
import type { ChunkOptions } from "@posix/aio";
import { assert, assertEquals, assertLessOrEqual, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fs from "node:fs";
import { pooledBytes } from "../../ffi/memory.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { assertSameBytes, joined, until } from "./same_bytes.ts";
import { itOnLinux } from "../support/platform.ts";

/** Puts the chunks together by their offsets; they must be disjoint. */
async function collect(file: AioFile, options: ChunkOptions): Promise<Uint8Array> {
  const { start = 0 } = options;
  const found = new Map<number, Uint8Array>();
  for await (const { offset, bytes } of file.chunks(options)) {
    assert(!found.has(offset), `offset ${offset} twice`);
    assert(bytes.length > 0);
    found.set(offset, options.copy === true ? bytes : bytes.slice());
  }
  const offsets = [...found.keys()];
  if (options.order !== "completion") assertEquals(offsets, offsets.toSorted((one, other) => one - other));
  let end = Number(start);
  const parts = offsets.toSorted((one, other) => one - other).map((offset) => {
    assertEquals(offset, end);
    const part = found.get(offset) as Uint8Array;
    end += part.length;
    return part;
  });
  return joined(parts);
}

describe("AioFile.chunks()", () => {
  for (const order of ["file", "completion"] as const) {
    it(`brings the whole content of odd sizes (order: ${order})`, async () => {
      using folder = new TemporaryFolder();
      for (const size of [0, 1, 4096, 4 * 4096 + 1, 1_000_003]) {
        const content = knownBytes(size);
        await using file = await AioFile.open(folder.write("file", content), { lanes: 3 });
        for (const options of [{}, { chunkBytes: 4096 }, { chunkBytes: 10_001, depth: 1 }, { copy: true, depth: 20 }]) {
          assertSameBytes(await collect(file, { order, ...options }), content, `${size} ${JSON.stringify(options)}`);
        }
      }
    });

    it(`brings a part (order: ${order})`, async () => {
      using folder = new TemporaryFolder();
      const content = knownBytes(100_000);
      await using file = await AioFile.open(folder.write("file", content));
      for (
        const [start, end] of [[0, 0], [0, 1], [1, 50_000], [99_999, 100_000], [5000, 200_000], [100_000, 100_001]]
      ) {
        for (const chunkBytes of [1000, 7777, 1 << 20]) {
          assertSameBytes(await collect(file, { order, start, end, chunkBytes }), content.subarray(start, end));
        }
      }
    });

    it(`ends where a file that shrinks ends (order: ${order})`, async () => {
      using folder = new TemporaryFolder();
      const content = knownBytes(100_000);
      const path = folder.write("file", content);
      await using file = await AioFile.open(path);
      const parts: Uint8Array[] = [];
      for await (const { offset, bytes } of file.chunks({ chunkBytes: 10_000, depth: 1, order, copy: true })) {
        assertEquals(offset, parts.length * 10_000);
        parts.push(bytes);
        if (parts.length === 1) fs.truncateSync(path, 45_678);
      }
      assertSameBytes(joined(parts), content.subarray(0, 45_678));
    });

    it(`goes on where a file has grown (order: ${order})`, async () => {
      using folder = new TemporaryFolder();
      const content = knownBytes(1_000_000);
      const path = folder.write("file", content.subarray(0, 1000));
      await using file = await AioFile.open(path);
      let count = 0;
      const parts: Uint8Array[] = [];
      for await (const { bytes } of file.chunks({ chunkBytes: 500, order, copy: true, depth: 1 })) {
        parts.push(bytes);
        if (count++ === 0) fs.appendFileSync(path, content.subarray(1000));
      }
      assertSameBytes(joined(parts), content);
    });
  }

  itOnLinux("reads files that say nothing of their size", async () => {
    const path = "/proc/kallsyms";
    await using file = await AioFile.open(path);
    const expected = fs.readFileSync(path).subarray(0, 50_000);
    assertSameBytes(await collect(file, { chunkBytes: 10_000, end: 50_000 }), expected);
  });

  it("reads `depth` chunks ahead, and no more", async () => {
    using folder = new TemporaryFolder();
    await using file = await AioFile.open(folder.write("file", knownBytes(100_000)));
    const chunks = file.chunks({ chunkBytes: 1000, depth: 5 });
    assertEquals(file.queue.stats().submitted, 0); // nothing before the first step
    await chunks.next();
    await until(() => file.queue.stats().completed === 6, "reading ahead");
    await new Promise((resolve) => setTimeout(resolve, 20));
    assertEquals(file.queue.stats().submitted, 6);
    await chunks.next();
    assertEquals(file.queue.stats().submitted, 7);
    await chunks.return();
  });

  it("tries only one chunk beyond the end", async () => {
    using folder = new TemporaryFolder();
    await using file = await AioFile.open(folder.write("file", knownBytes(3000)));
    for (const order of ["file", "completion"] as const) {
      const { submitted } = file.queue.stats();
      assertEquals((await collect(file, { chunkBytes: 1000, depth: 8, order })).length, 3000);
      assertEquals(file.queue.stats().submitted - submitted, 4);
    }
  });

  it("cancels the reads that have not started when it is left", async () => {
    using folder = new TemporaryFolder();
    await using file = await AioFile.open(folder.write("file", knownBytes(100_000)), { depth: 1 });
    for await (const _ of file.chunks({ chunkBytes: 1000, depth: 50 })) break;
    await until(() => file.queue.stats().inFlight === 0, "the end of the reads");
    assertLessOrEqual(file.queue.stats().bytesRead, 10_000);
  });

  it("empties a chunk at the next step, and not before", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(30_000);
    await using file = await AioFile.open(folder.write("file", content));
    let last: Uint8Array | undefined;
    for await (const { offset, bytes } of file.chunks({ chunkBytes: 10_000 })) {
      if (last !== undefined) assertEquals(last.length, 0);
      await new Promise((resolve) => setTimeout(resolve, 5));
      assertSameBytes(bytes, content.subarray(offset, offset + 10_000));
      last = bytes;
    }
    assertEquals(last!.length, 0);
  });

  it("lets a write of a chunk go on beyond the next step", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(2_000_000);
    await using source = await AioFile.open(folder.write("source", content));
    await using target = await AioFile.open(folder.at("target"), { flags: "w" });
    const writes = [];
    for await (const { offset, bytes } of source.chunks({ chunkBytes: 65_536, order: "completion" })) {
      writes.push(target.write(bytes, { offset }));
    }
    await Promise.all(writes);
    assertSameBytes(fs.readFileSync(target.path), content);
  });

  it("gives its buffers back when it is left early, fails or is aborted", async () => {
    using folder = new TemporaryFolder();
    await using file = await AioFile.open(folder.write("file", knownBytes(32 << 20)));
    const rounds = [
      async (order: "file" | "completion") => {
        for await (const _ of file.chunks({ depth: 8, order })) break;
      },
      async (order: "file" | "completion") => {
        const failing = async () => {
          for await (const _ of file.chunks({ depth: 8, order })) throw new Error("the consumer's own");
        };
        await assertRejects(failing, Error, "the consumer's own");
      },
      async (order: "file" | "completion") => {
        const controller = new AbortController();
        const chunks = file.chunks({ depth: 8, order, signal: controller.signal });
        await chunks.next();
        controller.abort();
        assertEquals((await assertRejects(() => chunks.next(), DOMException)).name, "AbortError");
        assertEquals((await chunks.next()).done, true);
      },
    ];
    let before = 0;
    for (let count = 0; count < 12; count++) {
      for (const round of rounds) {
        await round(count % 2 === 0 ? "file" : "completion");
        await until(() => file.queue.stats().inFlight === 0, "the end of the reads");
      }
      if (count === 3) before = pooledBytes();
    }
    assertEquals(pooledBytes(), before);
  });

  it("uses the same few buffers for a long file", async () => {
    using folder = new TemporaryFolder();
    const path = folder.at("file");
    fs.writeFileSync(path, "");
    fs.truncateSync(path, 200 << 20);
    await using file = await AioFile.open(path);
    const before = pooledBytes();
    let bytes = 0;
    for await (const chunk of file.chunks({ depth: 3, chunkBytes: 4 << 20 })) bytes += chunk.bytes.length;
    assertEquals(bytes, 200 << 20);
    assertLessOrEqual(pooledBytes() - before, 5 * (4 << 20));
  });

  itOnLinux("throws a read error at its place, after the chunks before it", async () => {
    await using file = await AioFile.open("/proc/self/mem"); // nothing is mapped at 0
    const error = await assertRejects(() => file.chunks({ chunkBytes: 4096, end: 8192 }).next(), AioError);
    assertEquals(error.code, "EIO");
  });

  it("refuses wrong options at once", async () => {
    using folder = new TemporaryFolder();
    await using file = await AioFile.open(folder.write("file", "abc"));
    const wrong: [object, typeof TypeError | typeof RangeError, string][] = [
      [{ chunkBytes: 0 }, RangeError, "chunkBytes"],
      [{ chunkBytes: 2 ** 31 }, RangeError, "chunkBytes"],
      [{ chunkBytes: "1" }, TypeError, "chunkBytes"],
      [{ depth: 0 }, RangeError, "depth"],
      [{ start: -1 }, RangeError, "start"],
      [{ start: 5, end: 4 }, RangeError, "end"],
      [{ end: 1.5 }, RangeError, "end"],
      [{ order: "random" }, TypeError, "order"],
    ];
    for (const [options, type, text] of wrong) assertThrows(() => file.chunks(options), type, text);
  });
});

describe("AioFile.chunks() of a file that is closed meanwhile", () => {
  for (const order of ["file", "completion"] as const) {
    it(`brings what was read, says so, and gives its buffers back (order: ${order})`, async () => {
      using folder = new TemporaryFolder();
      const path = folder.write("file", knownBytes(1_000_000));
      let before = 0;
      for (let round = 0; round < 30; round++) {
        const file = await AioFile.open(path);
        const chunks = file.chunks({ chunkBytes: 10_000, depth: 8, order });
        await chunks.next();
        await file.close();
        const error = await assertRejects(async () => {
          for await (const { bytes } of chunks) assert(bytes.length > 0);
        }, TypeError);
        assertEquals((error as { code?: string }).code, "ERR_CLOSED");
        if (round === 4) before = pooledBytes();
      }
      assertEquals(pooledBytes(), before);
    });
  }
});
