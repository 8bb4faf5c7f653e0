// AioFile.open() and close(): flags as node:fs knows them, errors with their code and path, who owns what, and what a
// closed file says.

import { AioError, AioFile, AioQueue } from "@posix/aio";
import { assert, assertEquals, assertInstanceOf, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fs from "node:fs";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { flagsNumber } from "../../file/descriptor.ts";
import { platform } from "../../structs/platform.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { until } from "./same_bytes.ts";
import { itOnLinux, itWhereLibcWaits, itWithLanes, itWithPipes, libcTakesSilent } from "../support/platform.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
// without /proc only Bun runs these tests, whose fstat takes any descriptor
const isOpen = (fd: number) => {
  if (fs.existsSync("/proc/self/fd")) return fs.existsSync(`/proc/self/fd/${fd}`);
  try {
    return fs.fstatSync(fd) !== undefined;
  } catch {
    return false;
  }
};

describe("AioFile.open()", () => {
  it("opens for reading by a path or a URL", async () => {
    using folder = new TemporaryFolder();
    const path = folder.write("file", "abc");
    for (const name of [path, pathToFileURL(path)]) {
      await using file = await AioFile.open(name);
      assertEquals(file.path, path);
      assertEquals(file.direct, false);
      assertEquals((await file.read({ length: 10 })).buffer, bytes("abc"));
      const error = await assertRejects(() => file.write(bytes("x")), AioError);
      assertEquals(error.code, "EBADF");
    }
  });

  it("takes the flags that node:fs takes, and means the same", () => {
    const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_SYNC } = fs.constants;
    const flags: Record<string, number> = {
      "r": O_RDONLY,
      "rs": O_RDONLY | O_SYNC,
      "sr": O_RDONLY | O_SYNC,
      "r+": O_RDWR,
      "rs+": O_RDWR | O_SYNC,
      "w": O_TRUNC | O_CREAT | O_WRONLY,
      "wx": O_TRUNC | O_CREAT | O_WRONLY | O_EXCL,
      "xw": O_TRUNC | O_CREAT | O_WRONLY | O_EXCL,
      "w+": O_TRUNC | O_CREAT | O_RDWR,
      "wx+": O_TRUNC | O_CREAT | O_RDWR | O_EXCL,
      "a": O_APPEND | O_CREAT | O_WRONLY,
      "ax": O_APPEND | O_CREAT | O_WRONLY | O_EXCL,
      "as": O_APPEND | O_CREAT | O_WRONLY | O_SYNC,
      "a+": O_APPEND | O_CREAT | O_RDWR,
      "ax+": O_APPEND | O_CREAT | O_RDWR | O_EXCL,
      "as+": O_APPEND | O_CREAT | O_RDWR | O_SYNC,
    };
    for (const [text, number] of Object.entries(flags)) assertEquals(flagsNumber(text), number, text);
    assertEquals(flagsNumber(O_RDWR | O_CREAT), O_RDWR | O_CREAT);
  });

  it("creates, empties, appends and refuses what exists, as the flags say", async () => {
    using folder = new TemporaryFolder();
    const path = folder.at("file");
    await using created = await AioFile.open(path, { flags: "wx", mode: 0o600 });
    assertEquals(fs.statSync(path).mode & 0o777, 0o600);
    await created.write(bytes("first"));
    const error = await assertRejects(() => AioFile.open(path, { flags: "wx" }), AioError);
    assertEquals(error.code, "EEXIST");
    await using appending = await AioFile.open(path, { flags: "a" });
    await Promise.all(["1", "2", "3"].map((text) => appending.write(bytes(text), { offset: 0 })));
    assertEquals(fs.readFileSync(path, "utf8"), "first123");
    await using emptied = await AioFile.open(path, { flags: fs.constants.O_WRONLY | fs.constants.O_TRUNC });
    assertEquals(await emptied.size(), 0);
  });

  it("says what the system refused, with the code and the path", async () => {
    using folder = new TemporaryFolder();
    const path = folder.write("file", "abc");
    fs.symlinkSync("loop", folder.at("loop"));
    const cases: [string, string, string][] = [
      [folder.at("absent"), "r", "ENOENT"],
      [folder.path, "r", "EISDIR"],
      [folder.path, "r+", "EISDIR"],
      [`${path}/below`, "r", "ENOTDIR"],
      [folder.at("loop"), "r", "ELOOP"],
      [folder.at("x".repeat(300)), "w", "ENAMETOOLONG"],
      ["", "r", "ENOENT"],
    ];
    for (const [name, flags, code] of cases) {
      const error = await assertRejects(() => AioFile.open(name, { flags }), AioError, code);
      assertEquals([error.code, error.syscall], [code, "open"]);
      assertStringIncludes(error.message, name);
    }
  });

  const root = process.getuid?.() === 0;
  itOnLinux("says EACCES where the permissions forbid it", async () => {
    using folder = new TemporaryFolder();
    // root may open everything but what the system itself protects
    const path = root ? "/proc/sys/kernel/ostype" : folder.write("file", "abc");
    if (!root) fs.chmodSync(path, 0);
    const error = await assertRejects(() => AioFile.open(path, { flags: "r+" }), AioError);
    assert(["EACCES", "EPERM", "EROFS"].includes(error.code), error.code);
    assertEquals(error.syscall, "open");
  });

  itOnLinux("leaves no descriptor open when it fails", async () => {
    using folder = new TemporaryFolder();
    const before = fs.readdirSync("/proc/self/fd").length;
    for (let count = 0; count < 10; count++) {
      await assertRejects(() => AioFile.open(folder.path), AioError, "EISDIR");
      await assertRejects(() => AioFile.open("/proc/self/status", { direct: true }), AioError, "direct: true");
    }
    assert(fs.readdirSync("/proc/self/fd").length <= before + 2);
  });

  it("refuses wrong arguments", async () => {
    using folder = new TemporaryFolder();
    const path = folder.write("file", "abc");
    await using queue = new AioQueue();
    const wrong: [unknown, unknown, typeof TypeError | typeof RangeError, string][] = [
      [5, {}, TypeError, "path"],
      [undefined, {}, TypeError, "path"],
      [new URL("http://example.org/"), {}, TypeError, ""],
      [path, { flags: "rw" }, TypeError, "flags rw"],
      [path, { flags: -1 }, TypeError, "flags -1"],
      [path, { flags: 1.5 }, TypeError, "flags"],
      [path, { mode: "644" }, TypeError, "mode"],
      [path, { mode: 0o10000 }, RangeError, "mode"],
      [path, { depth: 0 }, RangeError, "depth"],
      [path, { lanes: 65 }, RangeError, "lanes"],
      [path, { queue: {} }, TypeError, "AioQueue"],
      [path, { queue, depth: 4 }, TypeError, "together"],
      [path, { queue, lanes: 4 }, TypeError, "together"],
      [path, { flags: "a", direct: true }, TypeError, "append"],
    ];
    for (const [name, options, type, text] of wrong) {
      await assertRejects(() => AioFile.open(name as string, options as object), type, text);
    }
  });

  it("is aborted by its signal, and so are the file's requests", async () => {
    using folder = new TemporaryFolder();
    const path = folder.write("file", "abc");
    const reason = new Error("enough");
    const error = await assertRejects(() => AioFile.open(path, { signal: AbortSignal.abort(reason) }));
    assertEquals(error, reason);
    const controller = new AbortController();
    await using file = await AioFile.open(path, { signal: controller.signal });
    assertEquals((await file.read({ length: 3 })).bytes, 3);
    controller.abort();
    for (const request of [() => file.read({ length: 1 }), () => file.sync()]) {
      assertEquals((await assertRejects(request, DOMException)).name, "AbortError");
    }
    const own = new AbortController();
    assertEquals((await file.read({ length: 3, offset: 0, signal: own.signal })).bytes, 3);
  });
});

