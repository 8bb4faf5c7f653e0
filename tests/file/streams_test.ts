// AioFile.readable() and writable(): the same bytes through every kind of reader and writer, back-pressure that bounds
// what is read and held, and ends of every kind.

import { AioError, AioFile, AioQueue } from "@posix/aio";
import { assert, assertEquals, assertLessOrEqual, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fs from "node:fs";
import { pooledBytes } from "../../ffi/memory.ts";
import { collect } from "../support/collect.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { assertSameBytes, joined, until } from "./same_bytes.ts";
import { itOnLinux, itWithPipes } from "../support/platform.ts";

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe("AioFile.readable()", () => {
  it("brings the content, whole or in part", async () => {
    using folder = new TemporaryFolder();
    for (const size of [0, 1, 4 * 4096 + 1, 1_000_003]) {
      const content = knownBytes(size);
      await using file = await AioFile.open(folder.write("file", content));
      for (const options of [{}, { chunkBytes: 10_000, depth: 2 }, { start: 5, end: 5000 }]) {
        const parts: Uint8Array[] = [];
        for await (const part of file.readable(options)) parts.push(part);
        assertSameBytes(joined(parts), content.subarray(options.start, options.end), `${size}`);
      }
      assertEquals((await file.read({ length: 1 })).bytes, Math.min(1, size)); // the file stays open
    }
  });

  it("fills a reader's own buffers", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(1_000_003);
    await using file = await AioFile.open(folder.write("file", content));
    for (const [chunkBytes, ownBytes] of [[100_000, 4096], [4096, 100_000], [1 << 20, 1 << 20]]) {
      const reader = file.readable({ chunkBytes }).getReader({ mode: "byob" });
      const parts: Uint8Array[] = [];
      let own = new Uint8Array(ownBytes);
      for (;;) {
        const { done, value } = await reader.read(own);
        if (done) break;
        parts.push(value.slice());
        own = new Uint8Array(value.buffer);
      }
      assertSameBytes(joined(parts), content);
    }
  });

  it("reads nothing before it is asked, and then only ahead", async () => {
    using folder = new TemporaryFolder();
    await using file = await AioFile.open(folder.write("file", knownBytes(1_000_000)));
    const stream = file.readable({ chunkBytes: 1000, depth: 4 });
    await pause(5);
    assertEquals(file.queue.stats().submitted, 0);
    const reader = stream.getReader();
    await reader.read();
    await pause(20);
    assertLessOrEqual(file.queue.stats().submitted, 7);
    await reader.cancel();
  });

  it("gives everything back when it is cancelled", async () => {
    using folder = new TemporaryFolder();
    await using file = await AioFile.open(folder.write("file", knownBytes(32 << 20)));
    let before = 0;
    for (let count = 0; count < 20; count++) {
      const stream = file.readable({ depth: 8 });
      if (count % 3 !== 0) {
        const reader = stream.getReader();
        const reading = reader.read();
        if (count % 3 === 1) await reading;
        await reader.cancel("enough");
        await reading;
      } else {
        await stream.cancel("enough");
      }
      await until(() => file.queue.stats().inFlight === 0, "the end of the reads");
      if (count === 8) before = pooledBytes();
    }
    assertEquals(pooledBytes(), before);
  });

  it("brings bytes that may be kept and transferred", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(50_000);
    await using file = await AioFile.open(folder.write("file", content));
    const parts: ArrayBuffer[] = [];
    for await (const part of file.readable({ chunkBytes: 9999 })) parts.push(part.buffer.transfer());
    assertSameBytes(joined(parts.map((part) => new Uint8Array(part))), content);
    assertSameBytes((await file.read({ length: 50_000 })).buffer, content);
  });

  itOnLinux("fails with the file's error, or that of its signal", async () => {
    await using memory = await AioFile.open("/proc/self/mem"); // nothing is mapped at 0
    const error = await assertRejects(() => memory.readable({ chunkBytes: 4096 }).getReader().read(), AioError);
    assertEquals(error.code, "EIO");
    using folder = new TemporaryFolder();
    await using file = await AioFile.open(folder.write("file", knownBytes(100_000)));
    const controller = new AbortController();
    const reader = file.readable({ chunkBytes: 1000, signal: controller.signal }).getReader();
    await reader.read();
    controller.abort();
    const read = async () => {
      for (let left = 100; left > 0; left--) await reader.read();
    };
    assertEquals((await assertRejects(read, DOMException)).name, "AbortError");
  });

  it("gives its buffers back when nobody holds it any more", async () => {
    using folder = new TemporaryFolder();
    await using file = await AioFile.open(folder.write("file", knownBytes(1_000_000)));
    const abandon = async () => {
      for (let count = 0; count < 10; count++) {
        const reader = file.readable({ chunkBytes: 50_000, depth: 4 }).getReader();
        await reader.read();
        reader.releaseLock();
      }
    };
    const rounds: number[] = [];
    for (let round = 0; round < 12; round++) {
      await abandon();
      for (let count = 0; count < 5; count++) {
        collect();
        await pause(5);
      }
      rounds.push(pooledBytes());
    }
    // what one round leaves is used by the next
    assertEquals(rounds.at(-1), rounds[5], rounds.join(" "));
  });

  it("works as a body and through other streams", async () => {
    using folder = new TemporaryFolder();
    const text = "grüße, 漢字\n".repeat(10_000);
    await using file = await AioFile.open(folder.write("file", text));
    assertEquals(await new Response(file.readable({ chunkBytes: 1001 })).text(), text);
    let found = "";
    for await (const part of file.readable({ chunkBytes: 1001 }).pipeThrough(new TextDecoderStream())) found += part;
    assertEquals(found, text);
  });

  it("refuses wrong options at once", async () => {
    using folder = new TemporaryFolder();
    await using file = await AioFile.open(folder.write("file", "abc"), { flags: "r+" });
    assertThrows(() => file.readable({ chunkBytes: 0 }), RangeError, "chunkBytes");
    assertThrows(() => file.writable({ start: -1 }), RangeError, "start");
    assertThrows(() => file.writable({ depth: 0 }), RangeError, "depth");
    assertThrows(() => file.writable({ blockBytes: 0 }), RangeError, "blockBytes");
    assertThrows(() => file.writable({ sync: "all" as "data" }), TypeError, "sync");
  });
});

