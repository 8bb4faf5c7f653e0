/**
 * Wrong usage, and the parsing that finds it.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { nearest } from "./suggest.ts";

/** The command line is wrong: the message says what, and the exit status is 2. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** The options of a command, by name. */
export type OptionTable = Readonly<
  Record<string, { readonly type: "boolean" | "string"; readonly short?: string; readonly multiple?: boolean }>
>;

/** A parsed command line. */
export interface Parsed {
  /** Options that were given. */
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  /** Those that may be repeated, with all that was given for them. */
  readonly lists: Readonly<Record<string, readonly string[]>>;
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
    const lists: Record<string, string[]> = {};
    for (const [name, { multiple }] of Object.entries(options)) {
      if (multiple === true) lists[name] = (values[name] ?? []) as string[];
    }
    return { values: values as Parsed["values"], lists, positionals };
  } catch (error) {
    const [sentence] = (error as Error).message.split(/\. |\n/);
    const unknown = /^Unknown option '(.+)'/.exec(sentence);
    const known = Object.keys(options).map((name) => `--${name}`).filter((name) => name.length > 3);
    const meant = unknown === null ? undefined : nearest(unknown[1], known);
    const hint = unknown === null
      ? ""
      : meant === undefined
      ? "; -- comes before names that begin with a dash"
      : `; did you mean ${meant}?`;
    throw new UsageError(sentence.replace(/^./, (letter) => letter.toLowerCase()) + hint);
  }
}

/**
 * Gives an option its value, where that may be left out.
 *
 * @param args The arguments.
 * @param option The option, with its dashes.
 * @param value What it means alone.
 * @returns The arguments; behind `--` there are names, which stay as they are.
 */
export function withValue(args: readonly string[], option: string, value: string): string[] {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  return args.map((arg, index) => arg === option && index < end ? `${option}=${value}` : arg);
}

/** Options that are called otherwise on the command line. */
const OTHERWISE: Readonly<Record<string, string>> = { chunkBytes: "--chunk", bandwidthLimit: "--bandwidth" };

/**
 * Does something with options that were given: those that it refuses are wrong usage.
 *
 * @param action What to do.
 * @returns What it gives.
 * @throws {UsageError} With the options' names as they are typed.
 */
export function asUsage<Result>(action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    const dashed = (name: string) =>
      OTHERWISE[name] ?? `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new UsageError(error.message.replace(/^Cannot use (\w+)/, (_, name: string) => dashed(name)));
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
