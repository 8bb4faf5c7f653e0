/**
 * What a command is made of, as data: from one such table come `--help`, the manual page, the shells' completions, the page
 * in docs/, and the options that the command line is parsed by.
 *
 * @module
 */

import type { OptionTable } from "../usage.ts";

/** An option. */
export interface OptionSpec {
  /** Its long name, without dashes. */
  readonly name: string;
  /** Its letters; the first is the usual one. */
  readonly short?: string;
  /** What its value is called; without it the option takes none. */
  readonly value?: string;
  /** The values that there are. */
  readonly choices?: readonly string[];
  /** Whether the value may be left out; it comes after an equals sign then. */
  readonly optional?: boolean;
  /** What a shell completes its value with. */
  readonly kind?: "file" | "folder";
  /** Whether it may be repeated. */
  readonly multiple?: boolean;
  /** Taken, but told nowhere: for those who know it from another command. */
  readonly unlisted?: boolean;
  /** What it does, in one or more sentences without a full stop at the end. */
  readonly text: string;
}

/** A command. */
export interface CommandSpec {
  readonly name: string;
  /** What it does, after its name in the first line. */
  readonly title: string;
  /** Its forms. */
  readonly usage: readonly string[];
  /** Paragraphs; what begins with two spaces is printed as it is. */
  readonly about: readonly string[];
  readonly options: readonly OptionSpec[];
  /** What its other arguments are: names of files or folders, words of a list, or none. */
  readonly operands: "files" | "none" | readonly string[];
  /** How Deno runs it, with the permissions that it needs. */
  readonly deno?: readonly string[];
  /** When it exits with 0. */
  readonly done: string;
  /** When it exits with 1. */
  readonly failed: string;
  /** Whether Ctrl-C is answered by an exit status of its own. */
  readonly interruptible?: boolean;
  /** What there is to say after the exit statuses. */
  readonly promise?: string;
}

/** The option that every command has. */
export const HELP_OPTION: OptionSpec = { name: "help", short: "h", text: "Show this text" };

/**
 * What the command line is parsed by.
 *
 * @param spec The command.
 * @returns Its options, as node:util's parseArgs takes them; letters beyond the first are options of their own.
 */
export function optionTable({ options }: CommandSpec): OptionTable {
  const table: Record<string, OptionTable[string]> = {};
  for (const { name, short = "", value, multiple } of options) {
    const type = value === undefined ? "boolean" : "string";
    const [first, ...others] = short;
    table[name] = {
      type,
      ...(first === undefined ? {} : { short: first }),
      ...(multiple === true ? { multiple } : {}),
    };
    for (const letter of others) table[letter] = { type, short: letter };
  }
  return table;
}

/**
 * The options that people are told of.
 *
 * @param spec The command.
 * @returns Them, with `--help` at the end.
 */
export function listed({ options }: CommandSpec): readonly OptionSpec[] {
  return [...options.filter(({ unlisted }) => unlisted !== true), HELP_OPTION];
}
