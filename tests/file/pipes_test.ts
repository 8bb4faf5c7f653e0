// AioFile on what has no positions: pipes and character devices, one transfer at a time, in order, and nothing lost.

import { AioError, AioFile } from "@posix/aio";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fs from "node:fs";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { assertSameBytes, joined, until } from "./same_bytes.ts";
import { itWithPipes } from "../support/platform.ts";

/** Both ends of a FIFO. */
async function openBoth(folder: TemporaryFolder): Promise<AsyncDisposable & { reader: AioFile; writer: AioFile }> {
  const path = folder.fifo("pipe");
  const [reader, writer] = await Promise.all([AioFile.open(path), AioFile.open(path, { flags: "w" })]);
  return {
    reader,
    writer,
    async [Symbol.asyncDispose]() {
      await writer[Symbol.asyncDispose]();
      await reader[Symbol.asyncDispose]();
    },
  };
}

const bytes = (text: string) => new TextEncoder().encode(text);

describe("AioFile on a pipe", () => {
  it("waits for the other end when it is opened, without holding up the event loop", async () => {
    using folder = new TemporaryFolder();
    await using ends = await openBoth(folder);
    assert(ends.reader.fd !== ends.writer.fd);
  });

  itWithPipes("reads until all is there, or the other end is closed", async () => {
    using folder = new TemporaryFolder();
    await using ends = await openBoth(folder);
    const { reader, writer } = ends;
    const reading = reader.read({ length: 6 });
    await writer.write(bytes("abc"));
    await writer.write(bytes("defgh"));
    assertEquals((await reading).buffer, bytes("abcdef"));
    const rest = reader.readv([new Uint8Array(1), new Uint8Array(5)]);
    await writer.close();
    const { bytes: moved, buffer } = await rest;
    assertEquals([moved, ...joined(buffer)], [2, ...bytes("gh"), 0, 0, 0, 0]);
    assertEquals((await reader.read({ length: 6 })).bytes, 0);
  });

  itWithPipes("writes all of what is far more than it holds", async () => {
    using folder = new TemporaryFolder();
    await using ends = await openBoth(folder);
    const content = knownBytes(3_000_001);
    const writing = ends.writer.write(content).then(({ bytes }) => ends.writer.close().then(() => bytes));
    const own = new Uint8Array(content.length + 10);
    assertEquals((await ends.reader.read({ buffer: own })).bytes, content.length);
    assertSameBytes(own.subarray(0, content.length), content);
    assertEquals(await writing, content.length);
  });

  itWithPipes("brings chunks as they come, in either order given, one at a time", async () => {
    using folder = new TemporaryFolder();
    await using ends = await openBoth(folder);
    const { reader, writer } = ends;
    const chunks = reader.chunks({ chunkBytes: 1000, depth: 8, order: "completion" });
    for (const [text, offset] of [["abc", 0], ["defgh", 3]] as const) {
      await writer.write(bytes(text));
      const { value } = await chunks.next();
      assertEquals([value!.offset, value!.bytes], [offset, bytes(text)]);
    }
    const waiting = chunks.next();
    await until(() => reader.queue.stats().inFlight > 0, "the read");
    assertEquals(reader.queue.stats().inFlight, 1);
    await writer.close();
    assertEquals((await waiting).done, true);
  });

  itWithPipes("loses nothing with an iteration that is left, and ends it where `end` says", async () => {
    using folder = new TemporaryFolder();
    await using ends = await openBoth(folder);
    const { reader, writer } = ends;
    await writer.write(bytes("abcdefghij"));
    for await (const chunk of reader.chunks({ chunkBytes: 3 })) {
      assertEquals(chunk.bytes, bytes("abc"));
      break;
    }
    const parts: Uint8Array[] = [];
    for await (const { bytes } of reader.chunks({ chunkBytes: 3, end: 4, copy: true })) parts.push(bytes);
    assertEquals(parts, [bytes("def"), bytes("g")]);
    assertEquals((await reader.read({ length: 3 })).buffer, bytes("hij"));
  });

  itWithPipes(
    "waits for the other end without a thread of the runtime's, by the dozens, and stops when it is aborted",
    async () => {
      using folder = new TemporaryFolder();
      const path = folder.write("file", "content");
      const controller = new AbortController();
      const openings = Array.from({ length: 40 }, (_, index) => {
        const options = { flags: index % 2 === 0 ? "r" : "w", signal: controller.signal };
        return AioFile.open(folder.fifo(`fifo${index}`), options);
      });
      const settled = Promise.allSettled(openings);
      // the runtimes have some four threads for all of these
      for (let count = 0; count < 20; count++) assertEquals(await fs.promises.readFile(path, "utf8"), "content");
      const joined = await AioFile.open(folder.at("fifo0"), { flags: "w" });
      const reader = await openings[0];
      await joined.write("hello");
      assertEquals((await reader.read({ length: 5 })).bytes, 5);
      controller.abort(new RangeError("enough"));
      for (const [index, outcome] of (await settled).entries()) {
        if (index > 0) assertEquals(outcome.status === "rejected" && outcome.reason.message, "enough");
      }
      await joined.close();
      await reader.close();
    },
  );

  itWithPipes("does not wait where O_NONBLOCK says so, as open(2)", async () => {
    using folder = new TemporaryFolder();
    const path = folder.fifo("fifo");
    const { O_NONBLOCK, O_RDONLY, O_WRONLY } = fs.constants;
    const lonely = await assertRejects(() => AioFile.open(path, { flags: O_WRONLY | O_NONBLOCK }), AioError);
    assertEquals(lonely.code, "ENXIO");
    await using reader = await AioFile.open(path, { flags: O_RDONLY | O_NONBLOCK });
    assertEquals((await reader.stat()).isFIFO(), true);
    await using writer = await AioFile.open(path, { flags: O_WRONLY | O_NONBLOCK });
    await writer.write("hello");
    assertEquals(new TextDecoder().decode((await reader.read({ length: 5 })).buffer), "hello");
  });

  itWithPipes("moves far more than a FIFO holds from one to the other that came later, either first", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(300_000);
    for (const first of ["r", "w"]) {
      const path = folder.fifo(`fifo-${first}`);
      const begun = AioFile.open(path, { flags: first });
      await new Promise((resolve) => setTimeout(resolve, 12));
      const later = await AioFile.open(path, { flags: first === "r" ? "w" : "r" });
      await using writer = first === "w" ? await begun : later;
      await using reader = first === "w" ? later : await begun;
      const writing = writer.write(content).then(() => writer.close());
      assertSameBytes(await reader.readAll(), content);
      await writing;
    }
  });

  it("has no place to start from, and no direct way", async () => {
    using folder = new TemporaryFolder();
    await using ends = await openBoth(folder);
    assertThrows(() => ends.reader.chunks({ start: 1 }), RangeError, "has no positions");
    const path = folder.at("pipe");
    const error = await assertRejects(() => AioFile.open(path, { flags: "r+", direct: true }), AioError);
    assertEquals(error.code, "EINVAL");
  });

  itWithPipes("streams from end to end, in order", async () => {
    using folder = new TemporaryFolder();
    await using ends = await openBoth(folder);
    const content = knownBytes(2_000_003);
    await using source = await AioFile.open(folder.write("source", content));
    await using target = await AioFile.open(folder.at("target"), { flags: "w" });
    const first = source.readable({ chunkBytes: 100_000 }).pipeTo(
      ends.writer.writable({ depth: 8, blockBytes: 77_777 }),
    )
      .then(() => ends.writer.close());
    await Promise.all([first, ends.reader.readable().pipeTo(target.writable())]);
    assertSameBytes(fs.readFileSync(target.path), content);
  });

  itWithPipes("cancels a stream that waits for a silent other end", async () => {
    using folder = new TemporaryFolder();
    await using ends = await openBoth(folder);
    const reader = ends.reader.readable().getReader();
    const reading = reader.read();
    await until(() => ends.reader.queue.stats().inFlight > 0, "the read");
    await reader.cancel("enough");
    assertEquals((await reading).done, true);
  });

  itWithPipes("is aborted while it waits", async () => {
    using folder = new TemporaryFolder();
    await using ends = await openBoth(folder);
    const controller = new AbortController();
    const { signal } = controller;
    await ends.writer.write(bytes("abc"));
    const moved = { bytes: 0 };
    const reading = assertRejects(() => ends.reader.read({ length: 10, signal, moved }), DOMException);
    await until(() => ends.reader.queue.stats().completed > 0, "the first part");
    await new Promise((resolve) => setTimeout(resolve, 5));
    controller.abort();
    const error = await reading;
    assertEquals([error.name, moved.bytes], ["AbortError", 3]);
  });

  itWithPipes("says EPIPE when nobody reads any more", async () => {
    using folder = new TemporaryFolder();
    await using ends = await openBoth(folder);
    await ends.reader.close();
    assertEquals((await assertRejects(() => ends.writer.write(bytes("abc")), AioError)).code, "EPIPE");
  });
});

describe("AioFile on a character device", () => {
  itWithPipes("reads and writes in order", async () => {
    await using zero = await AioFile.open("/dev/zero");
    const own = new Uint8Array(100_000).fill(1);
    assertEquals((await zero.read({ buffer: own })).bytes, own.length);
    assert(own.every((byte) => byte === 0));
    let length = 0;
    for await (const chunk of zero.chunks({ chunkBytes: 10_000, end: 55_000 })) length += chunk.bytes.length;
    assertEquals(length, 55_000);
    await using nothing = await AioFile.open("/dev/null", { flags: "r+" });
    assertEquals((await nothing.write(own)).bytes, own.length);
    assertEquals((await nothing.read({ length: 10 })).bytes, 0);
  });
});