describe("AioFile.writable()", () => {
  it("writes chunks of every size in their order", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(1_000_003);
    for (const options of [{}, { blockBytes: 10_000, depth: 2 }, { blockBytes: 1, depth: 30 }, { start: 77 }]) {
      await using file = await AioFile.open(folder.at("file"), { flags: "w" });
      const writer = file.writable(options).getWriter();
      const bytes = options.blockBytes === 1 ? 500 : content.length;
      for (let offset = 0, length = 0; offset < bytes; offset += length, length = (length * 3 + 1) % 50_021) {
        await writer.ready;
        writer.write(content.subarray(offset, Math.min(bytes, offset + length)));
      }
      await writer.close();
      const found = fs.readFileSync(file.path);
      assertSameBytes(found.subarray(options.start ?? 0), content.subarray(0, bytes), JSON.stringify(options));
    }
  });

  it("has taken a chunk when its write is done, so that the producer may use the memory again", async () => {
    using folder = new TemporaryFolder();
    await using file = await AioFile.open(folder.at("file"), { flags: "w" });
    const writer = file.writable({ depth: 8 }).getWriter();
    const own = new Uint8Array(100_000);
    for (let count = 0; count < 30; count++) await writer.write(own.fill(count));
    await writer.close();
    const expected = new Uint8Array(3_000_000).map((_, index) => index / 100_000);
    assertSameBytes(fs.readFileSync(file.path), expected);
  });

  it("writes small chunks together, but none later than it must", async () => {
    using folder = new TemporaryFolder();
    await using file = await AioFile.open(folder.at("file"), { flags: "w" });
    const writer = file.writable().getWriter();
    await writer.write(new Uint8Array(10));
    await until(() => fs.statSync(file.path).size === 10, "the first write"); // nothing else is under way: at once
    const chunk = new Uint8Array(10);
    for (let count = 0; count < 10_000; count++) await writer.write(chunk);
    await until(() => fs.statSync(file.path).size === 100_010, "the other writes");
    assertLessOrEqual(file.queue.stats().submitted, 3000);
    await writer.close();
  });

  itWithPipes("takes no more than it can hold", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("pipe");
    await using reader = await AioFile.open(folder.at("pipe"), { flags: "r+" });
    await using file = await AioFile.open(folder.at("pipe"), { flags: "w" });
    const before = pooledBytes();
    const writer = file.writable({ blockBytes: 1 << 18 }).getWriter();
    let written = 0;
    const chunk = new Uint8Array(100_000);
    const writing = (async () => {
      for (let count = 0; count < 40; count++) {
        await writer.write(chunk);
        written += chunk.length;
      }
      await writer.close();
    })();
    await pause(50);
    assertLessOrEqual(written, 3 * (1 << 18));
    assertEquals(writer.desiredSize, 0);
    let read = 0;
    for await (const { bytes } of reader.chunks({ chunkBytes: 65_536, end: 4_000_000 })) read += bytes.length;
    assertEquals(read, 4_000_000);
    await writing;
    assertLessOrEqual(pooledBytes() - before, 8 * (1 << 18));
  });

  itWithPipes("ends with the error of a write, and says it to the producer", async () => {
    await using file = await AioFile.open("/dev/full", { flags: "w" });
    const writer = file.writable().getWriter();
    const closed = assertRejects(() => writer.closed, AioError, "ENOSPC");
    const write = async () => {
      for (;;) await writer.write(new Uint8Array(1000));
    };
    await assertRejects(write, AioError, "ENOSPC");
    await closed;
    await assertRejects(() => writer.close());
    const other = file.writable().getWriter();
    other.closed.catch(() => {});
    other.write(new Uint8Array(1000)).catch(() => {});
    await assertRejects(() => other.close(), AioError, "ENOSPC"); // at the latest
  });

  itWithPipes("gives everything back when a write fails", async () => {
    await using file = await AioFile.open("/dev/full", { flags: "w" });
    let before = 0;
    for (let count = 0; count < 10; count++) {
      const writer = file.writable({ blockBytes: 1 << 20 }).getWriter();
      await writer.write(new Uint8Array(1000)); // under way, while the next one begins to fill a block
      writer.write(new Uint8Array(1000)).catch(() => {});
      await assertRejects(() => writer.closed, AioError, "ENOSPC");
      await until(() => file.queue.stats().inFlight === 0, "the end of the writes");
      if (count === 4) before = pooledBytes();
    }
    assertEquals(pooledBytes(), before);
  });

  it("gives everything back when it is aborted", async () => {
    using folder = new TemporaryFolder();
    await using file = await AioFile.open(folder.at("file"), { flags: "w" });
    let before = 0;
    for (let count = 0; count < 10; count++) {
      const writer = file.writable({ depth: 3 }).getWriter();
      writer.closed.catch(() => {});
      for (let part = 0; part < 5; part++) writer.write(new Uint8Array(700_000)).catch(() => {});
      await pause(1);
      await writer.abort("enough");
      await until(() => file.queue.stats().inFlight === 0, "the end of the writes");
      if (count === 4) before = pooledBytes();
    }
    assertEquals(pooledBytes(), before);
    const controller = new AbortController();
    const writer = file.writable({ signal: controller.signal }).getWriter();
    const closed = assertRejects(() => writer.closed, DOMException);
    await writer.write(new Uint8Array(10));
    controller.abort();
    await writer.write(new Uint8Array(10)).catch(() => {});
    await writer.close().catch(() => {});
    assertEquals((await closed).name, "AbortError");
  });

  itWithPipes("is aborted at once, even while nobody takes its bytes", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("pipe");
    folder.open("pipe", "r+");
    await using file = await AioFile.open(folder.at("pipe"), { flags: "w" });
    const writer = file.writable().getWriter();
    writer.closed.catch(() => {});
    const writing = assertRejects(() => writer.write(new Uint8Array(1 << 20)));
    await until(() => file.queue.stats().inFlight > 0, "the write");
    await writer.abort("enough");
    await writing;
  });

  it("refuses chunks that are no bytes", async () => {
    using folder = new TemporaryFolder();
    await using file = await AioFile.open(folder.at("file"), { flags: "w" });
    const writer = file.writable().getWriter();
    writer.closed.catch(() => {});
    await assertRejects(() => writer.write("text" as unknown as Uint8Array), TypeError, "Uint8Array");
  });

  it("appends in order where the file was opened to append", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(300_000);
    await using file = await AioFile.open(folder.write("file", content.subarray(0, 1000)), { flags: "a" });
    const writer = file.writable({ depth: 8, blockBytes: 1000 }).getWriter();
    for (let offset = 1000; offset < content.length; offset += 777) {
      await writer.write(content.subarray(offset, offset + 777));
    }
    await writer.close();
    assertSameBytes(fs.readFileSync(file.path), content);
  });
});

