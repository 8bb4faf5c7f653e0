// A queue on whatever a number may stand for: each kind moves its bytes, or says what it cannot, and never hangs the others.
//
// Elsewhere: FIFOs (tests/queue/requests_test.ts, ending_test.ts), O_APPEND at given offsets (requests_test.ts) and at the
// file's position (position_test.ts), zero bytes and the end of a file (requests_test.ts), block devices
// (tests/file/direct_test.ts).

import { AioError, AioQueue } from "@posix/aio";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import fs from "node:fs";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itOnLinux, itWithPipes } from "../support/platform.ts";
import { SocketPair } from "../sys/socket_pair.ts";
import { Terminal, within } from "./support.ts";

/** A device or the like, open until the end of the scope. */
function open(path: string, flags = "r"): Disposable & { readonly fd: number } {
  const fd = fs.openSync(path, flags);
  return { fd, [Symbol.dispose]: () => fs.closeSync(fd) };
}

async function codeOf(request: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => within(request), AioError)).code;
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (text: string) => new TextEncoder().encode(text);

describe("a socket", () => {
  itOnLinux("brings its datagrams in their order, and takes writes while reads wait", async () => {
    using sockets = new SocketPair();
    await using queue = new AioQueue();
    const reads = Array.from({ length: 50 }, () => queue.read(sockets.fd, { length: 100 }));
    assertEquals((await within(queue.write(sockets.fd, bytes("to the peer")))).bytes, 11);
    assert(sockets.receive());
    for (let index = 0; index < 50; index++) sockets.send(index + 1);
    assertEquals((await within(Promise.all(reads))).map(({ bytes }) => bytes), reads.map((_, index) => index + 1));
  });

  itOnLinux("takes several parts as one datagram, and cannot be synced", async () => {
    using sockets = new SocketPair();
    await using queue = new AioQueue();
    assertEquals((await within(queue.writev(sockets.fd, [bytes("a"), bytes("bc"), bytes("")]))).bytes, 3);
    assert(sockets.receive() && !sockets.receive());
    const parts = [new Uint8Array(2), new Uint8Array(4)];
    const read = queue.readv(sockets.fd, parts);
    sockets.send(6);
    assertEquals((await within(read)).bytes, 6);
    assertEquals(await codeOf(queue.sync(sockets.fd)), "EINVAL");
  });
});

describe("a pipe", () => {
  itWithPipes("without readers fails with EPIPE, without writers is at its end", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("fifo");
    await using queue = new AioQueue();
    const both = folder.open("fifo", "r+");
    const writer = fs.openSync(folder.at("fifo"), "w");
    const reader = fs.openSync(folder.at("fifo"), "r");
    folder.close(both);
    try {
      assertEquals((await within(queue.write(writer, bytes("last words")))).bytes, 10);
    } finally {
      fs.closeSync(writer);
    }
    assertEquals(text((await within(queue.read(reader, { length: 99 }))).buffer), "last words");
    assertEquals((await within(queue.read(reader, { length: 99 }))).bytes, 0);
    using lonely = open(folder.at("fifo"), "w");
    fs.closeSync(reader);
    assertEquals(await codeOf(queue.write(lonely.fd, bytes("to nobody"))), "EPIPE");
  });

  itWithPipes("takes more than it holds as fast as it is emptied, in order", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("fifo");
    const fd = folder.open("fifo", "r+");
    await using queue = new AioQueue();
    const content = knownBytes(3_000_000);
    const written = Array.from(
      { length: 30 },
      (_, index) => queue.write(fd, content.subarray(index * 1e5, (index + 1) * 1e5)),
    );
    let at = 0;
    while (at < content.length) {
      const { buffer } = await within(queue.read(fd, { length: 70_000 }));
      assertEquals(buffer, content.slice(at, at + buffer.length));
      at += buffer.length;
    }
    assertEquals((await within(Promise.all(written))).map(({ bytes }) => bytes), new Array(30).fill(1e5));
  });
});

