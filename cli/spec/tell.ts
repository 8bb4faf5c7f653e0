/**
 * The commands that tell something as data: `aio info`, `aio bench`, `aio completions`, `aio man`.
 *
 * @module
 */

import type { CommandSpec } from "./spec.ts";

/** The shells that there are completions for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** `aio info` */
export const INFO: CommandSpec = {
  name: "info",
  title: "what asynchronous I/O this machine offers",
  usage: ["aio info [--json]", "aio info --check [--waiter NAME] [--json]"],
  about: [
    "Shows the runtime, the C library and its version, which functions were found, limits, how completions are waited " +
    "for, and the defaults in force.",
    "With --check it tries everything that this package relies on, with files in the temporary folder, and shows what " +
    "holds. Send what it prints with a report about a system of yours.",
  ],
  options: [
    { name: "check", text: "Try what the package relies on" },
    {
      name: "waiter",
      value: "NAME",
      choices: ["auto", "kqueue", "suspend"],
      text: "For --check: how the queue waits, auto, kqueue (FreeBSD) or suspend (default: auto)",
    },
    { name: "json", text: "One JSON object" },
  ],
  operands: "none",
  deno: [
    "deno run --allow-ffi cli.ts info",
    "deno run --allow-ffi --allow-read=/tmp --allow-write=/tmp --allow-env=TMPDIR,TMP,TEMP cli.ts info --check",
  ],
  done: "everything was told, and with --check holds",
  failed: "something does not",
};

/** `aio bench` */
export const BENCH: CommandSpec = {
  name: "bench",
  title: "measure reads of a file",
  usage: ["aio bench [options] FILE"],
  about: [
    "Reads FILE, which is not changed, in several ways: random blocks of 4 KiB and sequential ones of 1 MiB, from the page " +
    "cache and, where the file system can, past it (O_DIRECT), with more and more requests in flight. node:fs, reading " +
    "the same way, stands beside.",
    "For each way it tells the rate and how long requests took, from their submission until the program has what was read: " +
    "half of them at most the median, 99 of 100 at most the 99th percentile. With --json there are more percentiles, as " +
    "microseconds; with --svg they are drawn.",
  ],
  options: [
    {
      name: "engine",
      value: "posix|io_uring|auto",
      choices: ["posix", "io_uring", "auto"],
      text:
        "What runs the requests: the C library's AIO, Linux' io_uring, or io_uring where it can be had (default: posix)",
    },
    { name: "seconds", value: "N", text: "Length of one measurement, after a warm-up as long (default: 1)" },
    { name: "json", text: "One JSON object per line on standard output" },
    {
      name: "svg",
      value: "OUT",
      kind: "file",
      text: "Write a chart to the file OUT: rates over the requests in flight, latencies as percentiles",
    },
  ],
  operands: "files",
  deno: [
    "deno run --allow-ffi --allow-read cli.ts bench FILE",
    "deno run --allow-ffi --allow-read --allow-write=OUT cli.ts bench --svg OUT FILE",
  ],
  done: "everything was measured or left out for a reason",
  failed: "FILE cannot be read, or OUT not written",
};

/** `aio completions` */
export const COMPLETIONS: CommandSpec = {
  name: "completions",
  title: "print the completions of a shell",
  usage: [`aio completions ${SHELLS.join("|")}`],
  about: [
    "Commands, options, the words that options take, and names of files. To install them:",
    "  aio completions bash > ~/.local/share/bash-completion/completions/aio\n" +
    "  aio completions zsh > FOLDER/_aio         # a folder of $fpath\n" +
    "  aio completions fish > ~/.config/fish/completions/aio.fish",
    "For this shell alone, in bash and zsh:",
    '  eval "$(aio completions bash)"',
  ],
  options: [],
  operands: SHELLS,
  done: "they were printed",
  failed: "they could not be",
};

/** `aio man` */
export const MAN: CommandSpec = {
  name: "man",
  title: "print the manual page",
  usage: ["aio man"],
  about: [
    "In the form that man(1) reads. To read it, and to install it:",
    "  aio man | man -l -\n  aio man > ~/.local/share/man/man1/aio.1",
  ],
  options: [],
  operands: "none",
  done: "it was printed",
  failed: "it could not be",
};
