// A process with reads, writes and a silent FIFO under way that ends in the way its arguments name; for process_test.ts.

import { AioQueue } from "@posix/aio";
import fs from "node:fs";
import process from "node:process";
import { collect } from "../../support/collect.ts";

const BYTES = 65536;

const [folder, way, when] = process.argv.slice(2);
const source = fs.openSync(`${folder}/source`, "r");
const target = fs.openSync(`${folder}/target`, "r+");
const silent = fs.openSync(`${folder}/fifo`, "r+");
const queue = new AioQueue({ depth: 128, lanes: 4 });

/** Reads into the caller's memory and writes from it, over and over, until the process ends. */
async function work(index: number): Promise<never> {
  for (let round = 0;; round++) {
    const offset = (index * 7 + round) % 64 * BYTES;
    const { buffer } = await queue.read(source, { buffer: new Uint8Array(BYTES), offset });
    await queue.write(target, buffer, { offset });
    if (round % 50 === index) collect();
  }
}

const works = Array.from({ length: 32 }, (_, index) => work(index));
queue.read(silent, { length: 1 }).catch(() => {});
using pool = queue.buffers.take(BYTES);
queue.read(source, { buffer: pool.bytes, offset: 0 }).catch(() => {});

if (way === "handled") {
  process.on("SIGTERM", async () => {
    for (const each of works) each.catch(() => {});
    await queue.close({ cancel: true, timeout: 200 });
    console.log("closed");
    process.exit(3);
  });
}
await new Promise((resolve) => setTimeout(resolve, Number(when)));
console.log("ending");
if (way === "exit") process.exit(7);
if (way === "throw") throw new Error("nobody catches this");
if (way === "reject") Promise.reject(new Error("nobody catches this"));
if (way === "SIGTERM" || way === "handled") process.kill(process.pid, "SIGTERM");
