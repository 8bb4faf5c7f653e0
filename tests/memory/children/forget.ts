// Forgets what its arguments name, lets it be collected, and tells of warnings and open descriptors; for forgotten_test.ts.

import fs from "node:fs";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { AioFile, AioQueue } from "@posix/aio";
import { aio_read, Aiocb, allocate } from "../../../sys.ts";
import { collect } from "../../support/collect.ts";

const [path, fifo, what] = process.argv.slice(2);
const warnings: string[] = [];
process.on("warning", ({ name, message }) => name === "Warning" && warnings.push(message)); // not what is experimental
const queue = new AioQueue();
const fd = fs.openSync(fifo, "r+");

const ways: Record<string, () => Promise<void> | void> = {
  async files() {
    for (let index = 0; index < 5; index++) await (await AioFile.open(path)).read({ length: 10 });
  },
  "closed files": async () => {
    for (let index = 0; index < 5; index++) await (await AioFile.open(path)).close();
  },
  bytes() {
    for (let index = 0; index < 5; index++) allocate(5000).fill(1);
  },
  "disposed bytes": () => {
    for (let index = 0; index < 5; index++) allocate(5000)[Symbol.dispose]();
  },
  buffers() {
    for (let index = 0; index < 5; index++) queue.buffers.take(5000).bytes.fill(1);
  },
  "released buffers": () => {
    for (let index = 0; index < 5; index++) queue.buffers.take(5000).release();
  },
  "blocks in flight": () => {
    for (let index = 0; index < 5; index++) {
      aio_read(new Aiocb({ aio_fildes: fd, aio_buf: new Uint8Array(8), aio_nbytes: 8 }));
    }
  },
  "idle blocks": () => {
    for (let index = 0; index < 5; index++) new Aiocb({ aio_fildes: fd });
  },
  async queues() {
    for (let index = 0; index < 5; index++) await new AioQueue().read(0, { length: 0 }).catch(() => {});
  },
};

/** How often the file is open in this process. */
function timesOpen(): number {
  const open = fs.readdirSync("/proc/self/fd").map((name) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${name}`);
    } catch {
      return ""; // that of the listing itself
    }
  });
  return open.filter((name) => name === path).length;
}

await ways[what]();
for (let turns = 0; turns < 20 && (warnings.length === 0 || timesOpen() > 0); turns++) {
  Array.from({ length: 1000 }, () => ({}));
  collect();
  await sleep(5);
}
for (let index = 0; index < 5; index++) fs.writeSync(fd, "12345678"); // what is in flight ends
await sleep(20);
console.log(JSON.stringify({ warnings, timesOpen: timesOpen() }));
