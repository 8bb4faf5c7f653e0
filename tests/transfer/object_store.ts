/**
 * A mount of the file system in `object_store.py`.
 *
 * @module
 */

import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import fs from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { TemporaryFolder } from "../support/files.ts";

const SCRIPT = fileURLToPath(new URL("./object_store.py", import.meta.url));
/** Debian's own: others have none of its packages. */
const PYTHON = "/usr/bin/python3";

/** Why there can be no such mount; `undefined` if there can. */
export function whyNoStore(): string | undefined {
  if (process.platform !== "linux") return "not Linux";
  if (process.getuid?.() !== 0 || !fs.existsSync("/dev/fuse")) return "only root can mount, and /dev/fuse is needed";
  return spawnSync(PYTHON, ["-c", "import fusepy"]).status === 0 ? undefined : "there is no python3-fusepy";
}

/** A mount until the end of the scope. */
export class ObjectStore implements AsyncDisposable {
  readonly #folder: TemporaryFolder = new TemporaryFolder();
  readonly #server: ChildProcess;

  /** Where it is mounted. */
  get path(): string {
    return this.#folder.path;
  }

  private constructor(options: string) {
    this.#server = spawn(PYTHON, [SCRIPT, this.#folder.path, options], { stdio: "ignore" });
  }

  /** Mounts it. */
  static async mount(options: string): Promise<ObjectStore> {
    const store = new ObjectStore(options);
    const parent = fs.statSync(fileURLToPath(new URL(".", `file://${store.path}`))).dev;
    while (fs.statSync(store.path).dev === parent) await new Promise((resolve) => setTimeout(resolve, 10));
    return store;
  }

  /** The path of a name in it. */
  at(name: string): string {
    return this.#folder.at(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#server.on("exit", resolve));
    spawnSync("umount", ["-l", this.path]);
    await ended;
    this.#folder[Symbol.dispose]();
  }
}
