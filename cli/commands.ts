/**
 * The table of commands: `aio NAME ...` runs one, `aio help NAME` and `aio NAME --help` explain it. Each loads what it needs
 * when it is called: help and version load nothing that does input or output.
 *
 * @module
 */

import { setColor } from "./color.ts";
import type { Command } from "./command.ts";
import { complain, complainOfUsage, print, statusAfterPrinting } from "./output.ts";
import type { CommandName } from "./spec/overview.ts";
import type { CommandSpec } from "./spec/spec.ts";
import { STATUSES } from "./spec/statuses.ts";
import { VERSION } from "./version.ts";

/** A command that is loaded when it is called, and what is told of it when that is asked for. */
interface Entry {
  readonly spec: () => Promise<CommandSpec>;
  readonly load: () => Promise<Command>;
}

const COMMANDS: Readonly<Record<CommandName, Entry>> = {
  copy: {
    spec: async () => (await import("./spec/copy.ts")).COPY,
    load: async () => (await import("./copy.ts")).copyCommand,
  },
  sync: {
    spec: async () => (await import("./spec/copy.ts")).SYNC,
    load: async () => (await import("./sync.ts")).syncCommand,
  },
  hash: {
    spec: async () => (await import("./spec/hash.ts")).HASH,
    load: async () => (await import("./hash.ts")).hashCommand,
  },
  verify: {
    spec: async () => (await import("./spec/hash.ts")).VERIFY,
    load: async () => (await import("./verify.ts")).verifyCommand,
  },
  info: {
    spec: async () => (await import("./spec/tell.ts")).INFO,
    load: async () => (await import("./info.ts")).infoCommand,
  },
  bench: {
    spec: async () => (await import("./spec/tell.ts")).BENCH,
    load: async () => (await import("./bench.ts")).benchCommand,
  },
  completions: {
    spec: async () => (await import("./spec/tell.ts")).COMPLETIONS,
    load: async () => (await import("./completions.ts")).completionsCommand,
  },
  man: {
    spec: async () => (await import("./spec/tell.ts")).MAN,
    load: async () => (await import("./man.ts")).manCommand,
  },
};

/**
 * Runs the command line.
 *
 * @param args The arguments.
 * @returns The exit status.
 */
export async function run(args: readonly string[]): Promise<number> {
  return statusAfterPrinting(await runCommand(args));
}

async function runCommand(args: readonly string[]): Promise<number> {
  let name: string | undefined;
  try {
    const [first, ...rest] = await takeColor(args);
    name = first;
    if (name === undefined || name === "-h" || name === "--help") return await overview();
    if (name === "-V" || name === "--version" || name === "version") return say(`aio ${VERSION}\n`);
    if (name === "help") return rest.length === 0 ? await overview() : await help(await find(rest[0]));
    const command = await find(name);
    const options = rest.includes("--") ? rest.slice(0, rest.indexOf("--")) : rest;
    if (options.includes("--help") || options.includes("-h")) return await help(command);
    return await (await command.load()).run(rest);
  } catch (error) {
    if (error instanceof Error && error.name === "UsageError") {
      complainOfUsage(error.message, name !== undefined && Object.hasOwn(COMMANDS, name) ? `${name} ` : "");
      return STATUSES.usage.status;
    }
    const { explained } = await import("./hints.ts");
    complain(explained(error));
    return STATUSES.failed.status;
  }
}

/** The arguments without `--color`, which every command takes and obeys. */
async function takeColor(args: readonly string[]): Promise<string[]> {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const rest: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const isColor = at < end && (args[at] === "--color" || args[at].startsWith("--color="));
    if (!isColor) {
      rest.push(args[at]);
      continue;
    }
    const given = args[at] === "--color" ? args[++at] : args[at].slice("--color=".length);
    if (setColor(given)) continue;
    const { UsageError } = await import("./usage.ts");
    throw new UsageError(`--color ${given === undefined ? "" : `"${given}"`}: expected auto, always or never`);
  }
  return rest;
}

async function find(name: string): Promise<Entry> {
  if (Object.hasOwn(COMMANDS, name)) return COMMANDS[name as CommandName];
  const [{ UsageError }, { nearest }] = await Promise.all([import("./usage.ts"), import("./suggest.ts")]);
  const names = Object.keys(COMMANDS);
  const meant = nearest(name, names);
  const list = `he commands are ${names.join(", ")}`;
  throw new UsageError(
    `there is no command "${name}"${meant === undefined ? `: t${list}` : `; did you mean "${meant}"? T${list}`}`,
  );
}

async function help({ spec }: Entry): Promise<number> {
  const [{ helpText }, asked] = await Promise.all([import("./spec/help.ts"), spec()]);
  return say(helpText(asked));
}

async function overview(): Promise<number> {
  const { overviewText } = await import("./spec/help.ts");
  return say(overviewText());
}

function say(text: string): number {
  print(text);
  return STATUSES.done.status;
}
