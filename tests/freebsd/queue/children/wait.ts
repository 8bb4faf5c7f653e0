// A process on FreeBSD that reads a silent socket and ends in the way its first argument names, with the waiter of its
// second; for ../waiting_test.ts.

import "../../choose.ts";
import { stat } from "node:fs/promises";
import process from "node:process";
import type { AioQueueOptions } from "../../../../queue/options.ts";
import { wakes } from "../../../support/wakes.ts";

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
  console.log("last request ended");
} else if (way === "latency") {
  let reading = 0, elsewhere = 0;
  const silent = queue.read(pair.fd, { length: 1 });
  const other = new Pair();
  for (let round = 0; round < 20; round++) {
    await pause(30);
    const read = queue.read(other.fd, { length: 1 });
    await pause(10); // the thread waits by now, also for this one
    const began = performance.now();
    other.send("x");
    await read;
    const ended = performance.now();
    await stat("/"); // a thread of the runtime's is woken as well
    reading += ended - began;
    elsewhere += performance.now() - ended;
  }
  console.log("milliseconds", reading, elsewhere);
  pair.send("x");
  await silent;
} else {
  queue.read(pair.fd, { length: 1 }).catch(() => {});
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
