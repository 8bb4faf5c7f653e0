/**
 * The workload on `Deno.FsFile`: a file object for each request in flight, since each has one position.
 *
 * @module
 */

import { offsetsOf, readWorkload, report, startClock } from "./workload.ts";

/** The part of Deno's API that is used here. */
interface FsFile {
  read(buffer: Uint8Array): Promise<number | null>;
  write(buffer: Uint8Array): Promise<number>;
  seek(offset: number, whence: number): Promise<number>;
  stat(): Promise<{ size: number }>;
}
const { open } = (globalThis as unknown as { Deno: { open(path: string, options: object): Promise<FsFile> } }).Deno;

const workload = readWorkload();
const { path, op, blockBytes, depth, seconds } = workload;
const files = await Promise.all(Array.from({ length: depth }, () => open(path, { read: true, write: op === "write" })));
const offsets = offsetsOf(workload, (await files[0].stat()).size);
const until = performance.now() + seconds * 1000;
let requests = 0;

const stop = startClock();
await Promise.all(files.map(async (file) => {
  const buffer = new Uint8Array(blockBytes);
  do {
    await file.seek(offsets.next(), 0);
    const bytes = op === "read" ? await file.read(buffer) : await file.write(buffer);
    if (bytes !== blockBytes) throw new Error(`${bytes} bytes`);
    requests++;
  } while ((requests & 15) !== 0 || performance.now() < until);
}));
report(stop(requests));
