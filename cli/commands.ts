/**
 * The table of commands: `aio NAME ...` runs one, `aio help NAME` and `aio NAME --help` explain it.
 *
 * @module
 */

import process from "node:process";
import { benchCommand } from "./bench.ts";
import type { Command } from "./command.ts";
import { copyCommand } from "./copy.ts";
import { infoCommand } from "./info.ts";
import { UsageError } from "./usage.ts";
import { VERSION } from "./version.ts";

const COMMANDS: readonly Command[] = [copyCommand, infoCommand, benchCommand];

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
  const [name, ...rest] = args;
  try {
    if (name === undefined || name === "-h" || name === "--help") return print(OVERVIEW);
    if (name === "-V" || name === "--version" || name === "version") return print(`aio ${VERSION}\n`);
    if (name === "help") return print(rest.length === 0 ? OVERVIEW : find(rest[0]).help);
    const command = find(name);
    const options = rest.includes("--") ? rest.slice(0, rest.indexOf("--")) : rest;
    if (options.includes("--help") || options.includes("-h")) return print(command.help);
    return await command.run(rest);
  } catch (error) {
    if (error instanceof UsageError) {
      const known = COMMANDS.some((command) => command.name === name);
      process.stderr.write(`aio: ${error.message}\nTry "aio ${known ? `${name} ` : ""}--help".\n`);
      return 2;
    }
    process.stderr.write(`aio: ${error instanceof Error ? error.message : error}\n`);
    return 1;
  }
}

function find(name: string): Command {
  const command = COMMANDS.find((one) => one.name === name);
  if (command !== undefined) return command;
  const names = COMMANDS.map((one) => one.name).join(", ");
  throw new UsageError(`there is no command "${name}": the commands are ${names}`);
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}
