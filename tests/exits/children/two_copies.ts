// A process that has the package twice, as programs have it whose dependencies want different versions; for
// copies_test.ts. Each copy is busy for a while, side by side.

import fs from "node:fs";
import process from "node:process";
import { pathToFileURL } from "node:url";
import type * as Aio from "@posix/aio";

const BYTES = 4096;

const [first, second, path] = process.argv.slice(2);
const load = (folder: string): Promise<typeof Aio> => import(pathToFileURL(`${folder}/mod.ts`).href);
const copies = [await load(first), await load(second)];
if (copies[0].AioQueue === copies[1].AioQueue) throw new Error("there is one copy only");

const fd = fs.openSync(path, "r+");
const content = fs.readFileSync(path);
await Promise.all(copies.map(async ({ AioQueue, AioError, copy }, which) => {
  await using queue = new AioQueue({ depth: 32, lanes: 4 });
  const half = which * (content.length / 2);
  const works = Array.from({ length: 32 }, async (_, index) => {
    for (let round = 0; round < 20; round++) {
      const offset = half + (index * 20 + round) % 128 * BYTES;
      const { buffer } = await queue.read(fd, { offset, length: BYTES });
      if (!content.subarray(offset, offset + BYTES).equals(buffer)) throw new Error(`wrong bytes at ${offset}`);
      await queue.write(fd, buffer, { offset });
    }
  });
  await Promise.all(works);
  const refused = await queue.read(9999, { length: 1 }).catch((error: unknown) => error);
  if (!(refused instanceof AioError)) throw refused;
  await copy(path, `${path}.${which}`, { method: which === 0 ? "aio" : "kernel" });
}));
for (const which of [0, 1]) {
  if (!fs.readFileSync(`${path}.${which}`).equals(content)) throw new Error(`copy ${which} is wrong`);
}
console.log("both worked");
