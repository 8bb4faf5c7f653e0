/**
 * The workload on `node:fs`, whichever runtime runs it: as many chains of callbacks as requests in flight.
 *
 * @module
 */

import fs from "node:fs";
import { offsetsOf } from "../../cli/measure.ts";
import { dropCaches } from "../machine.ts";
import { countTo, readWorkload, report, startCounter } from "./workload.ts";
import type { Outcome, RequestCounter } from "./workload.ts";

const workload = readWorkload();
const { path, op, blockBytes, depth, warmUpSeconds, warmUpPath } = workload;
const transfer = op === "read" ? fs.read : fs.write as unknown as typeof fs.read;

async function run(file: string, counter: RequestCounter): Promise<Outcome> {
  const fd = fs.openSync(file, op === "read" ? "r" : "r+");
  const next = offsetsOf({ ...workload, fileBytes: fs.fstatSync(fd).size });
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
  fs.closeSync(fd);
  return counter.outcome();
}

if (warmUpPath === undefined) {
  report(await run(path, startCounter(workload)));
} else {
  await run(warmUpPath, startCounter({ warmUpSeconds: 0, seconds: warmUpSeconds }));
  dropCaches();
  report(await run(path, countTo(Math.floor(fs.statSync(path).size / blockBytes))));
}
