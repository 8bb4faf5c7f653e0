/**
 * Runs a script in a process of its own with the runtime that runs the test: for what only shows when a process ends,
 * is killed, or is left alone.
 *
 * @module
 */

import { spawn } from "node:child_process";
import os from "node:os";
import path from "node:path";
import process from "node:process";

/** How a child process ended. */
export interface ChildResult {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** From start to end, in milliseconds. */
  readonly milliseconds: number;
}

/** What to run it with. */
export interface ChildOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A program, with its arguments, under which the runtime runs. */
  readonly under?: readonly string[];
  /** More arguments of the runtime. */
  readonly runtimeArgs?: readonly string[];
  /** After how many milliseconds to kill it; the result then has the signal SIGKILL. Default 30000. */
  readonly killAfterMs?: number;
  /** Called with everything it has printed so far. */
  readonly onOutput?: (stdout: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** The arguments that come before a script's path; a script of theirs follows for tests that run on another system. */
export const RUNTIME_ARGUMENTS: string[] = process.versions.deno !== undefined
  ? ["run", "-A", "--no-lock", "--quiet", "--v8-flags=--expose-gc"]
  : process.versions.bun !== undefined
  ? []
  : ["--disable-warning=ExperimentalWarning", "--expose-gc"];

/** The environment of a child; Node keeps what it has compiled, which takes most of a small process's time. */
export const CHILD_ENVIRONMENT: NodeJS.ProcessEnv = {
  ...process.env,
  NODE_COMPILE_CACHE: path.join(os.tmpdir(), `posix-aio-compiled-${process.getuid?.()}`),
};

/** What emulates the processor that the runtime was built for, if anything does; the kernel cannot start it by itself. */
export const EMULATOR: readonly string[] = process.env.AIO_TEST_EMULATOR?.split(" ") ?? [];

/** Runs a script to its end. */
export function runChild(script: URL, options: ChildOptions = {}): Promise<ChildResult> {
  const { args = [], env = {}, under = [], runtimeArgs = [], killAfterMs = 30_000, onOutput } = options;
  const began = performance.now();
  const [file, ...before] = [...under, ...EMULATOR, process.execPath, ...RUNTIME_ARGUMENTS, ...runtimeArgs];
  const child = spawn(file, [...before, script.pathname, ...args], {
    env: { ...CHILD_ENVIRONMENT, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    onOutput?.(stdout, (signal) => child.kill(signal));
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => stderr += text);
  const timer = setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout, stderr, milliseconds: performance.now() - began });
    });
  });
}
