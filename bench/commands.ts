/**
 * Cases that are whole commands: copies of one big file, and checksums of many. Each contestant is timed from start to
 * end, the runtime's own start included, as a user waits for it; except for `copy()` itself, which a program calls that
 * runs already.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { dropCaches, warm } from "./machine.ts";
import type { CopyWorkload } from "./workloads/copy.ts";

interface Runtime {
  readonly name: string;
  readonly file: string;
  readonly version: string;
}

/** What a command case is run with. */
export interface CommandStage {
  readonly source: string;
  /** A smaller file, to warm up with. */
  readonly warmUpSource: string;
  readonly folder: string;
  readonly rounds: number;
  readonly runtimes: readonly Runtime[];
}

/** A case of whole commands. */
export interface CommandCase {
  readonly name: string;
  readonly unit: string;
  run(stage: CommandStage): {
    entries: { name: string; version: string; own: boolean; rates: number[] }[];
    failures: string[];
  };
}

interface Contestant {
  readonly name: string;
  readonly version: string;
  readonly own: boolean;
  readonly command: readonly string[];
  /** It prints the time that counts, instead of being timed as a whole. */
  readonly timesItself?: boolean;
}

const CLI = new URL("../cli.ts", import.meta.url).pathname;
const COPY = new URL("./workloads/copy.ts", import.meta.url).pathname;
const HASH = new URL("./workloads/checksum.ts", import.meta.url).pathname;

function onRuntime({ name, file }: Runtime, script: string, args: readonly string[]): string[] {
  const before = name === "deno"
    ? ["run", "-A", "--no-lock", "--quiet"]
    : name === "node"
    ? ["--disable-warning=ExperimentalWarning"]
    : [];
  return [file, ...before, script, ...args];
}

function race(contestants: readonly Contestant[], stage: CommandStage, prepare: () => void, after: () => void) {
  const entries = contestants.map(({ name, version, own }) => ({ name, version, own, rates: [] as number[] }));
  const failures: string[] = [];
  for (let round = 0; round < stage.rounds; round++) {
    for (const [index, { name, command, timesItself }] of contestants.entries()) {
      prepare();
      const began = performance.now();
      const { status, stdout, stderr } = spawnSync(command[0], command.slice(1), {
        encoding: "utf8",
        timeout: 600_000,
      });
      const seconds = (performance.now() - began) / 1000;
      after();
      if (status !== 0) failures.push(`${name}: ${stderr.split("\n")[0]}`);
      else entries[index].rates.push(1 / (timesItself ? JSON.parse(stdout).seconds : seconds));
    }
  }
  return { entries: entries.filter(({ rates }) => rates.length === stage.rounds), failures: [...new Set(failures)] };
}

function copyCase(name: string, options: { cold: boolean; sync: boolean }): CommandCase {
  return {
    name,
    unit: "copies a second",
    run(stage) {
      const { source, warmUpSource, folder, runtimes } = stage;
      const target = path.join(folder, "copy.bin");
      const flags = ["--quiet", ...(options.sync ? ["--sync"] : [])];
      const finish = options.sync ? ` && sync "${target}"` : "";
      const shell = (text: string) => ["sh", "-c", text];
      const contestants: Contestant[] = [
        ...runtimes.flatMap((runtime) =>
          ["auto", "kernel", "aio"].map((method) => {
            const workload = {
              source,
              target,
              warmUpSource,
              cold: options.cold,
              options: { method: method as CopyWorkload["options"]["method"], sync: options.sync },
            } satisfies CopyWorkload;
            return {
              name: `copy() in ${runtime.name}, method ${method}`,
              version: `${runtime.name} ${runtime.version}`,
              own: true,
              command: onRuntime(runtime, COPY, [JSON.stringify(workload)]),
              timesItself: true,
            };
          })
        ),
        ...runtimes.map((runtime) => ({
          name: `aio copy on ${runtime.name}`,
          version: `${runtime.name} ${runtime.version}`,
          own: true,
          command: onRuntime(runtime, CLI, ["copy", ...flags, source, target]),
        })),
        {
          name: options.sync ? "cp + sync" : "cp",
          version: "",
          own: false,
          command: shell(`cp "${source}" "${target}"${finish}`),
        },
        {
          name: options.sync ? "dd conv=fsync" : "dd",
          version: "",
          own: false,
          command: shell(`dd if="${source}" of="${target}" bs=1M${options.sync ? " conv=fsync" : ""} 2>/dev/null`),
        },
      ];
      return race(
        contestants,
        stage,
        () => options.cold ? void dropCaches() : warm(source),
        () => fs.rmSync(target, { force: true }),
      );
    },
  };
}

const checksums: CommandCase = {
  name: "SHA-256 of 8 files of 64 MiB, cold",
  unit: "runs a second",
  run(stage) {
    const { folder, runtimes } = stage;
    const files = Array.from({ length: 8 }, (_, index) => path.join(folder, `hash${index}.bin`));
    for (const file of files) spawnSync("dd", [`if=${stage.source}`, `of=${file}`, "bs=1M", "count=64"]);
    const contestants: Contestant[] = [
      ...runtimes.flatMap((runtime) =>
        [true, false].map((own) => ({
          name: own ? `aio ${runtime.name} chunks()` : `node:fs streams in ${runtime.name}`,
          version: `${runtime.name} ${runtime.version}`,
          own,
          command: onRuntime(runtime, HASH, [own ? "aio" : "node", ...files]),
        }))
      ),
      { name: "sha256sum", version: "", own: false, command: ["sha256sum", ...files] },
    ];
    const outcome = race(contestants, stage, () => void dropCaches(), () => {});
    for (const file of files) fs.rmSync(file, { force: true });
    return outcome;
  },
};

/** Every command case. */
export const COMMAND_CASES: readonly CommandCase[] = [
  copyCase("copy of one big file, cached", { cold: false, sync: false }),
  copyCase("copy of one big file, cold", { cold: true, sync: false }),
  copyCase("copy of one big file, cold and synced", { cold: true, sync: true }),
  checksums,
];
