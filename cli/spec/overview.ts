/**
 * What `aio` is as a whole: its commands by name, the options of all of them, the environment, and how it is called.
 *
 * @module
 */

import { HELP_OPTION } from "./spec.ts";
import type { OptionSpec } from "./spec.ts";

/** What it is, in a few words. */
export const TITLE = "POSIX asynchronous I/O from the command line";

/** Each command in one line. */
export const SUMMARIES = {
  copy: "Copy files and folders, with progress",
  sync: "Make a folder like another: copy what is missing or different",
  hash: "Print digests of files and folders, as sha256sum does",
  verify: "Compare files with a list of digests, as sha256sum -c does",
  info: "Tell what asynchronous I/O this system offers",
  bench: "Measure reads of a file: rates and latencies",
  completions: "Print the completions of a shell: bash, zsh or fish",
  man: "Print the manual page: aio man | man -l -",
} as const;

/** The name of a command. */
export type CommandName = keyof typeof SUMMARIES;

/** The words that `--color` takes. */
export const COLOR_CHOICES = ["auto", "always", "never"] as const;

/** When to use colours; every command takes it. */
export const COLOR_OPTION: OptionSpec = {
  name: "color",
  value: "WHEN",
  choices: COLOR_CHOICES,
  text: "Colours, for every command (default: auto, on a terminal where NO_COLOR is not set)",
};

/** Options without a command. */
export const GLOBAL_OPTIONS: readonly OptionSpec[] = [
  { ...HELP_OPTION, text: "Show this text, or a command's" },
  { name: "version", short: "V", text: "Show the version" },
  COLOR_OPTION,
];

/** The flags that all commands but `info --check` can do with. */
const FLAGS = "--allow-ffi --allow-read --allow-write";

/** How the command is called where the package is installed, and how it is not. */
export const CALLS: readonly string[] = [
  "With Deno:         deno install -g -n aio " + FLAGS + " jsr:@posix/aio/cli",
  "With Node 26:      node node_modules/@posix/aio/cli.js COMMAND ...",
  "With Bun:          bun node_modules/@posix/aio/cli.js COMMAND ...",
];

/** What somebody else's package is called. */
export const UNRELATED = 'npm\'s package "aio", which npx aio and bunx aio fetch, is not this one.';

/** What the environment changes. */
export const ENVIRONMENT: readonly (readonly [name: string, text: string])[] = [
  ["AIO_ENGINE", "If posix, nothing uses io_uring"],
  ["NO_COLOR", "If set and not empty, no colours, unless --color always is given"],
  ["TERM", "If dumb, no colours, and plain lines instead of a live line of progress"],
  ["XDG_CACHE_HOME, NODE_DISABLE_COMPILE_CACHE", "Where Node keeps what it has compiled; that it keeps nothing"],
  ["TMPDIR, TMP, TEMP", "Where info --check makes its files"],
];

/** Examples for the manual page. */
export const EXAMPLES: readonly (readonly [command: string, text: string])[] = [
  ["aio copy --sync big.iso /mnt/backup/", "Copy a file, and return when it would survive a power cut"],
  ["aio copy -a photos /mnt/backup/", "Copy a folder with all that is in it, everything kept"],
  ["aio sync --delete photos /mnt/mirror", "Make a folder like another"],
  ["aio hash photos > SUMS && aio verify SUMS", "Write digests, and compare with them"],
  ["aio info --check", "Try what this machine offers"],
];
