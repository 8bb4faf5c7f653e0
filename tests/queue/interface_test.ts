// What people bring along from `node:fs` and the platform: any memory, bigints, texts, objects with a descriptor, a signal
// of `null`, misspelt names; and several parts of a program that share a queue by run().

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import fs from "node:fs";
import { once } from "node:events";
import process from "node:process";
import { AioFile, AioQueue } from "@posix/aio";
import type { AioRequest, Completion } from "@posix/aio";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itWithPipes } from "../support/platform.ts";

const TEXT = "0123456789";

function prepare(content: string | Uint8Array = TEXT): { folder: TemporaryFolder; fd: number } {
  const folder = new TemporaryFolder();
  folder.write("file", content);
  return { folder, fd: folder.open("file", "r+") };
}

function reads(fd: number, count: number): AioRequest[] {
  return Array.from({ length: count }, (_, tag) => ({ op: "read", fd, offset: tag % 10, length: 1, tag }));
}

describe("a request", () => {
  it("takes memory of every kind", async () => {
    const { folder, fd } = prepare();
    using _folder = folder;
    await using queue = new AioQueue();
    const memory = new ArrayBuffer(16);
    for (
      const buffer of [
        memory,
        new SharedArrayBuffer(5),
        new DataView(memory, 3, 5),
        new Uint16Array(2),
        Buffer.alloc(5),
      ]
    ) {
      const { bytes, buffer: found } = await queue.read(fd, { buffer, offset: 2n });
      assertEquals(bytes, Math.min(buffer.byteLength, TEXT.length - 2));
      assertEquals(new TextDecoder().decode(found.slice(0, bytes)), TEXT.slice(2, 2 + bytes));
      const there = ArrayBuffer.isView(buffer) ? buffer.buffer : buffer;
      assert(found.buffer === there, "it lies in the caller's memory");
    }
    assertEquals(new Uint8Array(memory, 3, 5), new TextEncoder().encode("23456"));
  });

  it("writes texts, alone and among arrays", async () => {
    const { folder, fd } = prepare("");
    using _folder = folder;
    await using queue = new AioQueue();
    assertEquals((await queue.write(fd, "zwölf ", { offset: 0n })).bytes, 7);
    await queue.writev(fd, ["Boxk", new DataView(new TextEncoder().encode("ämpf").buffer), "er"], { offset: 7 });
    const parts = [new Uint8Array(6), new DataView(new ArrayBuffer(100))];
    assertEquals((await queue.readv(fd, parts)).bytes, 18);
    for await (const { bytes } of queue.run([{ op: "write", fd, buffer: "!", offset: 18n }])) assertEquals(bytes, 1);
    assertEquals(fs.readFileSync(folder.at("file"), "utf8"), "zwölf Boxkämpfer!");
  });

  it("takes objects that have a descriptor", async () => {
    const { folder } = prepare();
    using _folder = folder;
    await using queue = new AioQueue();
    const handle = await fs.promises.open(folder.at("file"));
    const stream = fs.createReadStream(folder.at("file"), { autoClose: false });
    await once(stream, "open");
    await using file = await AioFile.open(folder.at("file"));
    for (const fd of [handle, stream as unknown as { fd: number }, file]) {
      assertEquals(new TextDecoder().decode((await queue.read(fd, { offset: 4, length: 3 })).buffer), "456");
    }
    assertEquals(queue.cancel({ fd: handle }), 0);
    await handle.close();
    stream.destroy();
    if (process.versions.deno === undefined) {
      // a handle's number is -1 then
      await assertRejects(() => queue.read(handle, { length: 1 }), RangeError, "Cannot use fd -1");
    }
    await file.close();
    await assertRejects(() => queue.read(file, { length: 1 }), RangeError, "Cannot use fd -1");
  });

  it("takes no signal for `null`", async () => {
    const { folder, fd } = prepare();
    using _folder = folder;
    await using queue = new AioQueue();
    assertEquals((await queue.read(fd, { length: 3, signal: null })).bytes, 3);
    for await (const { error } of queue.run([{ op: "read", fd, length: 1, signal: null }])) {
      assertEquals(error, undefined);
    }
  });

  it("ends with the signal's own reason: a timeout stays one", async () => {
    await using queue = new AioQueue();
    const late = AbortSignal.timeout(1);
    await once(late, "abort");
    assertEquals(
      (await assertRejects(() => queue.read(0, { length: 1, signal: late }), DOMException)).name,
      "TimeoutError",
    );
    const [completion] = await Array.fromAsync(queue.run([{ op: "sync", fd: 0, signal: AbortSignal.abort("text") }]));
    assertEquals([completion.error?.name, completion.error?.cause], ["AbortError", "text"]);
  });

  it("tells how many bytes have moved", async () => {
    const { folder, fd } = prepare();
    using _folder = folder;
    await using queue = new AioQueue();
    const moved = { bytes: -1 };
    await queue.read(fd, { length: 100, moved });
    assertEquals(moved.bytes, 10);
    await assertRejects(() => queue.read(987_654, { length: 100, moved }), Error, "EBADF");
    assertEquals(moved.bytes, 0);
  });
});

