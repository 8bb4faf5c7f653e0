// A process that copies a file, to be gone on with, and kills itself when so many ranges have arrived; for resume_test.ts.

import process from "node:process";
import { copy } from "../../mod.ts";
import type { CopyMethod } from "../../mod.ts";

const [source, target, method, ranges] = process.argv.slice(2);
let now = 0, told = 0;
performance.now = () => now += 200; // every range is told of
await copy(source, target, {
  method: method as CopyMethod,
  resume: true,
  onProgress: () => void (++told === Number(ranges) && process.kill(process.pid, "SIGKILL")),
});
