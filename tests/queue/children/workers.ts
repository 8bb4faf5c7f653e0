// A process that starts and terminates workers with reads in flight, then uses the queue itself; for waiting_test.ts.

import { AioQueue } from "@posix/aio";
import fs from "node:fs";
import process from "node:process";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

if (isMainThread) {
  const [file, fifo, rounds] = process.argv.slice(2);
  for (let round = 0; round < Number(rounds); round++) {
    const worker = new Worker(new URL(import.meta.url), { workerData: { file, fifo } });
    await new Promise<void>((resolve, reject) => {
      worker.once("message", () => resolve());
      worker.once("error", reject);
    });
    await new Promise((resolve) => setTimeout(resolve, round % 4 * 7));
    await worker.terminate();
  }
  const queue = new AioQueue();
  const fd = fs.openSync(file, "r");
  const { bytes } = await queue.read(fd, { length: 4096 });
  console.log("read", bytes);
} else {
  const { file, fifo } = workerData as { file: string; fifo: string };
  const queue = new AioQueue({ depth: 64, lanes: 4 });
  const fd = fs.openSync(file, "r");
  const silent = fs.openSync(fifo, "r+");
  let count = 0;
  const loop = async () => {
    for (;;) {
      await queue.read(fd, { offset: Math.floor(Math.random() * 256) * 4096, buffer: new Uint8Array(4096) });
      if (++count === 500) parentPort!.postMessage("busy");
    }
  };
  for (let index = 0; index < 40; index++) loop();
  queue.read(silent, { length: 1 });
}
