// A process that copies a file by reads and writes whose promises nobody awaits, with a queue that is closed or
// forgotten, and comes to its end; for process_test.ts.

import { AioQueue } from "@posix/aio";
import fs from "node:fs";
import process from "node:process";

const BYTES = 65536;

const [folder, queueIs] = process.argv.slice(2);
const source = fs.openSync(`${folder}/source`, "r");
const target = fs.openSync(`${folder}/target`, "r+");
const queue = new AioQueue({ depth: 8 });
let written = 0;
for (let offset = 0; offset < 64 * BYTES; offset += BYTES) {
  queue.read(source, { offset, length: BYTES }).then(async ({ buffer }) => {
    await queue.write(target, buffer, { offset });
    if (++written === 64) console.log(written, "written");
    if (written === 64 && queueIs === "kept") await queue.close();
  });
}
