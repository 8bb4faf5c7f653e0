// Reads a file by the C interface, then 30 silent FIFOs and the file by a queue: says how many bytes came of the file.

import fs from "node:fs";
import process from "node:process";
import { AioQueue } from "../../../mod.ts";
import { aio_read, aio_return, aio_suspend, Aiocb, allocate } from "../../../sys.ts";

const [folder] = process.argv.slice(2);
const file = fs.openSync(`${folder}/file`, "r");
using cb = new Aiocb({ aio_fildes: file, aio_buf: allocate(16), aio_nbytes: 16 });
aio_read(cb);
aio_suspend([cb], null);
aio_return(cb);

await using queue = new AioQueue({ depth: 64 });
const pipes = Array.from({ length: 30 }, (_, index) => fs.openSync(`${folder}/pipe${index}`, "r+"));
const reads = pipes.map((fd) => queue.read(fd, { length: 1 }));
const { bytes } = await queue.read(file, { length: 16 });
console.log(bytes);
for (const fd of pipes) fs.writeSync(fd, "x");
await Promise.all(reads);