describe("AioFile.close()", () => {
  it("waits for what is under way", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(4 << 20);
    const file = await AioFile.open(folder.at("file"), { flags: "w" });
    const writing = file.write(content);
    await file.close();
    assertEquals(fs.statSync(file.path).size, content.length);
    assertEquals((await writing).bytes, content.length);
  });

  itWithLanes("closes the descriptor, its lanes and its own queue", async () => {
    using folder = new TemporaryFolder();
    const path = folder.write("file", knownBytes(1 << 20));
    const links = () =>
      fs.readdirSync("/proc/self/fd").filter((fd) => {
        try {
          return fs.readlinkSync(`/proc/self/fd/${fd}`) === path;
        } catch {
          return false;
        }
      }).length;
    const file = await AioFile.open(path, { lanes: 4 });
    await Promise.all(Array.from({ length: 16 }, (_, index) => file.read({ offset: index * 65536, length: 65536 })));
    assertEquals(links(), platform().behaviour.serialPerDescriptor ? 4 : 1); // lanes are for glibc
    await file.close();
    assertEquals(links(), 0);
    await assertRejects(() => file.queue.read(0, { length: 1 }), TypeError, "closed");
  });

  it("leaves a given queue open", async () => {
    using folder = new TemporaryFolder();
    const path = folder.write("file", "abc");
    await using queue = new AioQueue({ depth: 4 });
    const file = await AioFile.open(path, { queue });
    assertEquals(file.queue, queue);
    await file.read({ length: 3 });
    await file.close();
    assert(!isOpen(file.fd));
    await using other = await AioFile.open(path, { queue });
    assertEquals((await other.read({ length: 3 })).bytes, 3);
    assertEquals(queue.stats().bytesRead, 6);
  });

  it("waits until libc is done with what was aborted", async () => {
    using folder = new TemporaryFolder();
    const path = folder.write("file", knownBytes(32 << 20));
    await using queue = new AioQueue();
    const file = await AioFile.open(path, { queue });
    const controller = new AbortController();
    const read = assertRejects(() => file.read({ length: 32 << 20, signal: controller.signal }), DOMException);
    await new Promise((resolve) => setTimeout(resolve, 0));
    controller.abort();
    await read;
    await file.close();
    assertEquals(queue.stats().inFlight, 0);
  });

  it("may be called twice, and again by `await using`", async () => {
    using folder = new TemporaryFolder();
    await using file = await AioFile.open(folder.write("file", "abc"));
    const closing = file.close();
    assertEquals(file.close(), closing);
    await closing;
    await file[Symbol.asyncDispose]();
  });

  it("lets nothing be done afterwards", async () => {
    using folder = new TemporaryFolder();
    const file = await AioFile.open(folder.write("file", "abc"), { flags: "r+" });
    const closing = file.close();
    const buffer = new Uint8Array(1);
    const calls = [
      () => file.read({ length: 1 }),
      () => file.read({ buffer }),
      () => file.write(buffer),
      () => file.readv([buffer]),
      () => file.writev([buffer]),
      () => file.sync(),
      () => file.size(),
      () => file.truncate(1),
    ];
    for (const call of calls) await assertRejects(call, TypeError, "the file is closed");
    assertThrows(() => file.chunks(), TypeError, "the file is closed");
    assertThrows(() => file.readable(), TypeError, "the file is closed");
    assertThrows(() => file.writable(), TypeError, "the file is closed");
    await closing;
  });

  it("ends an iteration under way with an error", async () => {
    using folder = new TemporaryFolder();
    const file = await AioFile.open(folder.write("file", knownBytes(100_000)));
    const chunks = file.chunks({ chunkBytes: 1000, depth: 1 });
    await chunks.next();
    await file.close();
    await chunks.next(); // was read before
    await assertRejects(() => chunks.next(), TypeError, "the file is closed");
    assertEquals((await chunks.next()).done, true);
  });
});

