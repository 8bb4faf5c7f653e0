/**
 * A program that uses the package on its own thread and in a Worker: `main FOLDER WORKER`.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { Worker } from "node:worker_threads";
import { work } from "./work.ts";

const [, , folder, worker] = process.argv;

/** Starts the Worker in a folder; kept when it has done its work. */
function workInWorker(inner: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(worker, { workerData: inner });
    thread.on("message", (message) => message === "done" ? resolve() : reject(new Error(String(message))));
    thread.on("error", reject);
  });
}

async function main(): Promise<void> {
  const [own, inner] = ["own", "worker"].map((name) => path.join(folder, name));
  for (const one of [own, inner]) fs.mkdirSync(one);
  await work(own);
  await workInWorker(inner);
  console.log("all done");
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