describe("AioFile.readable().pipeTo(writable())", () => {
  it("copies a file byte for byte", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(5_000_003);
    await using queue = new AioQueue({ depth: 16 });
    await using source = await AioFile.open(folder.write("source", content), { queue });
    for (const sync of [false, true, "data"] as const) {
      await using target = await AioFile.open(folder.at("target"), { flags: "w", queue });
      await source.readable({ chunkBytes: 100_000 }).pipeTo(target.writable({ sync, blockBytes: 300_000 }));
      assertSameBytes(fs.readFileSync(target.path), content);
    }
  });

  itWithPipes("does not read on while the target takes nothing", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("pipe");
    folder.open("pipe", "r+"); // and nobody reads
    const path = folder.at("source");
    fs.writeFileSync(path, "");
    fs.truncateSync(path, 100 << 20);
    await using source = await AioFile.open(path);
    await using target = await AioFile.open(folder.at("pipe"), { flags: "w" });
    const controller = new AbortController();
    const { signal } = controller;
    const piping = source.readable({ chunkBytes: 1 << 18, depth: 2 })
      .pipeTo(target.writable({ blockBytes: 1 << 18, signal })).catch((error) => error);
    await until(() => source.queue.stats().bytesRead > 0, "reading");
    await pause(50);
    const { bytesRead } = source.queue.stats();
    assertLessOrEqual(bytesRead, 10 * (1 << 18));
    await pause(50);
    assertEquals(source.queue.stats().bytesRead, bytesRead);
    controller.abort("enough");
    assertEquals(await piping, "enough");
  });

  itWithPipes("ends with the target's error and leaves nothing under way", async () => {
    using folder = new TemporaryFolder();
    await using source = await AioFile.open(folder.write("source", knownBytes(5_000_000)));
    await using target = await AioFile.open("/dev/full", { flags: "w" });
    await assertRejects(() => source.readable().pipeTo(target.writable()), AioError, "ENOSPC");
    await until(() => source.queue.stats().inFlight + target.queue.stats().inFlight === 0, "the end");
    assert((await source.read({ length: 1 })).bytes === 1);
  });
});
