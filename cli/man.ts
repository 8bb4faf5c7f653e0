/**
 * `aio man`: prints the manual page, made from the table of commands.
 *
 * @module
 */

import type { Command } from "./command.ts";
import { print } from "./output.ts";
import { SPECS } from "./spec/all.ts";
import { optionForm, wrap } from "./spec/help.ts";
import { CALLS, ENVIRONMENT, EXAMPLES, GLOBAL_OPTIONS, SUMMARIES, TITLE, UNRELATED } from "./spec/overview.ts";
import type { CommandName } from "./spec/overview.ts";
import { listed, optionTable } from "./spec/spec.ts";
import type { CommandSpec, OptionSpec } from "./spec/spec.ts";
import { STATUSES, statusLine } from "./spec/statuses.ts";
import { MAN } from "./spec/tell.ts";
import { parse, UsageError } from "./usage.ts";
import { VERSION, VERSION_DATE } from "./version.ts";

/** How long a line of the source of a page should be at most. */
const LINE_COLUMNS = 78;

/** `aio man` */
export const manCommand: Command = {
  run(args) {
    const { positionals } = parse(args, optionTable(MAN));
    if (positionals.length > 0) throw new UsageError(`man takes no argument "${positionals[0]}"`);
    print(manPage());
    return Promise.resolve(STATUSES.done.status);
  },
};

/**
 * The page.
 *
 * @returns Text for man(1), in the macros of man(7).
 */
export function manPage(): string {
  const specs = Object.values(SPECS);
  return lines(
    '.\\" Made by "aio man" from cli/spec/.',
    `.TH AIO 1 ${VERSION_DATE} "@posix/aio ${VERSION}" "User Commands"`,
    ".SH NAME",
    `aio \\- ${plain(TITLE)}`,
    ".SH SYNOPSIS",
    specs.flatMap(({ usage }) => usage).map(bold).join("\n.br\n"),
    ".SH COMMANDS",
    ...specs.map(command),
    ".SH OPTIONS",
    options(GLOBAL_OPTIONS),
    ".SH EXIT STATUS",
    ...Object.values(STATUSES).map(({ status, meaning }) => item(String(status), sentence(meaning))),
    ".SH ENVIRONMENT",
    ...ENVIRONMENT.map(([name, text]) => item(name, sentence(text))),
    ".SH EXAMPLES",
    ...EXAMPLES.map(([form, text]) => item(form, sentence(text))),
    ".SH NOTES",
    example(CALLS.join("\n")),
    ".PP",
    plain(UNRELATED),
    ".SH SEE ALSO",
    [["cp", 1], ["rsync", 1], ["sha256sum", 1], ["aio", 7], ["io_uring", 7]]
      .map(([name, section], index, { length }) => `.BR ${name} (${section})${index < length - 1 ? "," : ""}`)
      .join("\n"),
  );
}

function command(spec: CommandSpec): string {
  const { name, about, deno = [], done, failed, interruptible = false, promise } = spec;
  return lines(
    `.SS aio ${name}`,
    plain(`${SUMMARIES[name as CommandName]}.`),
    ...about.flatMap((text) => [".PP", text.startsWith("  ") ? example(text.replaceAll(/^ {2}/gm, "")) : plain(text)]),
    options(listed(spec)),
    ...deno.length === 0 ? [] : [".PP", "With Deno:", example(deno.join("\n"))],
    ".PP",
    plain(statusLine(done, failed, interruptible)),
    ...promise === undefined ? [] : [plain(promise)],
  );
}

function options(list: readonly OptionSpec[]): string {
  return lines(...list.map((option) => item(optionForm(option), sentence(option.text))));
}

/** A term with what it means. */
function item(term: string, text: string): string {
  return lines(".TP", bold(term), plain(text));
}

function bold(text: string): string {
  return `.B ${escape(text)}`;
}

function example(text: string): string {
  return lines(".EX", ...text.split("\n").map((line) => escape(line).replace(/^[.']/, "\\&$&")), ".EE");
}

function sentence(text: string): string {
  return `${text.replace(/^[a-z]/, (letter) => letter.toUpperCase())}.`;
}

/** A paragraph, in lines that do not begin with what would be a macro. */
function plain(text: string): string {
  return wrap(escape(text), LINE_COLUMNS).replaceAll(/^[.']/gm, "\\&$&");
}

/** A dash that can be typed is `\-` in roff; a straight quote and a caret have names. */
function escape(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("'", "\\(aq").replaceAll("~", "\\(ti")
    .replaceAll('"', "\\(dq");
}

function lines(...parts: string[]): string {
  return parts.map((part) => part.endsWith("\n") ? part : `${part}\n`).join("");
}
