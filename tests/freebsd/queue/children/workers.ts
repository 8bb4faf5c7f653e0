// A process on FreeBSD that starts and terminates workers with reads in flight, then uses the queue itself; for
// ../waiting_test.ts.

import "../../choose.ts";
import fs from "node:fs";
import process from "node:process";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

const { AioQueue } = await import("../../../../mod.ts");

if (isMainThread) {
  const [file, rounds] = process.argv.slice(2);
  for (let round = 0; round < Number(rounds); round++) {
    const worker = new Worker(new URL(import.meta.url), { workerData: { file } });
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
  const { file } = workerData as { file: string };
  const queue = new AioQueue({ depth: 8 });
  const fd = fs.openSync(file, "r");
  let count = 0;
  const loop = async () => {
    for (;;) {
      await queue.read(fd, { offset: Math.floor(Math.random() * 256) * 4096, buffer: new Uint8Array(4096) });
      if (++count === 500) parentPort!.postMessage("busy");
    }
  };
  for (let index = 0; index < 8; index++) loop();
}
