/**
 * Copies made by somebody who is not root: in a process of their own, with a user, a group and more groups.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import process from "node:process";
import type { CopyOptions } from "../../mod.ts";
import { runChild } from "../support/child.ts";

/** Somebody. */
export interface User {
  readonly uid: number;
  readonly gid: number;
  readonly groups?: readonly number[];
}

/** What a copy did, or why it failed. */
export interface CopyReport {
  readonly notKept?: readonly string[];
  readonly inPlace?: boolean;
  readonly error?: string;
  readonly code?: string;
}

/** Why nobody else can be; `undefined` if somebody can. */
export function whyNoUsers(): string | undefined {
  if (process.platform !== "linux") return "not Linux";
  if (process.getuid?.() !== 0) return "only root can be somebody else";
  return spawnSync("setpriv", ["--version"]).status === 0 ? undefined : "there is no setpriv";
}

/** Why there are no access control lists; `undefined` if there are. */
export function whyNoLists(): string | undefined {
  return whyNoUsers() ?? (spawnSync("setfacl", ["--version"]).status === 0 ? undefined : "there is no setfacl");
}

/** Copies as a user. */
export async function copyAs(
  user: User,
  source: string,
  target: string,
  options: CopyOptions = {},
): Promise<CopyReport> {
  const { uid, gid, groups = [gid] } = user;
  const { stdout, stderr } = await runChild(new URL("./user_child.ts", import.meta.url), {
    args: [source, target, JSON.stringify(options)],
    under: ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, `--groups=${groups.join()}`],
    env: { NODE_COMPILE_CACHE: "", HOME: "/nonexistent", DENO_DIR: "/tmp/aio-deno-as-user" },
  });
  const line = stdout.trim().split("\n").at(-1) ?? "";
  if (!line.startsWith("{")) throw new Error(`the copy said nothing: ${stderr}`);
  return JSON.parse(line);
}

/** Mode, owner and group, as stat(1) writes them. */
export function statText(name: string): string {
  const { mode, uid, gid } = fs.statSync(name);
  return `${(mode & 0o7777).toString(8)} ${uid}:${gid}`;
}

/** The access control list. */
export function listOf(name: string): string {
  const { stdout } = spawnSync("getfacl", ["-cnE", "--absolute-names", name], { encoding: "utf8" });
  return stdout.trim();
}

/** Runs a command that must succeed. */
export function must(command: string, ...args: string[]): string {
  const { status, stderr, stdout, error } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw error ?? new Error(`${command} ${args.join(" ")}: ${stderr}`);
  return stdout.trim();
}
