/**
 * What `aio copy --help` and `aio sync --help` say.
 *
 * @module
 */

import { CHUNK_BYTES_DEFAULT, DEPTH_DEFAULT } from "../transfer/options.ts";
import { formatBytes } from "./format.ts";

const WHICH =
  `      --resume                  Go on where a copy with --resume was interrupted, also midway in a big file; skip what
                                is there. Interrupted, leave what there is for the next time
  -u, --update                  Replace only what is older than its source
  -n, --no-overwrite            Leave what exists alone (one file: that is an error)
      --include PATTERN         Only files that match, by name or, with a slash, by path within the folder; may be
                                repeated
      --exclude PATTERN         Not what matches; may be repeated
      --shard I/N|auto          A part of the files, by their paths; auto: by Slurm's or Kubernetes' environment
      --files-from FILE         More sources from a file, one a line; - for standard input
  -0, --null                    Names in it end with a NUL
      --dry-run                 Tell what would be done, and do nothing`;

const HOW =
  `  -m, --method auto|kernel|aio  One file: by the kernel's own copy calls, by asynchronous reads and writes, or
                                whichever is faster here (default: auto)
  -s, --sync                    Return only when the copy would survive a power cut
      --direct                  For aio: pass by the page cache (O_DIRECT) where the file systems can
      --depth N                 For aio: chunks under way at a time (default: ${DEPTH_DEFAULT})
      --chunk SIZE              For aio: bytes of one request, such as 256K or 1M (default: ${
    formatBytes(CHUNK_BYTES_DEFAULT).replace(/ (.).*/, "$1")
  })
      --in-place[=always]       Write into files that cannot be replaced (always: into every one); what fails midway
                                is damaged then
      --bandwidth SIZE          Folders: bytes a second at most, such as 10M
      --concurrency N           Folders: files under way at a time (default: 8)
      --verify                  Folders: read each copy again, past the page cache, and compare
      --manifest FILE           Folders: write a list of digests, as sha256sum does
      --stop-on-error           Folders: end with the first failure`;

const WHAT = `  -p, --preserve                Keep mode, owner and times, as cp -p does
      --preserve-times          Keep the times
  -L, --dereference             Folders: copy what symbolic links lead to`;

const TOLD = `  -v, --verbose                 A line for each entry
      --json                    One JSON object a line on standard output
  -q, --quiet                   Print nothing but errors
      --no-progress             No progress, only the summary
  -h, --help                    Show this text`;

const STATUS =
  `Exit status: 0 if everything arrived, 1 if something did not, 2 for wrong usage, 130 after Ctrl-C. Whatever happens, a
file has its old content or its whole new content; the same command again goes on with what is missing.
`;

/** `aio copy --help` */
export const COPY_HELP: string = `aio copy: copy files and folders

Usage: aio copy [options] SOURCE... TARGET

TARGET is a file or a folder; with several sources it must be a folder. - is standard input or output. A regular file gets
its new content and its name at once: until then the old file is untouched. Devices and FIFOs are written in place.

Options:
  -r, -R, --recursive           Copy folders with all that is in them; links, holes and FIFOs stay what they are
  -a, --archive                 -r, and keep mode, owner, times, lists and attributes, as cp -a does
${WHAT}
${WHICH}
${HOW}
${TOLD}

With Deno: deno run --allow-ffi --allow-read --allow-write cli.ts copy SOURCE TARGET

${STATUS}`;

/** `aio sync --help` */
export const SYNC_HELP: string = `aio sync: make a folder like another

Usage: aio sync [options] SOURCE TARGET

Copies what is in the folder SOURCE to the folder TARGET where it is missing or different, by size and time. Mode and times
are kept. What TARGET has besides stays, unless --delete is given.

Options:
  -a, --archive                 Keep owner, lists and attributes too
      --delete                  Remove what SOURCE lacks, at the end, if everything else went well
      --checksum                Compare contents where sizes are the same, instead of times
${WHICH}
${HOW}
  -L, --dereference             Copy what symbolic links lead to
${TOLD}

${STATUS}`;
