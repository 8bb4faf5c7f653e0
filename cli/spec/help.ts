/**
 * The `--help` texts, made from the table.
 *
 * @module
 */

import { CALLS, GLOBAL_OPTIONS, SUMMARIES, TITLE, UNRELATED } from "./overview.ts";
import { listed } from "./spec.ts";
import type { CommandSpec, OptionSpec } from "./spec.ts";
import { STATUSES, statusLine } from "./statuses.ts";

/** How wide a line may be. */
const COLUMNS = 120;

/**
 * A command's help.
 *
 * @param spec The command.
 * @returns Lines of at most 120 columns.
 */
export function helpText(spec: CommandSpec): string {
  const { name, title, usage, about, deno = [], done, failed, interruptible = false, promise } = spec;
  const blocks = [
    `aio ${name}: ${title}`,
    `Usage: ${usage.join("\n       ")}`,
    ...about.map((paragraph) => paragraph.startsWith("  ") ? paragraph : wrap(paragraph)),
    `Options:\n${optionLines(listed(spec))}`,
    ...(deno.length === 0 ? [] : [`With Deno: ${deno.join("\n           ")}`]),
    wrap(statusLine(done, failed, interruptible) + (promise === undefined ? "" : ` ${promise}`)),
  ];
  return `${blocks.join("\n\n")}\n`;
}

/**
 * The help of `aio` itself.
 *
 * @returns Lines of at most 120 columns.
 */
export function overviewText(): string {
  const summaries = { ...SUMMARIES, help: "Explain a command: aio help COMMAND" };
  const width = Math.max(...Object.keys(summaries).map((name) => name.length));
  const blocks = [
    `aio: ${TITLE}`,
    "Usage: aio COMMAND [options] [arguments]",
    `Commands:\n${Object.entries(summaries).map(([name, text]) => `  ${name.padEnd(width)}  ${text}`).join("\n")}`,
    `Options:\n${optionLines(GLOBAL_OPTIONS)}`,
    `${CALLS.join("\n")}\n${wrap(UNRELATED)}`,
    statusLine(STATUSES.done.meaning, "something failed", true),
  ];
  return `${blocks.join("\n\n")}\n`;
}

/**
 * An option as it is typed, such as `-m, --method auto|kernel|aio`.
 *
 * @param option The option.
 * @returns Its letters, its name, its value.
 */
export function optionForm({ name, short = "", value, choices, optional }: OptionSpec): string {
  const letters = [...short].map((letter) => `-${letter}, `).join("");
  const text = choices === undefined || value === "NAME" ? value : choices.join("|");
  return `${letters}--${name}${value === undefined ? "" : optional === true ? `[=${text}]` : ` ${text}`}`;
}

function optionLines(options: readonly OptionSpec[]): string {
  const forms = options.map((option) => `${option.short === undefined ? "    " : ""}${optionForm(option)}`);
  const width = Math.max(...forms.map((form) => form.length));
  return options.map(({ text }, index) => {
    const lines = wrap(text, COLUMNS - width - 4).split("\n");
    return `  ${forms[index].padEnd(width)}  ${lines.join(`\n${" ".repeat(width + 4)}`)}`;
  }).join("\n");
}

/**
 * Breaks a text into lines.
 *
 * @param text The text.
 * @param columns The longest line.
 * @returns Lines.
 */
export function wrap(text: string, columns: number = COLUMNS): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines[lines.length - 1];
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= columns) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.join("\n");
}
