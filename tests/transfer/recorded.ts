/**
 * The calls by which a process changes files, as strace saw them.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { CHILD_ENVIRONMENT, RUNTIME_ARGUMENTS } from "../support/child.ts";
import { TemporaryFolder } from "../support/files.ts";

const CHANGES = ["pwrite64", "pwritev", "pwritev2", "write", "writev", "copy_file_range", "sendfile", "ftruncate"];
const CALLS = [...CHANGES, "fallocate", "fsync", "fdatasync", "rename", "renameat", "renameat2", "link", "linkat"];

/** A call that succeeded. */
export interface Call {
  readonly name: string;
  /** Its arguments and result as strace writes them; descriptors with their paths. */
  readonly text: string;
  /** When it began and ended, as places in the order of all beginnings and ends. */
  readonly began: number;
  readonly ended: number;
}

function strace(output: string, command: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const filter = CALLS.map((name) => `?${name}`).join();
  // -y adds the paths, -s 5 shows the first bytes of what is written
  const options = ["-f", "-qq", "-y", "-s", "5", "--seccomp-bpf", "-e", "signal=none", "-e", `trace=${filter}`];
  return spawnSync("strace", [...options, "-o", output, ...command], {
    encoding: "utf8",
    env: CHILD_ENVIRONMENT,
    timeout: 60_000,
  });
}

/** Why nothing can be recorded here; `undefined` if it can. */
export function whyNotRecorded(): string | undefined {
  if (process.platform !== "linux") return "not Linux";
  return strace("/dev/null", ["true"]).status === 0 ? undefined : "strace is missing or not allowed";
}

/** Runs a script with this runtime and gives the calls of all its threads. */
export function record(script: URL, args: readonly string[]): Call[] {
  using folder = new TemporaryFolder();
  const command = [process.execPath, ...RUNTIME_ARGUMENTS, fileURLToPath(script), ...args];
  const { status, stderr } = strace(folder.at("calls"), command);
  if (status !== 0) throw new Error(`exit status ${status}: ${stderr}`);
  return parse(fs.readFileSync(folder.at("calls"), "utf8"));
}

/** Puts the halves of calls together that others came between. */
function parse(text: string): Call[] {
  const calls: Call[] = [];
  const begun = new Map<string, { name: string; text: string; began: number }>();
  for (const [at, line] of text.split("\n").entries()) {
    const found = /^(\d+) +(?:<\.\.\. (\w+) resumed>|(\w+)\()(.*)$/.exec(line);
    if (found === null) continue;
    const [, thread, , name, rest] = found;
    const call = name === undefined ? begun.get(thread) : { name, text: "", began: at * 2 };
    if (call === undefined) continue;
    call.text += rest.replace(/ *<unfinished \.\.\.>$/, "");
    if (rest.endsWith("<unfinished ...>")) begun.set(thread, call);
    else if (/ = \d+(<.*>)?$/.test(rest)) calls.push({ ...call, ended: at * 2 + 1 });
  }
  return calls;
}
