// A descriptor closed, and its number used again, while libc still has requests of the old file: what is asked of the new
// file goes to the new file, and at once.
//
// Who closes a descriptor before its requests have ended breaks the one rule of AioQueue, and glibc then runs what waits on
// the number on whatever file owns it. But a caller whose request was aborted, or given up by `await using`, has been
// told that it is over. So this must be safe.

import { AioFile, AioQueue } from "@posix/aio";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe } from "@std/testing/bdd";
import fs from "node:fs";
import process from "node:process";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { heldByOthers } from "../../ffi/holders.ts";
import { platform } from "../../structs/platform.ts";
import { itOnLinux, itUnless, itWithPipes } from "../support/platform.ts";
import { openAs, within } from "./support.ts";

const CONTENT = knownBytes(8192);

// a runtime opens descriptors of its own when the waiter thread starts: none of the numbers used below
await startWaiter();

/** Lets the waiter thread start, and the runtime's own descriptors come to rest. */
async function startWaiter(): Promise<void> {
  if (process.platform !== "linux") return;
  using folder = new TemporaryFolder();
  folder.fifo("fifo");
  const fd = folder.open("fifo", "r+");
  const queue = new AioQueue();
  const read = queue.read(fd, { length: 1 });
  for (let [before, quiet] = ["", 0]; quiet < 6;) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const now = fs.readdirSync("/proc/self/fd").length + " " + fs.readdirSync("/proc/self/task").length;
    quiet = now === before ? quiet + 1 : 0;
    before = now;
  }
  fs.writeSync(fd, "x");
  await read;
  await queue.close();
}

/** A FIFO that is silent until the end of the scope, when everybody who reads it gets a byte. */
class SilentFifo implements Disposable {
  readonly fd: number;
  readonly #keeper: number;

  constructor(folder: TemporaryFolder) {
    folder.fifo("fifo");
    this.#keeper = folder.open("fifo", "r+");
    this.fd = fs.openSync(folder.at("fifo"), "r+");
  }

  [Symbol.dispose](): void {
    fs.writeSync(this.#keeper, "x".repeat(64));
  }
}

/** A file, open until the end of the scope. */
function openAny(path: string): Disposable & { readonly fd: number } {
  const fd = fs.openSync(path, "r");
  return { fd, [Symbol.dispose]: () => fs.closeSync(fd) };
}

/** A queue gives up on a read of a FIFO, whose number is free then. */
async function giveUpOn(fifo: SilentFifo): Promise<void> {
  {
    await using queue = new AioQueue();
    queue.read(fifo.fd, { length: 1 }).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  fs.closeSync(fifo.fd);
}

/** A read of a FIFO is aborted, and its number is free then. */
async function abortRead(queue: AioQueue, fifo: SilentFifo): Promise<void> {
  const controller = new AbortController();
  const doomed = queue.read(fifo.fd, { length: 1, signal: controller.signal });
  await new Promise((resolve) => setTimeout(resolve, 10));
  controller.abort();
  await assertRejects(() => doomed);
  fs.closeSync(fifo.fd);
}

describe("a number used again", () => {
  itWithPipes("after an aborted read of a silent FIFO is not held up by it", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", CONTENT);
    using fifo = new SilentFifo(folder);
    await using queue = new AioQueue();
    await abortRead(queue, fifo);
    using file = openAs(fifo.fd, folder.at("file"), "r+");
    for (let round = 0; round < 3; round++) {
      assertEquals((await within(queue.read(file.fd, { length: 8192 }))).buffer, CONTENT);
      assertEquals((await within(queue.write(file.fd, CONTENT))).bytes, 8192);
      await within(queue.sync(file.fd));
    }
  });

  itWithPipes("after a queue gave up on a silent FIFO is not held up by it", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", CONTENT);
    using fifo = new SilentFifo(folder);
    await giveUpOn(fifo);
    using file = openAs(fifo.fd, folder.at("file"), "r");
    await using queue = new AioQueue({ lanes: 2 });
    const reads = Array.from({ length: 40 }, (_, index) => queue.read(file.fd, { offset: index, length: 100 }));
    for (const [index, { buffer }] of (await within(Promise.all(reads))).entries()) {
      assertEquals(buffer, CONTENT.slice(index, index + 100));
    }
  });

  itWithPipes(
    "after a queue gave up on a silent FIFO is held no longer than libc has it, though nothing else is asked",
    async () => {
      using folder = new TemporaryFolder();
      await using queue = new AioQueue();
      {
        using fifo = new SilentFifo(folder);
        await giveUpOn(fifo);
      }
      while (queue.stats().held > 0) await new Promise((resolve) => setImmediate(resolve));
    },
  );

  itWithPipes("by a lane of another file is not held up by a silent FIFO that had it", async () => {
    using folder = new TemporaryFolder();
    using file = openAny(folder.write("file", CONTENT));
    using fifo = new SilentFifo(folder);
    await using queue = new AioQueue({ lanes: 4 });
    await abortRead(queue, fifo);
    const reads = Array.from({ length: 200 }, (_, index) => queue.read(file.fd, { offset: index, length: 100 }));
    for (const [index, { buffer }] of (await within(Promise.all(reads))).entries()) {
      assertEquals(buffer, CONTENT.slice(index, index + 100));
    }
  });

  itWithPipes("by AioFile.open() is not held up by a FIFO that had it", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", CONTENT);
    using fifo = new SilentFifo(folder);
    await giveUpOn(fifo);
    const files: AioFile[] = []; // as many as it takes until one has the number
    try {
      while (files.at(-1)?.fd !== fifo.fd && files.length < 50) files.push(await AioFile.open(folder.at("file")));
      assertEquals(files.at(-1)!.fd, fifo.fd);
      const buffer = new Uint8Array(8192);
      await within(files.at(-1)!.read({ buffer }));
      assertEquals(buffer, CONTENT);
    } finally {
      for (const file of files) await within(file.close());
    }
    using again = openAs(fifo.fd, folder.at("file"), "r");
    await using queue = new AioQueue();
    assertEquals((await within(queue.read(again.fd, { length: 8192 }))).buffer, CONTENT);
  });

