// libc never gets an engine's memory from the queue: every address that it is handed is looked at.

import { AioQueue } from "@posix/aio";
import type { PoolBuffer } from "@posix/aio";
import { assert, assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fs from "node:fs";
import { aio_error, aio_read, Aiocb, EINPROGRESS } from "../../sys.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itOnLinux } from "../support/platform.ts";
import { OWN_ARRAYS, partOfPool } from "./arrays.ts";
import { watchAddresses } from "./watch.ts";

const watch = watchAddresses();
const SIZES = [1, 7, 63, 64, 100, 5000, 65_537, 1_500_000];
const FILE_BYTES = 3 << 20;

/** Every kind of request, with arrays of every kind and size. */
async function useAll(queue: AioQueue, fd: number): Promise<void> {
  const pooled: PoolBuffer[] = [];
  const partOfOne = (bytes: number) => {
    const { buffer, array } = partOfPool(queue, bytes);
    pooled.push(buffer);
    return array;
  };
  for (const make of [...Object.values(OWN_ARRAYS), partOfOne]) {
    const requests: Promise<unknown>[] = [];
    for (const bytes of SIZES) {
      requests.push(queue.read(fd, { offset: 3, buffer: make(bytes) }), queue.write(fd, make(bytes)));
      requests.push(queue.readv(fd, [make(bytes), make(10)]), queue.writev(fd, [make(3), make(bytes)]));
      requests.push(queue.read(fd, { length: bytes }));
    }
    requests.push(queue.sync(fd));
    queue.cancel({ fd: fd + 1000 });
    await Promise.all(requests);
  }
  for (const buffer of pooled) buffer.release();
}

describe("the addresses that libc gets from a queue", () => {
  it("all lie in the package's own mappings, whatever arrays the requests have", async () => {
    using folder = new TemporaryFolder();
    folder.write("file", knownBytes(FILE_BYTES));
    const fd = folder.open("file", "r+");
    {
      await using queue = new AioQueue({ depth: 16 });
      await useAll(queue, fd);
      queue.submit(SIZES.map((length) => ({ op: "read", fd, length })));
      for await (const { error } of queue) assertEquals(error, undefined);
    }
    assertEquals(watch.foreign, []);
    assertGreater(watch.seen["buffer"], 400);
    assertGreater(watch.seen["control block"], 400);
  });

  itOnLinux("do so too while its thread waits, and when requests are cancelled and given up", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("fifo");
    const fd = folder.open("fifo", "r+");
    const queue = new AioQueue();
    const controller = new AbortController();
    const reads = Array.from({ length: 8 }, () => queue.read(fd, { length: 10, signal: controller.signal }));
    await new Promise((resolve) => setTimeout(resolve, 300)); // the thread starts and waits
    controller.abort();
    await Promise.allSettled(reads);
    fs.writeSync(fd, "x".repeat(80));
    await queue.close();
    assertEquals(watch.foreign, []);
    assertGreater(watch.seen["list of the waiter thread"], 2);
  });

  it("are told from an engine's: the C interface hands libc what it is given", () => {
    using folder = new TemporaryFolder();
    folder.write("file", "0123456789");
    const cb = new Aiocb({ aio_fildes: folder.open("file"), aio_buf: new Uint8Array(5000), aio_nbytes: 10 });
    aio_read(cb);
    while (aio_error(cb) === EINPROGRESS);
    assert(watch.foreign.length === 1 && watch.foreign[0].startsWith("buffer: 10 bytes at 0x"), watch.foreign.join());
    watch.foreign.length = 0;
  });
});
