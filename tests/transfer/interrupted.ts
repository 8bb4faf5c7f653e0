/**
 * Copies that a signal ends at a random moment, and what must hold of their targets then.
 *
 * @module
 */

import { assert } from "@std/assert";
import { Buffer } from "node:buffer";
import fs from "node:fs";
import process from "node:process";
import { runChild } from "../support/child.ts";
import type { ChildResult } from "../support/child.ts";

const COMMAND = new URL("./command_child.ts", import.meta.url);

/** A file of a copy: where it goes to, what is there before, if anything, and what shall be there. */
export interface Expected {
  readonly target: string;
  readonly before: Uint8Array | null;
  readonly after: Uint8Array;
}

/** Runs `aio copy` over and over, at first to its end, then each time until a moment somewhere in the time that it takes. */
export class Interrupted {
  readonly #signal: NodeJS.Signals;
  /** What a whole run took lately, in milliseconds. */
  #took: number | undefined;

  constructor(signal: NodeJS.Signals) {
    this.#signal = signal;
  }

  /**
   * Runs it once; `took` is in the output if the signal came too late.
   *
   * @param args Its arguments.
   * @param midway A folder: the signal comes when a copy has begun in there, instead of at a moment.
   */
  async run(args: readonly string[], midway?: string): Promise<ChildResult> {
    const moment = this.#took === undefined ? undefined : Math.random() * this.#took;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ended = await runChild(COMMAND, {
      args: ["copy", "--quiet", ...args],
      onOutput: (stdout) => {
        const [, pid] = /begun (\d+)\n/.exec(stdout) ?? [];
        if (pid === undefined || moment === undefined) return;
        const step = () => {
          if (midway === undefined || isBegun(midway)) send(Number(pid), this.#signal);
          else timer = setTimeout(step, 0);
        };
        timer ??= setTimeout(step, midway === undefined ? moment : 0);
      },
    });
    clearTimeout(timer);
    const [, took] = /took ([\d.]+)/.exec(ended.stdout) ?? [];
    // what comes too late shall come earlier, and what never comes too late later
    this.#took = took === undefined ? this.#took! * 1.1 : Number(took);
    return ended;
  }
}

/** Whether a copy is under way in a folder: there is a file with a temporary name. */
function isBegun(folder: string): boolean {
  return fs.readdirSync(folder).some((name) => name.endsWith(".aio-copy"));
}

/** Not `child.kill()`: Deno then reports the signal in place of the exit status. */
function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it has just ended
  }
}

/**
 * Each name holds the whole old or the whole new content.
 *
 * @returns How many are new.
 */
export function countNew(files: readonly Expected[]): number {
  let count = 0;
  for (const { target, before, after } of files) {
    if (!fs.existsSync(target)) {
      assert(before === null, `the old content of ${target} is gone`);
      continue;
    }
    const found = fs.readFileSync(target);
    if (Buffer.compare(found, after) !== 0) {
      assert(before !== null && Buffer.compare(found, before) === 0, `${found.length} bytes, neither old nor new`);
      continue;
    }
    count++;
  }
  return count;
}