describe("a terminal", () => {
  Terminal.it("brings lines, takes output, and is given up by `await using` while nobody types", async () => {
    using terminal = new Terminal();
    {
      await using queue = new AioQueue();
      const line = queue.read(terminal.fd, { length: 100, offset: 12_345 });
      fs.writeSync(terminal.keyboard, "first line\nsecond");
      assertEquals(text((await within(line)).buffer), "first line\n");
      assertEquals((await within(queue.write(terminal.fd, bytes("output")))).bytes, 6);
      assertEquals(await codeOf(queue.sync(terminal.fd)), "EINVAL");
      const silent = queue.read(terminal.fd, { length: 100 });
      silent.catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const piece = Buffer.alloc(200);
    let shown = ""; // the kernel hands over what was typed and what was written when it comes to it, in pieces
    for (let count = 0; count < 10 && !shown.includes("output"); count++) {
      shown += text(piece.subarray(0, fs.readSync(terminal.keyboard, piece)));
    }
    assert(shown.includes("output"), shown);
    fs.writeSync(terminal.keyboard, "\n");
  });
});

describe("a device", () => {
  itOnLinux("/dev/null swallows everything and has nothing", async () => {
    using device = open("/dev/null", "r+");
    await using queue = new AioQueue();
    assertEquals((await within(queue.read(device.fd, { length: 5_000_000 }))).bytes, 0);
    assertEquals((await within(queue.write(device.fd, new Uint8Array(5_000_000)))).bytes, 5_000_000);
    assertEquals((await within(queue.write(device.fd, new Uint8Array(10), { offset: null }))).bytes, 10);
    assertEquals(await codeOf(queue.sync(device.fd)), "EINVAL");
  });

  itOnLinux("/dev/zero never ends, wherever it is read", async () => {
    using device = open("/dev/zero");
    await using queue = new AioQueue();
    for (const offset of [0, 5, 2 ** 40, null]) {
      const { bytes, buffer } = await within(queue.read(device.fd, { length: 3_000_000, offset }));
      assertEquals([bytes, buffer.length, buffer.findIndex((byte) => byte !== 0)], [3_000_000, 3_000_000, -1]);
    }
    const parts = [new Uint8Array(1000).fill(1), new Uint8Array(2_000_000).fill(1)];
    assertEquals((await within(queue.readv(device.fd, parts))).bytes, 2_001_000);
    assert(parts.every((part) => part.every((byte) => byte === 0)));
  });

  itOnLinux("/dev/full has room for nothing, not even a later piece", async () => {
    using device = open("/dev/full", "r+");
    await using queue = new AioQueue();
    for (const length of [1, 5_000_000]) {
      const error = await assertRejects(() => within(queue.write(device.fd, new Uint8Array(length))), AioError);
      assertEquals([error.code, error.bytes], ["ENOSPC", 0]);
    }
    assertEquals((await within(queue.read(device.fd, { length: 10 }))).buffer, new Uint8Array(10));
  });
});

describe("a file of /proc or /sys", () => {
  itOnLinux("is read to its end though it tells no size, also in pieces", async () => {
    using file = open("/proc/self/maps");
    assertEquals(fs.fstatSync(file.fd).size, 0);
    await using queue = new AioQueue();
    let found = "";
    for (;;) {
      const { bytes, buffer } = await within(queue.read(file.fd, { length: 1000, offset: null }));
      if (bytes === 0) break;
      found += text(buffer);
    }
    assert(/^[0-9a-f]+-[0-9a-f]+ /.test(found) && found.endsWith("\n") && found.includes("libc"), found.slice(0, 100));
  });

  itOnLinux("says what it refuses, and the others go on", async () => {
    using memory = open("/proc/self/mem");
    using version = open("/proc/version");
    await using queue = new AioQueue();
    const refused = codeOf(queue.read(memory.fd, { length: 8 }));
    assert(text((await within(queue.read(version.fd, { length: 100 }))).buffer).startsWith("Linux version"));
    assertEquals([await refused, await codeOf(queue.write(version.fd, new Uint8Array(1)))], ["EIO", "EBADF"]);
  });
});

describe("a directory", () => {
  itOnLinux("says EISDIR to reads, EBADF to writes, and can be synced", async () => {
    using folder = new TemporaryFolder();
    using directory = open(folder.path);
    await using queue = new AioQueue();
    assertEquals(await codeOf(queue.read(directory.fd, { length: 8 })), "EISDIR");
    assertEquals(await codeOf(queue.write(directory.fd, new Uint8Array(8))), "EBADF");
    await within(queue.sync(directory.fd));
  });
});

describe("a file opened with O_APPEND", () => {
  itOnLinux("gets every byte once at its end, in order, from two queues and beside reads and syncs", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "begin");
    const fd = folder.open("file", "a+");
    await using one = new AioQueue({ depth: 256, lanes: 8 });
    await using two = new AioQueue({ depth: 256, lanes: 8 });
    const all: Promise<unknown>[] = [];
    for (let index = 0; index < 200; index++) {
      all.push((index % 2 === 0 ? one : two).write(fd, bytes(`<${index}>`), { offset: 3 }));
      if (index % 20 === 0) all.push(one.sync(fd), two.read(fd, { length: 5 }));
    }
    await within(Promise.all(all));
    const expected = "begin" + Array.from({ length: 200 }, (_, index) => `<${index}>`).join("");
    assertEquals(fs.readFileSync(folder.at("file"), "utf8"), expected);
  });
});

describe("an offset beyond the end", () => {
  itOnLinux("reads nothing, writes behind a hole, and beyond what a file can hold says so", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", "abc");
    const fd = folder.open("file", "r+");
    await using queue = new AioQueue();
    for (const offset of [3, 2 ** 31, 2 ** 40, Number.MAX_SAFE_INTEGER]) {
      assertEquals((await within(queue.read(fd, { length: 10, offset }))).bytes, 0);
    }
    assertEquals((await within(queue.write(fd, bytes("end"), { offset: 2 ** 33 }))).bytes, 3);
    assertEquals(fs.fstatSync(fd).size, 2 ** 33 + 3);
    assertEquals(text((await within(queue.read(fd, { length: 10, offset: 2 ** 33 - 1 }))).buffer), "\0end");
    // ext4 holds 16 TiB, tmpfs and XFS 8 EiB, which no number here reaches
    const far = await Promise.allSettled([within(queue.write(fd, bytes("x"), { offset: 2 ** 53 - 2 }))]);
    if (far[0].status === "rejected") assertEquals((far[0].reason as AioError).code, "EFBIG");
    fs.ftruncateSync(fd, 0);
    assertEquals((await within(queue.read(fd, { length: 10 }))).bytes, 0);
  });
});
