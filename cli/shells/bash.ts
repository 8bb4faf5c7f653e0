/**
 * Completions for bash, from 3.2 on; bash-completion is not needed.
 *
 * @module
 */

import { SPECS } from "../spec/all.ts";
import { GLOBAL_OPTIONS, SUMMARIES } from "../spec/overview.ts";
import { listed } from "../spec/spec.ts";
import type { CommandSpec, OptionSpec } from "../spec/spec.ts";

/**
 * Makes the script.
 *
 * @returns What bash reads.
 */
export function bashCompletions(): string {
  const specs = Object.values(SPECS);
  return `# Completions of aio for bash, made by "aio completions bash".
_aio() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command= prefix= words= word i
  COMPREPLY=()
  # where an equals sign separates words, --option=value is three of them
  if [[ $before == "=" ]]; then
    before=\${COMP_WORDS[COMP_CWORD-2]}=
  elif [[ $current == "=" ]]; then
    before=$before= current=
  elif [[ $current == --*=* ]]; then
    before=\${current%%=*}= prefix=\${current%%=*}= current=\${current#*=}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in
      --color)
        ((i++))
        if [[ \${COMP_WORDS[i]} == "=" ]]; then ((i++)); fi
        ;;
      --) return ;; # only names follow, which readline completes
      -*) ;;
      *) if [[ -z $command ]]; then command=$word; fi ;;
    esac
  done
  case "$command $before" in
    *" --color" | *" --color=") words="${wordsOf(GLOBAL_OPTIONS.find(({ name }) => name === "color")!)}" ;;
${specs.map(values).join("")}    *)
      case "$command $current" in
        " -"*) words="${GLOBAL_OPTIONS.map(({ name }) => `--${name}`).join(" ")}" ;;
        " "*) words="${Object.keys(SUMMARIES).join(" ")} help" ;;
        "help "*) words="${Object.keys(SUMMARIES).join(" ")}" ;;
${specs.map(options).join("")}      esac
      case "$command $current" in
        ${specs.filter(({ operands }) => operands === "files").map(({ name }) => `"${name} "`).join(" | ")}) return ;;
      esac
      if [[ -z $words ]]; then return; fi
      ;;
  esac
  compopt +o default 2>/dev/null
  COMPREPLY=($(compgen -P "$prefix" -W "$words" -- "$current"))
}
complete -o default -F _aio aio
`;
}

/** What follows an option. */
function values({ name, options }: CommandSpec): string {
  return options.filter(({ value }) => value !== undefined).map((option) => {
    const forms = option.optional === true ? [] : [`--${option.name}`];
    forms.push(`--${option.name}=`, ...[...option.short ?? ""].map((letter) => `-${letter}`));
    const pattern = forms.map((form) => `"${name} ${form}"`).join(" | ");
    if (option.kind === "file") return `    ${pattern}) return ;;\n`;
    if (option.kind === "folder") return `    ${pattern}) compopt -o dirnames +o default 2>/dev/null; return ;;\n`;
    return `    ${pattern}) words="${wordsOf(option)}" ;;\n`;
  }).join("");
}

/** The options of a command, and what else there is where no files are meant. */
function options(spec: CommandSpec): string {
  const { name, operands } = spec;
  const names = [...listed(spec), GLOBAL_OPTIONS[2]].map((option) => `--${option.name}`).join(" ");
  const others = operands === "files"
    ? ""
    : `        "${name} "*) words="${operands === "none" ? names : operands.join(" ")}" ;;\n`;
  return `        "${name} -"*) words="${names}" ;;\n${others}`;
}

function wordsOf({ choices = [] }: OptionSpec): string {
  return choices.join(" ");
}
