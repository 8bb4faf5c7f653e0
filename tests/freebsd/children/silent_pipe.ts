// A process on FreeBSD with a read on a silent pipe, its first argument, that ends in the way its second names, with the
// waiter of its third; for ../gate_tests.ts.

import { isReal } from "../choose.ts";
import { setUp } from "../set_up.ts";
import fs from "node:fs";
import process from "node:process";
import type { AioQueueOptions } from "../../../queue/options.ts";

const [path, way, waiter] = process.argv.slice(2);
await setUp(waiter as AioQueueOptions["waiter"]);
const { AioQueue } = await import("../../../mod.ts");
const { door } = await import("../../../ffi/door.ts");
const { libc } = await import("../../../ffi/libc.ts");
/** How many requests would keep the process: see control.h. */
const immortal = () =>
  door().open(libc().library).bind("stand_in_control", { result: "i32", parameters: ["i32", "i32"] })!(5, 0);
const fd = fs.openSync(path, "r+");
const queue = new AioQueue();
const controller = new AbortController();
const read = queue.read(fd, { length: 1, signal: controller.signal });
await new Promise((resolve) => setTimeout(resolve, 20));
console.log("bye", isReal ? "" : immortal());
if (way === "exit") process.exit(0);
controller.abort();
await read.catch(() => {});
