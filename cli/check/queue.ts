/**
 * Probes of what programs use: the queue, its waiting, files, and copies both ways.
 *
 * @module
 */

import fs from "node:fs";
import { libc } from "../../ffi/libc.ts";
import { AioFile } from "../../file/file.ts";
import { engine } from "../../engine/engines.ts";
import { AioQueue } from "../../queue/queue.ts";
import { platform } from "../../structs/platform.ts";
import { copy } from "../../transfer/copy.ts";
import { Absent, must } from "./probe.ts";
import type { Bench, Probe } from "./probe.ts";

const SEEK_SET = 0;
const SEEK_CUR = 1;

/** The code of the error with which a promise is rejected. */
async function codeOf(promise: Promise<unknown>): Promise<string> {
  return await promise.then(() => "no error", (error) => error.code ?? error.name);
}

async function copied(bench: Bench, method: "aio" | "kernel"): Promise<string> {
  const target = bench.path(`copy by ${method}`);
  const result = await copy(bench.path("file"), target, { method, sync: true });
  must(fs.readFileSync(target).equals(bench.content), "other bytes");
  if (result.method !== method) throw new Absent(`${result.reason}: it went by ${result.method}`);
  return result.how;
}

const group = "queue";

/** The probes. */
export const QUEUE: readonly Probe[] = [
  {
    group,
    name: "reads at random, more at a time than the system takes",
    async run(bench, uses) {
      const queue = uses(new AioQueue({ depth: 1000 }));
      const began = performance.now();
      await Promise.all(Array.from({ length: 3000 }, async () => {
        const offset = Math.floor(Math.random() * (bench.content.length - 512));
        const { bytes, buffer } = await queue.read(bench.fd, { offset, length: 512 });
        must(bytes === 512 && bench.holds(buffer, offset), `${bytes} bytes, or other ones, at ${offset}`);
      }));
      const { capacity, waiter } = engine();
      return `3000 in ${(performance.now() - began).toFixed(0)} ms, room for ${capacity}, waiter ${waiter}`;
    },
  },
  {
    group,
    name: "writes, and syncs behind the writes",
    async run(bench, uses) {
      const fd = bench.open("queue", "w+");
      const queue = uses(new AioQueue());
      let ended = 0;
      for (let index = 0; index < 100; index++) {
        const bytes = bench.content.subarray(index * 5000, index * 5000 + 5000);
        queue.write(fd, bytes, { offset: index * 5000 }).then(() => ended++);
      }
      await queue.sync(fd);
      must(ended === 100, `the sync ended after ${ended} of 100 writes`);
      must(fs.readFileSync(bench.path("queue")).equals(bench.content.subarray(0, 500_000)), "other bytes");
      await queue.sync(fd, { dataOnly: true });
      return "100 writes, fsync and fdatasync";
    },
  },
  {
    group,
    name: "reads and writes several buffers",
    async run(bench, uses) {
      const fd = bench.open("parts", "w+");
      const queue = uses(new AioQueue());
      const pooled = uses(queue.buffers.take(3000));
      pooled.bytes.set(bench.content.subarray(10, 3010));
      await queue.writev(fd, [bench.content.subarray(0, 10), pooled.bytes]);
      const parts = [new Uint8Array(7), pooled.bytes.subarray(0, 2000), new Uint8Array(3000)];
      const { bytes } = await queue.readv(fd, parts);
      must(bytes === 3010 && bench.holds(Buffer.concat(parts).subarray(0, 3010), 0), `${bytes} bytes, or other ones`);
      return platform().behaviour.vectored ? "as they are" : "copied into one";
    },
  },
  {
    group,
    name: "reads on at the file's own position",
    async run(bench, uses) {
      const queue = uses(new AioQueue());
      libc().call.lseek(bench.fd, 100, SEEK_SET);
      const reads = [10, 20, 30].map((length) => queue.read(bench.fd, { offset: null, length }));
      const found = Buffer.concat((await Promise.all(reads)).map(({ buffer }) => buffer));
      const position = libc().call.lseek(bench.fd, 0, SEEK_CUR);
      must(bench.holds(found, 100) && position === 160, `position ${position}, or other bytes`);
      return platform().behaviour.kqueue && libc().has("aio_read2") ? "by the kernel" : "by lseek";
    },
  },
  {
    group,
    name: "keeps the order of appends",
    async run(bench, uses) {
      const fd = bench.open("appended", "a");
      const queue = uses(new AioQueue());
      const lines = Array.from({ length: 100 }, (_, index) => `line ${index}\n`);
      await Promise.all(lines.map((line) => queue.write(fd, new TextEncoder().encode(line))));
      must(fs.readFileSync(bench.path("appended"), "utf8") === lines.join(""), "another order");
      return "100 lines";
    },
  },
  {
    group,
    name: "is woken by a thread, and waits without work",
    async run(bench, uses) {
      const { fd, send } = bench.sockets();
      const queue = uses(new AioQueue());
      const before = performance.now();
      const read = queue.read(fd, { length: 1 });
      setTimeout(send, 300);
      const { bytes } = await read;
      const waited = performance.now() - before;
      must(bytes === 1, `${bytes} bytes`);
      must(waited < 5000, `the end was noticed after ${waited.toFixed(0)} ms instead of 300`);
      return `after ${waited.toFixed(0)} ms`;
    },
  },
  {
    group,
    name: "io_uring writes and reads",
    async run(bench) {
      if (!platform().name.startsWith("linux")) throw new Absent("only Linux has io_uring");
      let queue: AioQueue;
      try {
        queue = new AioQueue({ engine: "io_uring" });
      } catch (error) {
        throw new Absent((error as Error).message);
      }
      const fd = bench.open("io_uring", "w+");
      await Promise.all(Array.from({ length: 64 }, async (_, index) => {
        const offset = index * 4096;
        await queue.write(fd, bench.content.subarray(offset, offset + 4096), { offset });
        const { bytes, buffer } = await queue.read(fd, { offset, length: 4096 });
        must(bytes === 4096 && bench.holds(buffer, offset), `${bytes} bytes, or other ones, at ${offset}`);
      }));
      await queue.sync(fd);
      await queue.close();
      return "64 blocks, written and read";
    },
  },
  {
    group,
    name: "cancels and aborts",
    async run(bench) {
      const { fd, send } = bench.sockets();
      const queue = new AioQueue();
      const first = queue.read(fd, { length: 1 });
      const aborted = queue.read(fd, { length: 1, signal: AbortSignal.timeout(20) });
      const name = await aborted.then(() => "a result", (error) => error.name);
      must(name === "TimeoutError", `a read aborted by a timeout gives ${name}`);
      send();
      await first.catch(() => {});
      send();
      await queue.close();
      const refused = await codeOf(queue.read(fd, { length: 1 }));
      must(refused === "ERR_CLOSED", `a closed queue gives ${refused}`);
      return "TimeoutError, ERR_CLOSED";
    },
  },
  {
    group,
    name: "says what the system refuses",
    async run(bench, uses) {
      const { behaviour, name } = platform();
      if (!behaviour.filesOnly) throw new Absent(`${name} takes requests on files of every kind`);
      const device = fs.openSync("/dev/zero", "r");
      const queue = uses(new AioQueue());
      const error = await queue.read(device, { length: 1 }).then(() => undefined, (error) => error);
      fs.closeSync(device);
      if (error === undefined) throw new Absent("vfs.aio.enable_unsafe is 1");
      must(error.code === "EOPNOTSUPP" && error.message.includes("device"), error.message);
      must(fs.statSync(bench.folder).isDirectory(), "the folder is gone");
      return error.code;
    },
  },
  {
    group: "file",
    name: "writes and reads ranges, and says the size",
    async run(bench, uses) {
      const file = uses(await AioFile.open(bench.path("AioFile"), { flags: "w+" }));
      await file.write(bench.content, { offset: 1 });
      const { buffer } = await file.read({ offset: 1 + 70_000, length: 300_000 });
      must(bench.holds(buffer, 70_000) && await file.size() === bench.content.length + 1, "other bytes");
      return `${await file.size()} bytes`;
    },
  },
  {
    group: "file",
    name: "goes past the page cache",
    async run(bench, uses) {
      const path = bench.path("direct");
      fs.writeFileSync(path, bench.content);
      let file: AioFile;
      try {
        file = await AioFile.open(path, { direct: true });
      } catch (error) {
        if ((error as { code?: string }).code !== "EINVAL") throw error;
        throw new Absent((error as Error).message);
      }
      uses(file);
      const { buffer } = await file.read({ offset: 4097, length: 100_000 });
      must(bench.holds(buffer, 4097), "other bytes");
      return "O_DIRECT";
    },
  },
  { group: "copy", name: "by asynchronous reads and writes", run: (bench) => copied(bench, "aio") },
  { group: "copy", name: "by the kernel", run: (bench) => copied(bench, "kernel") },
];
