/**
 * Completions for fish, from 3.0 on.
 *
 * @module
 */

import { SPECS } from "../spec/all.ts";
import { COLOR_OPTION, GLOBAL_OPTIONS, SUMMARIES } from "../spec/overview.ts";
import { listed } from "../spec/spec.ts";
import type { CommandSpec, OptionSpec } from "../spec/spec.ts";
import { brief } from "./brief.ts";

/**
 * Makes the script.
 *
 * @returns What fish reads.
 */
export function fishCompletions(): string {
  const commands = { ...SUMMARIES, help: "Explain a command" };
  const names = Object.keys(SUMMARIES).join(" ");
  return `# Completions of aio for fish, made by "aio completions fish".
# Whether the command is one of these; without arguments, whether there is none yet.
function __aio_command
    set -l words (commandline -opc)
    set -l value no
    for word in $words[2..-1]
        if test $value = yes
            set value no
        else if test "$word" = --color
            set value yes
        else if not string match -q -- '-*' $word
            contains -- $word $argv
            return
        end
    end
    test (count $argv) -eq 0
end
${
    Object.entries(commands).map(([name, text]) =>
      `complete -c aio -n __aio_command -f -a ${name} -d ${quoted(text)}\n`
    ).join("")
  }${GLOBAL_OPTIONS.slice(0, 2).map((option) => line("__aio_command", option)).join("")}complete -c aio -n ${
    quoted("__aio_command help")
  } -f -a ${quoted(names)}
${line("", COLOR_OPTION)}${Object.values(SPECS).map(command).join("")}`;
}

function command(spec: CommandSpec): string {
  const { name, operands } = spec;
  const when = `__aio_command ${name}`;
  const others = operands === "files"
    ? ""
    : `complete -c aio -n ${quoted(when)} -f${operands === "none" ? "" : ` -a ${quoted(operands.join(" "))}`}\n`;
  return listed(spec).map((option) => line(when, option)).join("") + others;
}

function line(when: string, option: OptionSpec): string {
  const { name, short = "", value, choices, optional, kind } = option;
  const letters = [...short].map((letter) => ` -s ${letter}`).join("");
  const takes = value === undefined || optional === true
    ? ""
    : kind === "file"
    ? " -r"
    : kind === "folder"
    ? ` -x -a ${quoted("(__fish_complete_directories)")}`
    : " -x";
  const list = choices === undefined ? "" : optional === true ? "" : ` -a ${quoted(choices.join(" "))}`;
  const condition = when === "" ? "" : ` -n ${quoted(when)}`;
  return `complete -c aio${condition}${letters} -l ${name}${takes}${list} -d ${quoted(brief(option))}\n`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
