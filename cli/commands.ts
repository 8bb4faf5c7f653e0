/**
 * The table of commands: `aio NAME ...` runs one, `aio help NAME` and `aio NAME --help` explain it.
 *
 * @module
 */

import process from "node:process";
import type { Command } from "./command.ts";
import { complain, print, statusAfterPrinting } from "./output.ts";
import { visible } from "./quote.ts";
import { UsageError } from "./usage.ts";
import { VERSION } from "./version.ts";

/** A command that is loaded when it is called. */
interface Entry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

const COMMANDS: readonly Entry[] = [
  {
    name: "copy",
    summary: "Copy files and folders, with progress",
    load: async () => (await import("./copy.ts")).copyCommand,
  },
  {
    name: "sync",
    summary: "Make a folder like another: copy what is missing or different",
    load: async () => (await import("./sync.ts")).syncCommand,
  },
  {
    name: "hash",
    summary: "Print digests of files and folders, as sha256sum does",
    load: async () => (await import("./hash.ts")).hashCommand,
  },
  {
    name: "verify",
    summary: "Compare files with a list of digests, as sha256sum -c does",
    load: async () => (await import("./verify.ts")).verifyCommand,
  },
  {
    name: "info",
    summary: "Tell what asynchronous I/O this system offers",
    load: async () => (await import("./info.ts")).infoCommand,
  },
  {
    name: "bench",
    summary: "Measure reads of a file: rates and latencies",
    load: async () => (await import("./bench.ts")).benchCommand,
  },
];

const OVERVIEW = `aio: POSIX asynchronous I/O from the command line

Usage: aio COMMAND [options] [arguments]

Commands:
${COMMANDS.map(({ name, summary }) => `  ${name.padEnd(8)} ${summary}`).join("\n")}
  help     Explain a command: aio help COMMAND

Options:
  -h, --help     Show this text, or a command's
  -V, --version  Show the version

Exit status: 0 if everything was done, 1 if something failed, 2 for wrong usage, 130 after Ctrl-C.
`;

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
  const [name, ...rest] = args;
  try {
    if (name === undefined || name === "-h" || name === "--help") return say(OVERVIEW);
    if (name === "-V" || name === "--version" || name === "version") return say(`aio ${VERSION}\n`);
    if (name === "help") return say(rest.length === 0 ? OVERVIEW : (await find(rest[0]).load()).help);
    const command = await find(name).load();
    const options = rest.includes("--") ? rest.slice(0, rest.indexOf("--")) : rest;
    if (options.includes("--help") || options.includes("-h")) return say(command.help);
    return await command.run(rest);
  } catch (error) {
    if (error instanceof UsageError) {
      const known = COMMANDS.some((command) => command.name === name);
      process.stderr.write(`aio: ${visible(error.message)}\nTry "aio ${known ? `${name} ` : ""}--help".\n`);
      return 2;
    }
    complain(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

function find(name: string): Entry {
  const command = COMMANDS.find((one) => one.name === name);
  if (command !== undefined) return command;
  const names = COMMANDS.map((one) => one.name).join(", ");
  throw new UsageError(`there is no command "${name}": the commands are ${names}`);
}

function say(text: string): number {
  print(text);
  return 0;
}