  itOnLinux(
    "while libc still has aborted writes gets none of them, and the old file none of the new one's",
    async () => {
      using folder = new TemporaryFolder();
      await using queue = new AioQueue({ depth: 256, lanes: 4 });
      for (let round = 0; round < 20; round++) {
        const old = fs.openSync(folder.at("old"), "w+");
        folder.write("new", new Uint8Array(256 * 1024).fill(2));
        const controller = new AbortController();
        const data = new Uint8Array(1024).fill(1);
        const writes = Array.from(
          { length: 256 },
          (_, index) => queue.write(old, data, { offset: index * 1024, signal: controller.signal }),
        );
        const outcomes = Promise.allSettled(writes);
        await Promise.resolve(); // now libc has them
        controller.abort();
        fs.closeSync(old);
        using file = openAs(old, folder.at("new"), "r+");
        const more = Array.from(
          { length: 100 },
          (_, index) => queue.write(file.fd, new Uint8Array(1024).fill(3), { offset: index * 2048 }),
        );
        await within(Promise.all(more));
        await outcomes;
        while (queue.stats().held > 0) await new Promise((resolve) => setImmediate(resolve));
        const found = fs.readFileSync(folder.at("new"));
        const wrong = found.findIndex((byte, at) => byte !== (at < 200 * 1024 && at % 2048 < 1024 ? 3 : 2));
        assertEquals(wrong, -1, `round ${round}: ${found[wrong]} at ${wrong}`);
        assert(fs.readFileSync(folder.at("old")).every((byte) => byte === 0 || byte === 1), `round ${round}`);
      }
    },
  );

  itUnless(
    platform().behaviour.serialPerDescriptor ? undefined : "only glibc goes by the number",
    "after what can be aborted or given up was never known to libc",
    async () => {
      using folder = new TemporaryFolder();
      using fifo = new SilentFifo(folder);
      const fd = folder.open("file", "w+");
      await using queue = new AioQueue({ depth: 256, lanes: 4 });
      const { signal } = new AbortController();
      const data = new Uint8Array(1024);
      queue.read(fifo.fd, { length: 1 }).catch(() => {}); // it is given up in the end
      for (let round = 0; round < 10; round++) {
        const writes = Array.from({ length: 256 }, (_, at) => queue.write(fd, data, { offset: at * 1024, signal }));
        await Promise.resolve(); // now libc has them
        assert(queue.stats().held > 0);
        assertEquals([fd, fifo.fd].map((number) => heldByOthers(number, { holds: () => false })), [false, false]);
        await Promise.all(writes);
      }
    },
  );

  itOnLinux("is free for others as soon as it is closed: what waited ends, with its bytes or with EBADF", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", CONTENT);
    await using queue = new AioQueue({ depth: 16, lanes: 1 });
    const fd = fs.openSync(folder.at("file"), "r");
    const outcomes = Promise.allSettled(
      Array.from({ length: 500 }, (_, index) => queue.read(fd, { offset: index, length: 100 })),
    );
    await Promise.resolve();
    fs.closeSync(fd);
    let failed = 0;
    for (const [index, outcome] of (await within(outcomes)).entries()) {
      if (outcome.status === "fulfilled") assertEquals(outcome.value.buffer, CONTENT.slice(index, index + 100));
      else if (outcome.reason.code === "EBADF") failed++;
      else throw outcome.reason;
    }
    assert(failed >= 500 - 16, `${failed} failed`); // libc had no more than the depth
  });

  itOnLinux(
    "the moment a write was aborted gets none of its bytes, though libc was about to begin with it",
    async () => {
      using folder = new TemporaryFolder();
      folder.write("new", new Uint8Array(4096));
      await using queue = new AioQueue({ lanes: 1 });
      for (let round = 0; round < 400; round++) {
        const old = fs.openSync(folder.at("old"), "w+");
        const controller = new AbortController();
        const writes = Promise.allSettled(Array.from({ length: 1 + round % 4 }, (_, index) => {
          return queue.write(old, new Uint8Array(512).fill(1), { offset: index * 512, signal: controller.signal });
        }));
        await Promise.resolve(); // now libc has them
        const end = performance.now() + round % 50 / 1000;
        while (performance.now() < end);
        controller.abort();
        fs.closeSync(old);
        using _file = openAs(old, folder.at("new"), "r+");
        await within(writes);
        while (queue.stats().held > 0) await new Promise((resolve) => setImmediate(resolve));
        assert(fs.readFileSync(folder.at("new")).every((byte) => byte === 0), `round ${round}`);
      }
    },
  );
});
