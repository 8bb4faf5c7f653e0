// A process that copies in workers, which are terminated at some moment, then once more to the end; for worker_test.ts.

import { copy } from "@posix/aio";
import type { CopyMethod } from "@posix/aio";
import fs from "node:fs";
import process from "node:process";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

const [source, target, method]: readonly string[] = isMainThread ? process.argv.slice(2) : workerData;
const options = { method: method as CopyMethod };

if (isMainThread) {
  const content = fs.readFileSync(source);
  for (let round = 0; round < 4; round++) {
    fs.writeFileSync(target, "old");
    const worker = new Worker(new URL(import.meta.url), { workerData: [source, target, method] });
    await new Promise((resolve) => worker.once("message", resolve));
    await new Promise((resolve) => setTimeout(resolve, round * 4));
    await worker.terminate();
    const found = fs.readFileSync(target);
    console.log(found.equals(content) ? "new" : found.toString() === "old" ? "old" : `${found.length} bytes`);
  }
  await copy(source, target, options);
  console.log(fs.readFileSync(target).equals(content) ? "new" : "wrong");
} else {
  const copying = copy(source, target, options);
  parentPort!.postMessage("begun");
  await copying;
}
