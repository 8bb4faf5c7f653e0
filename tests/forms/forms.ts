/**
 * Runs what was made of the package, from another folder.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import process from "node:process";
import { findRuntime } from "../../bin/runtimes.mjs";

/** How a program ended. */
export interface Ended {
  readonly status: number | null;
  readonly signal: string | null;
  /** What it printed, errors last. */
  readonly output: string;
}

/** The path of a runtime; one that is missing is an error, as it is for the test command. */
export function runtimeFile(name: "deno" | "bun" | "node"): string {
  const { file, reason } = findRuntime(name);
  if (file === undefined) throw new Error(`Cannot run this test: ${reason}`);
  return file;
}

/** The arguments of a runtime before a script. */
export const BEFORE: Readonly<Record<"deno" | "bun" | "node", readonly string[]>> = {
  deno: ["run", "-A", "--no-lock", "--quiet", "--no-check"],
  bun: [],
  node: ["--disable-warning=ExperimentalWarning"],
};

/** Runs a program in a folder. */
export function runIn(
  cwd: string,
  [file, ...args]: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Ended {
  const { status, signal, stdout, stderr, error } = spawnSync(file, args, {
    cwd,
    encoding: "utf8",
    timeout: 120_000,
    killSignal: "SIGKILL",
    maxBuffer: 1 << 26,
    env: { ...process.env, NO_COLOR: "1", ...env },
  });
  if (error !== undefined && status === null && signal === null) throw error;
  return { status, signal, output: `${stdout}${stderr}` };
}

/** Runs a program that has to end well; what it printed. */
export function runWell(cwd: string, command: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  const { status, signal, output } = runIn(cwd, command, env);
  if (status === 0) return output;
  throw new Error(`${command.join(" ")} ended with ${signal ?? status}:\n${output}`);
}
