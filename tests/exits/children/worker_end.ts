// A process that works with workers which end in the way its second argument names, with requests in flight, and has
// requests of its own in flight all the time; for worker_test.ts.

import { AioQueue } from "@posix/aio";
import fs from "node:fs";
import process from "node:process";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

const BYTES = 4096;
const ROUNDS = 3;

const [path, way]: readonly string[] = isMainThread ? process.argv.slice(2) : workerData;
const fd = fs.openSync(path, "r");
const queue = new AioQueue({ depth: 64, lanes: 4 });

/** Reads the first half of the file, of which each byte is 1. */
async function read(index: number): Promise<void> {
  const { bytes, buffer } = await queue.read(fd, { offset: index % 16 * BYTES, length: BYTES });
  if (bytes !== BYTES || !buffer.every((byte) => byte === 1)) throw new Error(`wrong bytes at ${index}`);
}

if (isMainThread) {
  let running = true;
  let own = 0;
  const reading = (async () => {
    for (; running; own++) await read(own);
  })();
  const ends: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const worker = new Worker(new URL(import.meta.url), { workerData: [path, way] });
    const ended = new Promise<string>((resolve) => {
      worker.once("error", (error: Error) => resolve(error.message));
      worker.once("exit", (code) => resolve(String(code)));
    });
    await new Promise((resolve) => worker.once("message", resolve));
    if (way === "leave") {
      console.log("left");
      process.exit(0);
    }
    if (way === "terminate") await worker.terminate();
    ends.push(await ended);
  }
  // flags of V8 are the process's: what a worker's end needs must not stay
  let accepted = true;
  try {
    new Function("%FinalizeOptimization()");
  } catch {
    accepted = false;
  }
  if (accepted) throw new Error("V8's own functions can be called after a worker has ended");
  running = false;
  await reading;
  if (own === 0) throw new Error("no read of its own");
  console.log(ends.join());
} else {
  const reads = Array.from({ length: 64 }, (_, index) => read(index));
  if (way === "return") await Promise.all(reads);
  for (const each of reads) each.catch(() => {});
  parentPort!.postMessage("working");
  // not at once: Deno drops what a worker posts just before its end
  if (way === "exit") setTimeout(() => process.exit(5), 20);
  if (way === "throw") {
    setTimeout(() => {
      throw new Error("thrown");
    }, 20);
  }
  if (way !== "return") {
    for (let round = 0;; round++) await Promise.all(reads.map((_, index) => read(round + index)));
  }
}
