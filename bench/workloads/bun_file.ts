/**
 * The workload on `Bun.file`: slices read as bytes.
 *
 * @module
 */

import fs from "node:fs";
import { offsetsOf, readWorkload, report, startClock } from "./workload.ts";

/** The part of Bun's API that is used here. */
interface BunFile {
  slice(begin: number, end: number): { bytes(): Promise<Uint8Array> };
}
const { file } = (globalThis as unknown as { Bun: { file(path: string): BunFile } }).Bun;

const workload = readWorkload();
const { path, blockBytes, depth, seconds } = workload;
const offsets = offsetsOf(workload, fs.statSync(path).size);
const until = performance.now() + seconds * 1000;
let requests = 0;

const stop = startClock();
await Promise.all(Array.from({ length: depth }, async () => {
  do {
    const offset = offsets.next();
    const bytes = await file(path).slice(offset, offset + blockBytes).bytes();
    if (bytes.length !== blockBytes) throw new Error(`${bytes.length} bytes`);
    requests++;
  } while ((requests & 15) !== 0 || performance.now() < until);
}));
report(stop(requests));