describe("a misspelt name", () => {
  it("is refused, by all that takes options", async () => {
    const { folder, fd } = prepare();
    using _folder = folder;
    await using queue = new AioQueue();
    await using file = await AioFile.open(folder.at("file"), { flags: "r+" });
    const wrong = { dept: 5 } as object;
    const refused = 'there is no "dept", only ';
    assertThrows(() => new AioQueue(wrong), TypeError, refused);
    assertThrows(() => queue.batches(wrong), TypeError, refused);
    assertThrows(() => queue.cancel(wrong), TypeError, refused);
    assertThrows(() => file.chunks(wrong), TypeError, refused);
    assertThrows(() => file.readable(wrong), TypeError, refused);
    assertThrows(() => file.readable({ copy: true } as object), TypeError, 'there is no "copy"');
    assertThrows(() => file.writable(wrong), TypeError, refused);
    assertThrows(() => file.lines(wrong), TypeError, refused);
    const calls = [
      () => queue.close(wrong),
      () => queue.read(fd, { length: 1, ...wrong }),
      () => queue.write(fd, "x", wrong),
      () => queue.readv(fd, [new Uint8Array(1)], wrong),
      () => queue.sync(fd, wrong),
      () => AioFile.open(folder.at("file"), wrong),
      () => file.read({ length: 1, ...wrong }),
      () => file.write("x", wrong),
      () => file.writev(["x"], wrong),
      () => file.sync(wrong),
      () => file.readAll(wrong),
      () => file.text(wrong),
    ];
    for (const call of calls) await assertRejects(call, TypeError, refused);
    const [completion] = await Array.fromAsync(queue.run([{ op: "read", fd, length: 1, ...wrong }]));
    assert(
      completion.error instanceof TypeError && completion.error.message.includes(refused),
      String(completion.error),
    );
    assertEquals(fs.readFileSync(folder.at("file"), "utf8"), TEXT);
  });

  it("and options that are none are refused by what they are", async () => {
    await using queue = new AioQueue();
    for (const options of [null, 5, "text", [1], new Uint8Array(1)]) {
      const given = options as object;
      assertThrows(() => new AioQueue(given), TypeError, "Cannot use options ");
      await assertRejects(() => queue.read(0, given), TypeError, "Cannot use options ");
      await assertRejects(() => queue.close(given), TypeError, "Cannot use options ");
    }
  });
});

describe("what is closed", () => {
  it("says so with a code", async () => {
    const { folder, fd } = prepare();
    using _folder = folder;
    const queue = new AioQueue();
    const file = await AioFile.open(folder.at("file"));
    await queue.close();
    await file.close();
    const codeOf = (error: unknown) => (error as { code?: string }).code;
    assertEquals(await queue.read(fd, { length: 1 }).catch(codeOf), "ERR_CLOSED");
    assertEquals(codeOf(assertThrows(() => void queue.submit([]), TypeError)), "ERR_CLOSED");
    assertEquals(codeOf(assertThrows(() => queue.run([]), TypeError)), "ERR_CLOSED");
    assertEquals(await file.read({ length: 1 }).catch(codeOf), "ERR_CLOSED");
    assertEquals(await file.size().catch(codeOf), "ERR_CLOSED");
    assertEquals(file.fd, -1);
  });
});

