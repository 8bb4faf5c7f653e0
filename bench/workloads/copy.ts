/**
 * One copy by this package's `copy()`, in a process that has copied before: what a script with many files sees.
 *
 * @module
 */

import fs from "node:fs";
import process from "node:process";
import { copy } from "../../mod.ts";
import type { CopyOptions } from "../../mod.ts";
import { dropCaches, warm } from "../machine.ts";

/** What to copy. */
export interface CopyWorkload {
  readonly source: string;
  readonly target: string;
  /** The file that is copied first, by the same way. */
  readonly warmUpSource: string;
  /** Whether the source shall lie on the disk only. */
  readonly cold: boolean;
  readonly options: CopyOptions;
}

const { source, target, warmUpSource, cold, options }: CopyWorkload = JSON.parse(process.argv[2]);
await copy(warmUpSource, target, options);
fs.rmSync(target);
if (cold) dropCaches();
else warm(source);
const { milliseconds } = await copy(source, target, options);
console.log(JSON.stringify({ seconds: milliseconds / 1000 }));
