/**
 * Wrong usage, and the parsing that finds it.
 *
 * @module
 */

import { parseArgs } from "node:util";

/** The command line is wrong: the message says what, and the exit status is 2. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** The options of a command, by name. */
export type OptionTable = Readonly<Record<string, { readonly type: "boolean" | "string"; readonly short?: string }>>;

/** A parsed command line. */
export interface Parsed {
  /** Options that were given. */
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  /** The other arguments. */
  readonly positionals: readonly string[];
}

/**
 * Parses a command line.
 *
 * @param args The arguments.
 * @param options The options that there are.
 * @returns What was given.
 * @throws {UsageError} If an option is unknown or lacks its value.
 */
export function parse(args: string[], options: OptionTable): Parsed {
  try {
    const { values, positionals } = parseArgs({ args, options: { ...options }, allowPositionals: true });
    return { values: values as Parsed["values"], positionals };
  } catch (error) {
    const [sentence] = (error as Error).message.split(/\. |\n/);
    throw new UsageError(sentence.replace(/^./, (letter) => letter.toLowerCase()));
  }
}

/**
 * Reads a whole number.
 *
 * @param name The option.
 * @param text What was given for it.
 * @returns The number.
 * @throws {UsageError} If it is none.
 */
export function readNumber(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new UsageError(`--${name} "${text}": expected a whole number`);
  return Number(text);
}

/**
 * Reads a size such as `4096`, `256K`, `1M` or `1MiB`.
 *
 * @param name The option.
 * @param text What was given for it.
 * @returns The size in bytes.
 * @throws {UsageError} If it is none.
 */
export function readSize(name: string, text: string): number {
  const found = /^(\d+)([kmg]?)(?:i?b)?$/i.exec(text);
  if (found === null) throw new UsageError(`--${name} "${text}": expected a size such as 4096, 256K or 1M`);
  return Number(found[1]) * 1024 ** " kmg".indexOf(found[2].toLowerCase() || " ");
}
