/**
 * Parts of a tree or list for many machines: each file belongs to one shard, by a stable hash of its path, whatever else is
 * there. The shards are disjoint and together complete, also while files come and go.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import process from "node:process";

/**
 * Which part of how many.
 *
 * @example
 * ```ts
 * import { copyTree } from "@posix/aio";
 * import type { Shard } from "@posix/aio";
 *
 * const shard: Shard = { index: 0, count: 4 };
 * console.log((await copyTree("docs", "/tmp/docs.shard", { shard }).summary).failed); // 0
 * ```
 */
export interface Shard {
  /** The part, from 0 to `count - 1`. */
  readonly index: number;
  /** How many parts there are. */
  readonly count: number;
}

const SHARDS_MAX = 1_000_000;

/**
 * Which of so many shards a path belongs to: FNV-1a of its bytes, mixed, modulo the count. The same on every machine and in
 * every release.
 *
 * @example
 * ```ts
 * import { shardOf } from "@posix/aio";
 *
 * console.log(shardOf("photos/2024/1.jpg", 7)); // 4
 * ```
 *
 * @param path The path within the tree, with `/` between names; bytes where it is no UTF-8.
 * @param count How many shards there are.
 * @returns The shard, from 0 to `count - 1`.
 */
export function shardOf(path: string | Uint8Array, count: number): number {
  let hash = 0x811c9dc5;
  for (const byte of typeof path === "string" ? Buffer.from(path) : path) hash = Math.imul(hash ^ byte, 0x01000193);
  // its low bits alone are not spread well (MurmurHash3's last step)
  hash = Math.imul(hash ^ hash >>> 16, 0x85ebca6b);
  hash = Math.imul(hash ^ hash >>> 13, 0xc2b2ae35);
  return ((hash ^ hash >>> 16) >>> 0) % count;
}

/**
 * Reads a shard: `"I/N"` with I from 0, or `"auto"`, which takes it from the environment of a scheduler: an array job of
 * Slurm (`SLURM_ARRAY_TASK_ID`, `_MIN` and `_COUNT`) or an indexed job of Kubernetes (`JOB_COMPLETION_INDEX`, with the number
 * of completions in `JOB_COMPLETIONS`).
 *
 * @example
 * ```ts
 * import { checkShard } from "@posix/aio";
 *
 * console.log(checkShard("1/3").index, checkShard("1/3").count); // 1 3
 * const environment = { SLURM_ARRAY_TASK_ID: "5", SLURM_ARRAY_TASK_MIN: "4", SLURM_ARRAY_TASK_COUNT: "8" };
 * console.log(checkShard("auto", environment).index); // 1
 * ```
 *
 * @param shard What the caller gave.
 * @param environment Where `"auto"` looks. Default: the process's.
 * @returns The shard.
 * @throws {TypeError | RangeError} If it is none; the message says what was expected.
 */
export function checkShard(shard: unknown, environment?: Readonly<Record<string, string | undefined>>): Shard {
  if (shard === "auto") return fromEnvironment(environment ?? process.env);
  if (typeof shard === "string") {
    const [, index, count] = /^(\d+)\/(\d+)$/.exec(shard) ?? [];
    if (count === undefined) {
      throw new TypeError(`Cannot use shard ${JSON.stringify(shard)}: expected "I/N", such as "0/4", or "auto"`);
    }
    return inRange(Number(index), Number(count), JSON.stringify(shard));
  }
  if (shard === null || typeof shard !== "object") {
    throw new TypeError(`Cannot use shard ${shard}: expected "I/N", "auto", or an object with index and count`);
  }
  const { index, count } = shard as Partial<Shard>;
  return inRange(index as number, count as number, `{ index: ${index}, count: ${count} }`);
}

function inRange(index: number, count: number, given: string): Shard {
  if (!Number.isInteger(count) || count < 1 || count > SHARDS_MAX) {
    throw new RangeError(`Cannot use shard ${given}: expected 1 to ${SHARDS_MAX} parts`);
  }
  if (!Number.isInteger(index) || index < 0 || index >= count) {
    throw new RangeError(`Cannot use shard ${given}: expected a part from 0 to ${count - 1}`);
  }
  return { index, count };
}

function fromEnvironment(environment: Readonly<Record<string, string | undefined>>): Shard {
  const number = (name: string) => {
    const text = environment[name];
    if (text === undefined || text === "") return undefined;
    if (!/^\d+$/.test(text)) {
      throw new TypeError(`Cannot use shard "auto": ${name} is ${JSON.stringify(text)}, no number`);
    }
    return Number(text);
  };
  const task = number("SLURM_ARRAY_TASK_ID");
  if (task !== undefined) {
    const count = number("SLURM_ARRAY_TASK_COUNT");
    if (count === undefined) throw new TypeError('Cannot use shard "auto": SLURM_ARRAY_TASK_COUNT is missing');
    const [least, step] = [number("SLURM_ARRAY_TASK_MIN") ?? 0, number("SLURM_ARRAY_TASK_STEP") ?? 1];
    return inRange((task - least) / step, count, `"auto", task ${task} of ${count} from ${least}`);
  }
  const completion = number("JOB_COMPLETION_INDEX");
  if (completion !== undefined) {
    const count = number("JOB_COMPLETIONS");
    if (count === undefined) {
      throw new TypeError(
        'Cannot use shard "auto": JOB_COMPLETIONS is missing, which is to say how many parts there are',
      );
    }
    return inRange(completion, count, `"auto", completion ${completion} of ${count}`);
  }
  throw new TypeError('Cannot use shard "auto": neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX is set');
}
