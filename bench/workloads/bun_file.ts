/**
 * The workload on `Bun.file`: slices read as bytes.
 *
 * @module
 */

import fs from "node:fs";
import { offsetsOf } from "../../cli/measure.ts";
import { readWorkload, report, startCounter } from "./workload.ts";

/** The part of Bun's API that is used here. */
interface BunFile {
  slice(begin: number, end: number): { bytes(): Promise<Uint8Array> };
}
const { file } = (globalThis as unknown as { Bun: { file(path: string): BunFile } }).Bun;

const workload = readWorkload();
const { path, blockBytes, depth } = workload;
const next = offsetsOf({ ...workload, fileBytes: fs.statSync(path).size });
const counter = startCounter(workload);

await Promise.all(Array.from({ length: depth }, async () => {
  do {
    const offset = next();
    const bytes = await file(path).slice(offset, offset + blockBytes).bytes();
    if (bytes.length !== blockBytes) throw new Error(`${bytes.length} bytes`);
  } while (!counter.ended());
}));
report(counter.outcome());
