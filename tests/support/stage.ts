/**
 * A temporary folder in which shell scripts run the command `aio` of this checkout, with the runtime that runs the test.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { CHILD_ENVIRONMENT, EMULATOR, RUNTIME_ARGUMENTS } from "./child.ts";
import { TemporaryFolder } from "./files.ts";

const CLI = fileURLToPath(new URL("../../cli.ts", import.meta.url));

/** How a script ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder with `bin/aio`, a program; what is in the variable `AIO_MORE` is added to its arguments. */
export class Stage extends TemporaryFolder {
  constructor(parent?: string) {
    super(parent);
    fs.mkdirSync(this.at("bin"));
    const words = [...EMULATOR, process.execPath, ...RUNTIME_ARGUMENTS, CLI].map((word) => `'${word}'`).join(" ");
    this.write("bin/aio", `#!/bin/sh\nexec ${words} "$@" $AIO_MORE\n`);
    fs.chmodSync(this.at("bin/aio"), 0o755);
  }

  /** What scripts find: `bin` comes first on the PATH. */
  get environment(): Record<string, string | undefined> {
    return { ...CHILD_ENVIRONMENT, PATH: `${this.at("bin")}:${process.env.PATH}`, NO_COLOR: "1" };
  }

  /** Runs a script of bash in the folder, or with arguments a program. */
  shell(script: string, env: Readonly<Record<string, string>> = {}): Ended {
    const { status, stdout, stderr } = spawnSync("bash", ["-c", script], {
      cwd: this.path,
      encoding: "utf8",
      env: { ...this.environment, ...env },
    });
    return { code: status, stdout, stderr };
  }

  /** Makes a folder with files, an empty folder, a link, and names that a careless script would break. */
  plant(name: string): void {
    for (const folder of ["2024", "a folder", "empty"]) fs.mkdirSync(this.at(`${name}/${folder}`), { recursive: true });
    for (let index = 0; index < 10; index++) this.write(`${name}/2024/${index}.jpg`, `photo ${index}\n`);
    this.write(`${name}/a folder/with "quotes" and\na newline`, "odd\n");
    this.write(`${name}/index`, "index\n");
    fs.chmodSync(this.at(`${name}/index`), 0o640);
    fs.symlinkSync("index", this.at(`${name}/link`));
  }

  /** What a folder holds, a line for each entry: name, kind, mode, time of modification in nanoseconds, content. */
  listing(name: string): string[] {
    return fs.readdirSync(this.at(name), { recursive: true, encoding: "utf8" }).sort().map((entry) => {
      const path = this.at(`${name}/${entry}`);
      const { mode, mtimeNs } = fs.lstatSync(path, { bigint: true });
      const kind = Number(mode & 0o170000n);
      if (kind === 0o120000) return `${entry} link ${fs.readlinkSync(path)}`;
      const rights = (mode & 0o7777n).toString(8);
      if (kind === 0o040000) return `${entry} folder ${rights}`;
      return `${entry} file ${rights} ${mtimeNs} ${fs.readFileSync(path, "latin1")}`;
    });
  }
}
