/**
 * Prints what comes through FIFOs, line by line, until Ctrl-C: tail.ts FIFO...
 *
 * By io_uring, where there is one, no thread waits for a silent FIFO, however many there are.
 *
 * @module
 */

import { AioFile } from "@posix/aio";
import process from "node:process";

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());

async function tail(path: string): Promise<void> {
  // opened for writing too, so that it does not end with the last of those who write into it
  await using file = await AioFile.open(path, { flags: "r+", engine: "auto" });
  for await (const line of file.lines({ signal: stop.signal })) console.log(`${path}: ${line}`);
}

const ends = await Promise.allSettled(process.argv.slice(2).map(tail));
for (const end of ends) {
  if (end.status === "fulfilled" || end.reason === stop.signal.reason) continue;
  console.error(end.reason.message);
  process.exitCode = 1;
}
