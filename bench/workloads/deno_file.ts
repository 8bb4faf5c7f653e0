/**
 * The workload on `Deno.FsFile`: a file object for each request in flight, since each has one position.
 *
 * @module
 */

import { offsetsOf } from "../../cli/measure.ts";
import { readWorkload, report, startCounter } from "./workload.ts";

/** The part of Deno's API that is used here. */
interface FsFile {
  read(buffer: Uint8Array): Promise<number | null>;
  write(buffer: Uint8Array): Promise<number>;
  seek(offset: number, whence: number): Promise<number>;
  stat(): Promise<{ size: number }>;
}
const { open } = (globalThis as unknown as { Deno: { open(path: string, options: object): Promise<FsFile> } }).Deno;

const workload = readWorkload();
const { path, op, blockBytes, depth } = workload;
const files = await Promise.all(Array.from({ length: depth }, () => open(path, { read: true, write: op === "write" })));
const next = offsetsOf({ ...workload, fileBytes: (await files[0].stat()).size });
const counter = startCounter(workload);

await Promise.all(files.map(async (file) => {
  const buffer = new Uint8Array(blockBytes);
  do {
    await file.seek(next(), 0);
    const bytes = op === "read" ? await file.read(buffer) : await file.write(buffer);
    if (bytes !== blockBytes) throw new Error(`${bytes} bytes`);
  } while (!counter.ended());
}));
report(counter.outcome());
