/**
 * `aio copy` and `aio sync` as data.
 *
 * @module
 */

import { CHUNK_BYTES_DEFAULT, DEPTH_DEFAULT } from "../../transfer/defaults.ts";
import { CHOICE, listOptions } from "./choice.ts";
import type { CommandSpec, OptionSpec } from "./spec.ts";

const WHICH: readonly OptionSpec[] = [
  {
    name: "resume",
    text: "Go on where a copy with --resume was interrupted, also midway in a big file; skip what is there. " +
      "Interrupted, leave what there is for the next time",
  },
  { name: "update", short: "u", text: "Replace only what is older than its source" },
  { name: "no-overwrite", short: "n", text: "Leave what exists alone (one file: that is an error)" },
  ...CHOICE,
  ...listOptions("More sources"),
  { name: "dry-run", text: "Tell what would be done, and do nothing" },
];

const HOW: readonly OptionSpec[] = [
  {
    name: "method",
    short: "m",
    value: "auto|kernel|aio",
    choices: ["auto", "kernel", "aio"],
    text: "One file: by the kernel's own copy calls, by asynchronous reads and writes, or whichever is faster here " +
      "(default: auto)",
  },
  {
    name: "engine",
    value: "auto|posix|io_uring",
    choices: ["auto", "posix", "io_uring"],
    text: "For aio: what runs the requests, the C library's AIO or Linux' io_uring (default: auto, io_uring between " +
      "disks that it can be had for; AIO_ENGINE=posix forbids it)",
  },
  { name: "sync", short: "s", text: "Return only when the copy would survive a power cut" },
  { name: "direct", text: "For aio: pass by the page cache (O_DIRECT) where the file systems can" },
  { name: "depth", value: "N", text: `For aio: chunks under way at a time (default: ${DEPTH_DEFAULT})` },
  {
    name: "chunk",
    value: "SIZE",
    text: `For aio: bytes of one request, such as 256K or 1M (default: ${CHUNK_BYTES_DEFAULT / 1024}K)`,
  },
  {
    name: "in-place",
    value: "always",
    choices: ["always"],
    optional: true,
    text: "Write into files that cannot be replaced (always: into every one); what fails midway is damaged then",
  },
  { name: "bandwidth", value: "SIZE", text: "Folders: bytes a second at most, such as 10M" },
  { name: "concurrency", value: "N", text: "Folders: files under way at a time (default: 8)" },
  { name: "verify", text: "Folders: read each copy again, past the page cache, and compare" },
  {
    name: "manifest",
    value: "FILE",
    kind: "file",
    text: "Folders: write a list of digests, as sha256sum does",
  },
  { name: "stop-on-error", text: "Folders: end with the first failure" },
];

const TOLD: readonly OptionSpec[] = [
  { name: "verbose", short: "v", text: "A line for each entry" },
  { name: "json", text: "One JSON object a line on standard output" },
  { name: "quiet", short: "q", text: "Print nothing but errors" },
  { name: "no-progress", text: "No progress, only the summary" },
];

const PRESERVE: readonly OptionSpec[] = [
  { name: "preserve", short: "p", text: "Keep mode, owner and times, as cp -p does" },
  { name: "preserve-times", text: "Keep the times" },
];

const RECURSIVE: OptionSpec = {
  name: "recursive",
  short: "rR",
  text: "Copy folders with all that is in them; links, holes and FIFOs stay what they are",
};

const DELETE: OptionSpec = {
  name: "delete",
  text: "Remove what SOURCE lacks, at the end, if everything else went well",
};

const CHECKSUM: OptionSpec = {
  name: "checksum",
  text: "Compare contents where sizes are the same, instead of times",
};

function unlisted(...options: readonly OptionSpec[]): readonly OptionSpec[] {
  return options.map((option) => ({ ...option, unlisted: true }));
}

const ENDS = {
  done: "everything arrived",
  failed: "something did not",
  interruptible: true,
  promise:
    "Whatever happens, a file has its old content or its whole new content; the same command again goes on with " +
    "what is missing.",
} as const;

/** `aio copy` */
export const COPY: CommandSpec = {
  name: "copy",
  title: "copy files and folders",
  usage: ["aio copy [options] SOURCE... TARGET"],
  about: [
    "TARGET is a file or a folder; with several sources it must be a folder. - is standard input or output. A regular " +
    "file gets its new content and its name at once: until then the old file is untouched. Devices and FIFOs are " +
    "written in place.",
  ],
  options: [
    RECURSIVE,
    {
      name: "archive",
      short: "a",
      text: "-r, and keep mode, owner, times, lists and attributes, as cp -a does",
    },
    ...PRESERVE,
    { name: "dereference", short: "L", text: "Folders: copy what symbolic links lead to" },
    ...WHICH,
    ...HOW,
    ...unlisted(DELETE, CHECKSUM),
    ...TOLD,
  ],
  operands: "files",
  deno: ["deno run --allow-ffi --allow-read --allow-write cli.ts copy SOURCE TARGET"],
  ...ENDS,
};

/** `aio sync` */
export const SYNC: CommandSpec = {
  name: "sync",
  title: "make a folder like another",
  usage: ["aio sync [options] SOURCE TARGET"],
  about: [
    "Copies what is in the folder SOURCE to the folder TARGET where it is missing or different, by size and time. Mode " +
    "and times are kept. What TARGET has besides stays, unless --delete is given.",
  ],
  options: [
    { name: "archive", short: "a", text: "Keep owner, lists and attributes too" },
    DELETE,
    CHECKSUM,
    ...WHICH,
    ...HOW,
    { name: "dereference", short: "L", text: "Copy what symbolic links lead to" },
    ...unlisted(RECURSIVE, ...PRESERVE),
    ...TOLD,
  ],
  operands: "files",
  ...ENDS,
};
