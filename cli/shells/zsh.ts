/**
 * Completions for zsh: as `_aio` in a folder of `$fpath`, or evaluated after `compinit`.
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
 * @returns What zsh reads.
 */
export function zshCompletions(): string {
  const commands = { ...SUMMARIES, help: "Explain a command" };
  return `#compdef aio
# Completions of aio for zsh, made by "aio completions zsh".
_aio() {
  local context state state_descr line
  typeset -A opt_args
  local -a commands=(
${
    Object.entries(commands).map(([name, text]) => `    ${quoted(`${name}:${text.replaceAll(":", "\\:")}`)}\n`).join("")
  }  )
  _arguments -C -s -S \\
${GLOBAL_OPTIONS.map(argument).join("")}    '1:command:->command' \\
    '*::argument:->arguments'
  case $state in
    command) _describe -t commands 'command' commands ;;
    arguments)
      case $line[1] in
        help) _describe -t commands 'command' commands ;;
${Object.values(SPECS).map(command).join("")}      esac
      ;;
  esac
}
if [ "$funcstack[1]" = _aio ]; then
  _aio "$@"
else
  compdef _aio aio
fi
`;
}

function command(spec: CommandSpec): string {
  const { name, operands } = spec;
  const last = operands === "files" ? "'*:file:_files'" : operands === "none" ? "" : `'1:word:(${operands.join(" ")})'`;
  const list = [...listed(spec), COLOR_OPTION].map((option) => `      ${argument(option)}`).join("");
  return `        ${name})\n          _arguments -s -S \\\n${list}${last === "" ? "" : `            ${last}`}`
    .replace(/ \\\n$/, "") + "\n          ;;\n";
}

/** One line for `_arguments`, which reads `:`, `[` and `]` as its own. */
function argument(option: OptionSpec): string {
  const { name, short = "", value, choices, optional, kind, multiple } = option;
  const text = `[${brief(option).replaceAll(/[\][:\\]/g, "\\$&")}]`;
  const action = choices !== undefined
    ? `(${choices.join(" ")})`
    : kind === "file"
    ? "_files"
    : kind === "folder"
    ? "_files -/"
    : " ";
  const what = value === undefined
    ? ""
    : `:${optional === true ? ":" : ""}${value.replaceAll(/[:|]/g, " ").toLowerCase()}:${action}`;
  const letter = value === undefined ? "" : "+";
  const equals = value === undefined ? "" : optional === true ? "=-" : "=";
  const forms = [...[...short].map((one) => `-${one}${letter}`), `--${name}${equals}`];
  const others = multiple === true ? "*" : `(${[...short].map((one) => `-${one} `).join("")}--${name})`;
  const names = forms.length === 1 ? quoted(forms[0] + text + what) : `{${forms.join(",")}}${quoted(text + what)}`;
  return `    ${forms.length === 1 ? quoted(others + forms[0] + text + what) : quoted(others) + names} \\\n`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
