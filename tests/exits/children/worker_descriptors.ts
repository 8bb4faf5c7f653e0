// A process whose workers are terminated in the middle of requests, and which counts the descriptors that are left
// afterwards; for worker_test.ts. Beside a file each worker reads a FIFO that is silent until all of them are gone.

import { AioFile, AioQueue } from "@posix/aio";
import type { EngineName } from "@posix/aio";
import fs from "node:fs";
import process from "node:process";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

/** An io_uring leaves one descriptor, or none, of each worker: a few show it. */
const WORKERS = process.argv[3] === "posix" ? 20 : 6;

/** Bun closes no file that a terminated worker had opened: one opened by node:fs and one by AioFile, and the FIFO. */
const LEFT_BY_RUNTIME = process.versions.bun === undefined ? { file: 0, fifo: 0 } : { file: 2, fifo: 1 };

/** Descriptors of this process that the package may have made, by what they lead to. */
function descriptors(folder: string): Record<string, number> {
  const counts: Record<string, number> = { file: 0, fifo: 0, timerfd: 0, io_uring: 0 };
  for (const fd of fs.readdirSync("/proc/self/fd")) {
    let target: string;
    try {
      target = fs.readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      continue; // that of the folder itself
    }
    const kind = target.startsWith(`${folder}/`) ? target.slice(folder.length + 1) : target.match(/\[(\w+)\]/)?.[1];
    if (kind !== undefined && kind in counts) counts[kind]++;
  }
  return counts;
}

async function main(folder: string, engine: string): Promise<void> {
  const atFirst = descriptors(folder); // Node has rings and timers of its own
  const keeper = fs.openSync(`${folder}/fifo`, "r+");
  for (let index = 0; index < WORKERS; index++) {
    const worker = new Worker(new URL(import.meta.url), { workerData: [folder, engine] });
    await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
    await worker.terminate();
  }
  fs.writeSync(keeper, "x".repeat(2 * WORKERS));
  fs.closeSync(keeper);
  const { file, fifo } = LEFT_BY_RUNTIME;
  const most: Record<string, number> = { ...atFirst, file: file * WORKERS, fifo: fifo * WORKERS };
  let found = descriptors(folder);
  // one of the workers may have been terminated just when it had made one, and not yet said what becomes of it
  const more = () => Object.keys(most).reduce((sum, kind) => sum + Math.max(0, found[kind] - most[kind]), 0) > 1;
  for (const end = performance.now() + 30_000; more() && performance.now() < end;) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    found = descriptors(folder);
  }
  console.log(more() ? `${JSON.stringify(found)} are left instead of ${JSON.stringify(most)}` : "nothing is left");
  process.exit(0);
}

async function work(folder: string, engine: string): Promise<void> {
  const options = { engine: engine as EngineName };
  const queue = new AioQueue({ ...options, lanes: 4 });
  const fd = fs.openSync(`${folder}/file`, "r");
  const file = await AioFile.open(`${folder}/file`, options);
  queue.read(fs.openSync(`${folder}/fifo`, "r+"), { length: 1 }).catch(() => {});
  for (let round = 0;; round++) {
    const reads = Array.from({ length: 64 }, (_, index) => index * 4096).flatMap((offset) => [
      queue.read(fd, { offset, length: 4096 }),
      file.read({ offset, length: 4096 }),
    ]);
    if (round === 10) setTimeout(() => parentPort!.postMessage("working"), 20);
    await Promise.all(reads);
  }
}

if (isMainThread) await main(process.argv[2], process.argv[3]);
else await work(workerData[0], workerData[1]);
