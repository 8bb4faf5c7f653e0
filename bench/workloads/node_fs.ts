/**
 * The workload on `node:fs`, whichever runtime runs it: as many chains of callbacks as requests in flight.
 *
 * @module
 */

import fs from "node:fs";
import { offsetsOf, readWorkload, report, startClock } from "./workload.ts";

const workload = readWorkload();
const { path, op, blockBytes, depth, seconds } = workload;
const fd = fs.openSync(path, op === "read" ? "r" : "r+");
const offsets = offsetsOf(workload, fs.fstatSync(fd).size);
const until = performance.now() + seconds * 1000;
const transfer = op === "read" ? fs.read : fs.write as unknown as typeof fs.read;
let requests = 0;

const stop = startClock();
await Promise.all(Array.from({ length: depth }, () =>
  new Promise<void>((resolve, reject) => {
    const buffer = new Uint8Array(blockBytes);
    const step = () =>
      transfer(fd, buffer, 0, blockBytes, offsets.next(), (error, bytes) => {
        if (error || bytes !== blockBytes) return reject(error ?? new Error(`${bytes} bytes`));
        requests++;
        if ((requests & 15) !== 0 || performance.now() < until) step();
        else resolve();
      });
    step();
  })));
report(stop(requests));
