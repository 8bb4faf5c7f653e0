// A process that has the package twice: both copies, and the C interface of the first, have requests on the same descriptor
// number, and cancel some of them over and over. Every request must end. For copies_test.ts.

import fs from "node:fs";
import process from "node:process";
import { pathToFileURL } from "node:url";
import type * as Aio from "@posix/aio";
import type * as Sys from "@posix/aio/sys";

const [first, second, path] = process.argv.slice(2);
const load = <Module>(file: string): Promise<Module> => import(pathToFileURL(file).href);
const copies = [await load<typeof Aio>(`${first}/mod.ts`), await load<typeof Aio>(`${second}/mod.ts`)];
const sys = await load<typeof Sys>(`${first}/sys.ts`);

const fd = fs.openSync(path, "r+");
const LENGTH = 1 << 20;
let ended = 0, all = 0;
const blocks = Array.from({ length: 8 }, () => {
  return new sys.Aiocb({ aio_fildes: fd, aio_buf: sys.allocate(LENGTH), aio_nbytes: LENGTH });
});
for (let round = 0; round < 60; round++) {
  const queues = copies.map(({ AioQueue }) => new AioQueue({ depth: 32, lanes: 1 }));
  const requests = queues.flatMap((queue) =>
    Array.from({ length: 24 }, (_, tag) => queue.read(fd, { offset: tag % 4 * LENGTH, length: LENGTH }))
  );
  for (const cb of blocks) sys.aio_read(cb);
  const outcomes = Promise.allSettled(requests);
  await new Promise((resolve) => round % 3 === 0 ? setImmediate(resolve) : queueMicrotask(() => resolve(undefined)));
  queues[round % 2].cancel();
  for (const cb of blocks.slice(round % 3)) sys.aio_cancel(fd, cb);
  if (round % 5 === 0) sys.aio_cancel(fd, null);
  all += requests.length + blocks.length;
  ended += (await outcomes).length;
  for (const cb of blocks) {
    while (sys.aio_error(cb) === sys.EINPROGRESS) sys.aio_suspend([cb], null);
    ended++;
  }
  for (const queue of queues) await queue.close();
}
console.log(ended === all ? "all ended" : `${ended} of ${all} ended`);