describe("AioQueue.run()", () => {
  it("brings the completions of its requests and no others, side by side", async () => {
    const { folder, fd } = prepare();
    using _folder = folder;
    await using queue = new AioQueue({ depth: 4 });
    queue.submit(reads(fd, 50).map((request) => ({ ...request, tag: "submitted" })));
    const parts = ["a", "b", "c"].map(async (name) => {
      const tags: unknown[] = [];
      for await (
        const { tag, error } of queue.run(reads(fd, 100).map(({ tag, ...rest }) => ({ ...rest, tag: name + tag })))
      ) {
        assertEquals(error, undefined);
        tags.push(tag);
      }
      assertEquals(tags.toSorted(), Array.from({ length: 100 }, (_, tag) => name + tag).toSorted());
    });
    await Promise.all(parts);
    const own = await Array.fromAsync(queue, ({ tag }) => tag);
    assertEquals(own, new Array(50).fill("submitted"));
  });

  it("may run again in its own loop, however full it is", async () => {
    const { folder, fd } = prepare();
    using _folder = folder;
    await using queue = new AioQueue({ depth: 2 });
    let inner = 0;
    for await (const _ of queue.run(reads(fd, 20))) {
      for await (const _ of queue.run(reads(fd, 20))) inner++;
    }
    assertEquals(inner, 400);
  });

  it("pulls its requests only as there is room", async () => {
    const { folder, fd } = prepare();
    using _folder = folder;
    await using queue = new AioQueue({ depth: 4 });
    let pulled = 0;
    const endless = function* (): Generator<AioRequest> {
      for (;;) yield { op: "read", fd, length: 1, tag: pulled++ };
    };
    let taken = 0;
    for await (const _ of queue.run(endless())) {
      assert(pulled <= taken + 6, `${pulled} pulled, ${taken} taken`);
      if (++taken === 100) break;
    }
    const { bytesRead } = queue.stats();
    await queue.sync(fd);
    assert(queue.stats().bytesRead <= bytesRead + 4, "nothing more is asked for");
    assertEquals(queue.stats().unconsumed, 0);
  });

  itWithPipes("that is left cancels what has not ended, and no other's", async () => {
    const { folder, fd } = prepare();
    using _folder = folder;
    folder.fifo("fifo");
    const pipe = folder.open("fifo", "r+");
    await using queue = new AioQueue();
    const other = queue.read(pipe, { length: 2, offset: 0 });
    const requests: AioRequest[] = [...reads(fd, 1), { op: "read", fd: pipe, length: 2 }];
    for await (const _ of queue.run(requests)) break;
    fs.writeSync(pipe, "ab");
    assertEquals((await other).bytes, 2);
    const iterator = queue.run(reads(fd, 3));
    await iterator.return!();
    assertEquals((await iterator.next()).done, true);
  });

  it("ends with the error of its iterable, behind what it had brought", async () => {
    const { folder, fd } = prepare();
    using _folder = folder;
    await using queue = new AioQueue();
    const failing = async function* (): AsyncGenerator<AioRequest> {
      yield* reads(fd, 3);
      throw new Error("the iterable's own");
    };
    const found: Completion[] = [];
    const all = async () => {
      for await (const completion of queue.run(failing())) found.push(completion);
    };
    await assertRejects(all, Error, "the iterable's own");
    assertEquals(found.length, 3);
    assertEquals((await Array.fromAsync(queue.run(reads(fd, 2)))).length, 2);
    assertThrows(() => queue.run(5 as unknown as AioRequest[]), TypeError, "expected an iterable");
  });
});

describe("errors of submitted iterables", () => {
  it("each end one iteration, and those that nobody sees are told of when the queue is closed", async () => {
    const { folder } = prepare();
    using _folder = folder;
    const failing = function* (name: string): Generator<AioRequest> {
      yield* [];
      throw new Error(name);
    };
    const queue = new AioQueue();
    for (const name of ["one", "two", "three"]) queue.submit(failing(name));
    await assertRejects(() => Array.fromAsync(queue), Error, "one");
    await assertRejects(() => Array.fromAsync(queue), Error, "two");
    const warned = once(process, "warning");
    await queue.close();
    assert(String((await warned)[0]).includes("an error of submitted iterables"));
  });

  it("and an iterator that was left takes no completion", async () => {
    const { folder, fd } = prepare();
    using _folder = folder;
    await using queue = new AioQueue();
    const left = queue[Symbol.asyncIterator]();
    await left.return!();
    queue.submit(reads(fd, 2));
    assertEquals((await left.next()).done, true);
    assertEquals((await Array.fromAsync(queue)).length, 2);
  });

  it("and memory given to requests is the caller's again", async () => {
    const { folder, fd } = prepare(knownBytes(1 << 16));
    using _folder = folder;
    await using queue = new AioQueue({ depth: 8 });
    const buffers = Array.from({ length: 64 }, () => new Uint8Array(1 << 16));
    const requests = buffers.map((buffer) => ({ op: "read", fd, buffer }) as const);
    for await (const _ of queue.run(requests)) break;
    for (const buffer of buffers) buffer.fill(7);
    await queue.close();
    assert(buffers.every((buffer) => buffer.every((byte) => byte === 7)), "nothing was put there afterwards");
  });
});
