// A worker that writes to a full FIFO, so that libc holds many writes, and is terminated; then its process makes files,
// which get the numbers that the runtime has closed, and empties the FIFO. For worker_test.ts.

import { AioQueue } from "@posix/aio";
import fs from "node:fs";
import process from "node:process";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

const BYTES = 4096;
const WRITES = 20;

if (isMainThread) {
  const [folder] = process.argv.slice(2);
  const fifo = fs.openSync(`${folder}/fifo`, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
  let room = 0;
  try {
    for (;;) room += fs.writeSync(fifo, new Uint8Array(BYTES));
  } catch { /* it is full */ }
  const worker = new Worker(new URL(import.meta.url), { workerData: folder });
  await new Promise((resolve) => worker.once("message", resolve));
  await worker.terminate();
  const files = Array.from({ length: 64 }, (_, index) => fs.openSync(`${folder}/file${index}`, "w+"));
  const touched = () => files.filter((fd) => fs.fstatSync(fd).size > 0).length;
  let arrived = -room;
  const buffer = new Uint8Array(BYTES);
  while (arrived < WRITES * BYTES && touched() === 0) {
    try {
      arrived += fs.readSync(fifo, buffer);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 5)); // it is empty
    }
  }
  console.log(arrived, "bytes arrived,", touched(), "other files were written");
  process.exit(0);
} else {
  const fd = fs.openSync(`${workerData}/fifo`, fs.constants.O_RDWR);
  const queue = new AioQueue({ depth: 64 });
  for (let index = 0; index < WRITES; index++) queue.write(fd, new Uint8Array(BYTES)).catch(() => {});
  setTimeout(() => parentPort!.postMessage("submitted"), 50);
}
