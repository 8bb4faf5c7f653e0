/**
 * How often the threads of this process have gone to sleep of their own will, which is how often they were woken: it does
 * not depend on what else the machine does, as time and processor time do.
 *
 * @module
 */

import fs from "node:fs";
import process from "node:process";

/** The voluntary context switches of all threads so far. */
export function wakes(): number {
  if (!fs.existsSync("/proc/self/task")) return process.resourceUsage().voluntaryContextSwitches;
  let sum = 0;
  for (const task of fs.readdirSync("/proc/self/task")) {
    try {
      const status = fs.readFileSync(`/proc/self/task/${task}/status`, "utf8");
      sum += Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1]);
    } catch {
      // a thread that has ended meanwhile
    }
  }
  return sum;
}
