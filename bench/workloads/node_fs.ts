/**
 * The workload on `node:fs`, whichever runtime runs it: as many chains of callbacks as requests in flight.
 *
 * @module
 */

import fs from "node:fs";
import { offsetsOf } from "../../cli/measure.ts";
import { readWorkload, report, startCounter } from "./workload.ts";

const workload = readWorkload();
const { path, op, blockBytes, depth } = workload;
const fd = fs.openSync(path, op === "read" ? "r" : "r+");
const next = offsetsOf({ ...workload, fileBytes: fs.fstatSync(fd).size });
const counter = startCounter(workload);
const transfer = op === "read" ? fs.read : fs.write as unknown as typeof fs.read;

await Promise.all(Array.from({ length: depth }, () =>
  new Promise<void>((resolve, reject) => {
    const buffer = new Uint8Array(blockBytes);
    const step = () =>
      transfer(fd, buffer, 0, blockBytes, next(), (error, bytes) => {
        if (error || bytes !== blockBytes) return reject(error ?? new Error(`${bytes} bytes`));
        if (counter.ended()) resolve();
        else step();
      });
    step();
  })));
report(counter.outcome());
