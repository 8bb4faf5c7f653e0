// A process that reads a silent FIFO and ends in the way its second argument names; for waiting_test.ts.

import { AioQueue } from "@posix/aio";
import fs from "node:fs";
import process from "node:process";
import { wakes } from "../../support/wakes.ts";

const [path, way] = process.argv.slice(2);
const fd = fs.openSync(path, "r+");
const queue = new AioQueue();
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

if (way === "idle" || way === "answer") {
  // a read that really had to wait, so that the waiter thread runs
  const read = queue.read(fd, { length: 1 });
  if (way === "idle") setTimeout(() => fs.writeSync(fd, "x"), 300);
  await read;
  console.log("last request ended");
} else {
  queue.read(fd, { length: 1 }).catch(() => {});
  await pause(300);
  if (way === "wakes") {
    const before = wakes(), cpu = process.cpuUsage(), began = performance.now();
    await pause(2000);
    const seconds = (performance.now() - began) / 1000, { user, system } = process.cpuUsage(cpu);
    console.log("wakes", (wakes() - before) / seconds, "busy", (user + system) / 1e6 / seconds);
  }
  console.log("ending");
  if (way === "throw") throw new Error("nobody catches this");
  process.exit(7);
}
