// A process on FreeBSD that reads a silent socket and ends in the way its first argument names, with the waiter of its
// second; for ../waiting_test.ts.

import "../../choose.ts";
import process from "node:process";
import type { AioQueueOptions } from "../../../../queue/options.ts";

const { AioQueue } = await import("../../../../mod.ts");
const { Pair } = await import("../../raw.ts");

const [way, waiter] = process.argv.slice(2);
const queue = new AioQueue({ waiter: waiter as AioQueueOptions["waiter"] });
const pair = new Pair();
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

if (way === "idle") {
  // a read that really has to wait, so that the waiter thread runs
  const read = queue.read(pair.fd, { length: 1 });
  setTimeout(() => pair.send("x"), 300);
  await read;
  console.log("last request ended", Date.now());
} else if (way === "latency") {
  const times: number[] = [];
  const silent = queue.read(pair.fd, { length: 1 });
  const other = new Pair();
  for (let round = 0; round < 20; round++) {
    await pause(30);
    const read = queue.read(other.fd, { length: 1 });
    await pause(10); // the thread waits by now, also for this one
    const began = performance.now();
    other.send("x");
    await read;
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  console.log("milliseconds", times[10], times[18]);
  pair.send("x");
  await silent;
} else {
  queue.read(pair.fd, { length: 1 }).catch(() => {});
  await pause(300);
  if (way === "processor") {
    const before = process.cpuUsage();
    await pause(2000);
    const { user, system } = process.cpuUsage(before);
    console.log("percent", (user + system) / 2_000_000 * 100);
  }
  console.log("ending", Date.now());
  if (way === "throw") throw new Error("nobody catches this");
  process.exit(7);
}
