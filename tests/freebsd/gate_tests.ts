/**
 * Requests on pipes and terminals where FreeBSD's kernel is allowed to take them: none is handed over before there is
 * something to read or room to write, since a process cannot end while a daemon of the kernel sits in one.
 *
 * @module
 */

import { describeFreebsd, immortal, isReal } from "./on_freebsd.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import fs from "node:fs";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { AioFile, AioQueue } from "../../mod.ts";
import type { AioQueueOptions } from "../../mod.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itWithPipes } from "../support/platform.ts";
import { runChild } from "../support/child.ts";
import { setUp } from "./set_up.ts";

const CHILD = new URL("children/silent_pipe.ts", import.meta.url);

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** A FIFO's two ends under one number, and a queue. */
function prepare(): { folder: TemporaryFolder; fd: number; queue: AioQueue } {
  const folder = new TemporaryFolder();
  folder.fifo("pipe");
  return { folder, fd: folder.open("pipe", "r+"), queue: new AioQueue() };
}

/** Nothing that was handed over could keep the process from ending; a real kernel is not asked, it would be too late. */
function assertNoneImmortal(): void {
  if (!isReal) assertEquals(immortal(), 0);
}

/**
 * Registers the tests.
 *
 * @param waiter How the queues wait.
 */
export async function testGate(waiter: AioQueueOptions["waiter"]): Promise<void> {
  await setUp(waiter);
  describeFreebsd(`a silent pipe on FreeBSD, with the waiter ${waiter}`, () => {
    itWithPipes("gets its read when there is something to read", async () => {
      const { folder, fd, queue } = prepare();
      using _folder = folder;
      const reads = [1, 2, 3].map(() => queue.read(fd, { length: 4 }));
      await sleep(40);
      assertEquals([queue.stats().inFlight, queue.stats().held], [3, 0]);
      for (const [index, word] of ["one!", "two!", "tri!"].entries()) {
        fs.writeSync(fd, word);
        assertEquals(text((await reads[index]).buffer), word);
      }
      fs.writeSync(fd, "now");
      assertEquals(text((await queue.read(fd, { length: 10 })).buffer), "now");
      await queue.close();
      assertNoneImmortal();
    });

    itWithPipes(
      "lets its requests be cancelled, aborted and given up at once, and their memory comes back",
      async () => {
        const { folder, fd, queue } = prepare();
        using _folder = folder;
        const warnings: Error[] = [];
        const listen = (warning: Error) => void warnings.push(warning);
        process.on("warning", listen);
        using buffer = queue.buffers.take(100);
        const controller = new AbortController();
        const aborted = queue.read(fd, { buffer: buffer.bytes, signal: controller.signal });
        const cancelled = queue.read(fd, { length: 10 });
        await sleep(10);
        controller.abort();
        assertEquals(queue.cancel(), 1);
        assertEquals((await assertRejects(() => aborted, DOMException)).name, "AbortError");
        await assertRejects(() => cancelled, Error, "ECANCELED");
        assert(!buffer.busy);
        assertEquals(queue.stats().inFlight, 0);
        const moved = { bytes: 0 };
        const full = assertRejects(() => queue.write(fd, new Uint8Array(1 << 20), { moved }), Error, "ECANCELED");
        await sleep(10);
        await queue.close({ cancel: true });
        await full;
        assert(moved.bytes > 0 && moved.bytes < 1 << 20, `${moved.bytes} bytes`);
        let read: Promise<unknown>;
        {
          await using other = new AioQueue();
          read = assertRejects(() => other.read(fd, { length: 1, offset: 0 }), Error, "ECANCELED");
          const drain = fs.openSync(folder.at("pipe"), fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
          try {
            while (fs.readSync(drain, new Uint8Array(1 << 16)) > 0);
          } catch { /* empty by now */ }
          fs.closeSync(drain);
        }
        await read.catch(() => {}); // it may have found what was still there
        {
          await using file = await AioFile.open(folder.at("pipe"), { flags: "r+" });
          file.read({ length: 1 }).catch(() => {});
          await sleep(5);
        }
        await sleep(5);
        process.off("warning", listen);
        assertEquals(warnings.map(String), []);
        assertNoneImmortal();
      },
    );

    itWithPipes("takes a long write in pieces, in their order, whoever reads when", async () => {
      const { folder, fd, queue } = prepare();
      using _folder = folder;
      const content = knownBytes(300_001);
      using lent = queue.buffers.take(100_000);
      lent.bytes.set(content.subarray(0, 100_000));
      const writes = [
        queue.write(fd, lent.bytes),
        queue.writev(fd, [content.subarray(100_000, 100_007), content.subarray(100_007, 200_000)]),
        queue.write(fd, content.subarray(200_000)),
      ];
      await sleep(40); // nobody reads: the pipe is full by now
      assertNoneImmortal();
      const found: Uint8Array[] = [];
      for (let length = 0; length < content.length;) {
        const bytes = new Uint8Array(10_000);
        const { bytes: count } = await queue.read(fd, { buffer: bytes });
        found.push(bytes.subarray(0, count));
        length += count;
      }
      assertEquals((await Promise.all(writes)).map(({ bytes }) => bytes), [100_000, 100_000, 100_001]);
      let at = 0;
      for (const part of found) {
        assertEquals(part, content.subarray(at, at + part.length));
        at += part.length;
      }
      await queue.close();
      assertNoneImmortal();
    });

    itWithPipes("tells the end, and that nobody reads any more", async () => {
      using folder = new TemporaryFolder();
      folder.fifo("pipe");
      await using queue = new AioQueue();
      const both = fs.openSync(folder.at("pipe"), "r+");
      const reader = fs.openSync(folder.at("pipe"), "r");
      const writer = fs.openSync(folder.at("pipe"), "w");
      fs.closeSync(both);
      const read = queue.read(reader, { length: 5 });
      await sleep(5);
      fs.closeSync(writer);
      assertEquals((await read).bytes, 0);
      const again = fs.openSync(folder.at("pipe"), "w");
      fs.closeSync(reader);
      await assertRejects(() => queue.write(again, "x"), Error, "EPIPE");
      fs.closeSync(again);
      assertNoneImmortal();
    });

    itWithPipes("by the hundreds stops no file", async () => {
      using folder = new TemporaryFolder();
      folder.write("file", "abc");
      const file = folder.open("file");
      const queue = new AioQueue({ depth: 1000 });
      const pipes = Array.from({ length: 300 }, (_, index) => {
        folder.fifo(`pipe${index}`);
        return folder.open(`pipe${index}`, "r+");
      });
      const reads = pipes.map((fd) => queue.read(fd, { length: 3 }));
      for (let count = 0; count < 100; count++) assertEquals((await queue.read(file, { length: 3 })).bytes, 3);
      for (const [index, fd] of pipes.entries()) fs.writeSync(fd, String(100 + index));
      const found = await Promise.all(reads);
      assertEquals(found.map(({ buffer }) => text(buffer)), pipes.map((_, index) => String(100 + index)));
      await queue.close();
      assertNoneImmortal();
    });

    itWithPipes(
      "that is closed while its read waits is EBADF at the next look, or stays silent, and ends nothing else",
      async () => {
        const { folder, fd, queue } = prepare();
        using _folder = folder;
        const read = queue.read(fd, { length: 1 });
        const ended = read.catch(() => {});
        await sleep(5);
        folder.write("file", "abc");
        assertEquals((await queue.read(folder.open("file"), { length: 3 })).bytes, 3);
        await queue.close({ timeout: 10 });
        await ended;
        await assertRejects(() => new AioQueue().read(987_654, { length: 1 }), Error, "EBADF");
      },
    );

    for (const [how, end] of [["by process.exit", "exit"], ["when nothing is left to do", "end"]] as const) {
      itWithPipes(`does not hold up a process that ends ${how}`, async () => {
        using folder = new TemporaryFolder();
        folder.fifo("pipe");
        const both = fs.openSync(folder.at("pipe"), "r+");
        const { code, stdout, stderr } = await runChild(CHILD, { args: [folder.at("pipe"), end, waiter as string] });
        assertEquals([code, stderr], [0, ""]);
        assertStringIncludes(stdout, isReal ? "bye" : "bye 0");
        fs.closeSync(both);
      });
    }
  });
}
