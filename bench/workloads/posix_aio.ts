/**
 * The workload on this package's public API, in the styles that programs use it.
 *
 * @module
 */

import fs from "node:fs";
import { AioQueue } from "../../mod.ts";
import type { AioRequest } from "../../mod.ts";
import { platform } from "../../structs/platform.ts";
import { offsetsOf, readWorkload, report, startClock } from "./workload.ts";

const workload = readWorkload();
const { path, op, blockBytes, depth, direct, seconds, style = "batches", lanes = "auto" } = workload;
const { constants } = platform();
const access = op === "read" ? constants.O_RDONLY : constants.O_RDWR;
const fd = fs.openSync(path, access | (direct ? constants.O_DIRECT : 0));
const offsets = offsetsOf(workload, fs.fstatSync(fd).size);
const queue = new AioQueue({ depth, lanes });
const until = performance.now() + seconds * 1000;

/** Iterates over batches, with buffers that are reused as soon as their completion was consumed. */
async function batches(): Promise<number> {
  const free: Uint8Array[] = Array.from({ length: depth * 2 }, () => queue.buffers.take(blockBytes).bytes);
  let requests = 0;
  queue.submit((function* (): Generator<AioRequest> {
    for (let count = 0; (count & 63) !== 0 || performance.now() < until; count++) {
      yield { op, fd, offset: offsets.next(), buffer: free.pop() };
    }
  })());
  for await (const batch of queue.batches()) {
    requests += batch.length;
    for (const { buffer, bytes, error } of batch) {
      if (error !== undefined || bytes !== blockBytes) throw error ?? new Error(`${bytes} bytes`);
      free.push(buffer!);
    }
  }
  return requests;
}

/** As many loops as requests in flight, each awaiting one promise after the other. */
async function promises(): Promise<number> {
  let requests = 0;
  await Promise.all(Array.from({ length: depth }, async () => {
    const buffer = style === "promise-own" ? new Uint8Array(blockBytes) : queue.buffers.take(blockBytes).bytes;
    do {
      const offset = offsets.next();
      if (op === "write") await queue.write(fd, buffer, { offset });
      else if (style === "promise-fresh") await queue.read(fd, { offset, length: blockBytes });
      else await queue.read(fd, { offset, buffer });
      requests++;
    } while ((requests & 15) !== 0 || performance.now() < until);
  }));
  return requests;
}

const stop = startClock();
report(stop(style === "batches" ? await batches() : await promises()));
await queue.close();
