// Copies on a file system whose blocks are smaller than a page, as small volumes have them: data begins and ends within
// pages, and two stretches of it may share one.

import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import fs from "node:fs";
import { copy } from "../../mod.ts";
import type { CopyOptions } from "../../mod.ts";
import { Disk, itWithDisks } from "../faults/disk.ts";
import { knownBytes } from "../support/files.ts";

const BLOCK = 1024;
const WAYS: readonly CopyOptions[] = [
  ...[1, 8, 64].map((depth) => ({ method: "aio", direct: true, depth, chunkBytes: 8192 } as const)),
  { method: "aio", direct: true },
  { method: "aio", chunkBytes: 4096 },
  { method: "kernel" },
  { method: "auto", direct: true },
];

/** Writes blocks of data with holes of other lengths between them. */
function writeSparse(name: string, seed: number, blocks: number, tail: number): void {
  const fd = fs.openSync(name, "w");
  const content = knownBytes(blocks * BLOCK, seed);
  for (let at = 0, step = seed; at < blocks; at += 2 + step % 7, step += 3) {
    const count = Math.min(1 + step % 5, blocks - at);
    fs.writeSync(fd, content, at * BLOCK, count * BLOCK, at * BLOCK);
    at += count - 1;
  }
  fs.ftruncateSync(fd, blocks * BLOCK + tail);
  fs.closeSync(fd);
}

itWithDisks("copy() of files with holes of a kibibyte brings every byte, by each way and depth", async () => {
  using disk = new Disk({ mebibytes: 48, blockBytes: BLOCK });
  for (const [seed, tail] of [[1, 0], [2, 1], [3, 1023], [4, 3000]] as const) {
    writeSparse(disk.at("source"), seed, 700 + seed, tail);
    for (const way of WAYS) {
      const { size } = await copy(disk.at("source"), disk.at("target"), way);
      const [source, target] = [fs.readFileSync(disk.at("source")), fs.readFileSync(disk.at("target"))];
      assertEquals(size, source.length);
      assert(Buffer.compare(source, target) === 0, `${JSON.stringify(way)}, file ${seed}: the copy differs`);
    }
  }
});