describe("AioFile[Symbol.asyncDispose]()", () => {
  it("cancels what has not started and waits for the rest", async () => {
    using folder = new TemporaryFolder();
    const path = folder.write("file", knownBytes(8 << 20));
    const reads: Promise<unknown>[] = [];
    let fd: number;
    {
      await using file = await AioFile.open(path, { lanes: 1 });
      fd = file.fd;
      for (let index = 0; index < 64; index++) {
        reads.push(file.read({ offset: 0, length: 8 << 20 }).then(({ bytes }) => bytes, (error) => error));
      }
    }
    assert(!isOpen(fd));
    for (const outcome of await Promise.all(reads)) {
      if (typeof outcome === "number") assertEquals(outcome, 8 << 20);
      else assertInstanceOf(outcome, AioError);
    }
  });

  itWithPipes("does not wait for a silent pipe either where a close waits for it already", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("pipe");
    const writer = folder.open("pipe", "r+");
    for (const shared of [false, true]) {
      const queue = shared ? new AioQueue() : undefined;
      const file = await AioFile.open(folder.at("pipe"), { queue });
      const read = file.read({ length: 1 }).catch((error) => error);
      await new Promise((resolve) => setTimeout(resolve, 50)); // a thread of libc has begun it
      const closing = file.close();
      await file[Symbol.asyncDispose]();
      await file[Symbol.asyncDispose]();
      fs.writeSync(writer, "x"); // a thread of libc may still wait for it
      await read;
      await queue?.close();
      if (libcTakesSilent()) continue; // it is closed when the engine looks next
      await closing;
    }
  });

  itWhereLibcWaits("does not wait for a silent pipe, and closes it when it speaks", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("pipe");
    const writer = folder.open("pipe", "r+");
    let fd: number;
    let read: Promise<unknown>;
    const warned = new Promise((resolve) => process.once("warning", resolve));
    {
      await using file = await AioFile.open(folder.at("pipe"));
      fd = file.fd;
      read = assertRejects(() => file.read({ length: 10 }), AioError, "ECANCELED");
      await until(() => file.queue.stats().held > 0, "the read");
      await new Promise((resolve) => setTimeout(resolve, 100)); // a thread of libc has begun it: too late to cancel
    }
    await read;
    await warned;
    assert(isOpen(fd)); // else its number would go to somebody whose requests wait behind the read
    fs.writeSync(writer, "0123456789");
    await until(() => !isOpen(fd), "the close");
  });
});
