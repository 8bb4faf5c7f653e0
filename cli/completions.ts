/**
 * `aio completions`: prints what makes a shell complete the command line.
 *
 * @module
 */

import type { Command } from "./command.ts";
import { print } from "./output.ts";
import { bashCompletions } from "./shells/bash.ts";
import { fishCompletions } from "./shells/fish.ts";
import { zshCompletions } from "./shells/zsh.ts";
import { optionTable } from "./spec/spec.ts";
import { COMPLETIONS, SHELLS } from "./spec/tell.ts";
import { STATUSES } from "./spec/statuses.ts";
import { parse, UsageError } from "./usage.ts";

const MAKERS: Readonly<Record<typeof SHELLS[number], () => string>> = {
  bash: bashCompletions,
  zsh: zshCompletions,
  fish: fishCompletions,
};

/** `aio completions` */
export const completionsCommand: Command = {
  run(args) {
    const { positionals } = parse(args, optionTable(COMPLETIONS));
    const list = SHELLS.join(", ").replace(/, (\w+)$/, " or $1");
    if (positionals.length !== 1) throw new UsageError(`expected one shell, ${list}; got ${positionals.length}`);
    const [shell] = positionals;
    if (!Object.hasOwn(MAKERS, shell)) throw new UsageError(`no completions for "${shell}": expected ${list}`);
    print(MAKERS[shell as keyof typeof MAKERS]());
    return Promise.resolve(STATUSES.done.status);
  },
};
