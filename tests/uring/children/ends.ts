// A process with a read of a silent pipe, its first argument, by io_uring, that ends in the way its second names.

import fs from "node:fs";
import process from "node:process";
import { AioQueue } from "../../../mod.ts";

const [path, way] = process.argv.slice(2);
const fd = fs.openSync(path, "r+");
const queue = new AioQueue({ engine: "io_uring" });
const controller = new AbortController();
const read = queue.read(fd, { length: 1, signal: controller.signal });
await new Promise((resolve) => setTimeout(resolve, 50)); // the waiter thread waits by now
if (way === "exit") process.exit(7);
if (way === "throw") throw new Error("nobody catches this");
controller.abort();
await read.catch(() => {});
