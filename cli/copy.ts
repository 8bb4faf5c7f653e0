/**
 * `aio copy`: files to a file or a directory, with progress and a summary.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import { copy } from "../transfer/copy.ts";
import { checkOptions, CHUNK_BYTES_DEFAULT, DEPTH_DEFAULT } from "../transfer/options.ts";
import type { CopyOptions } from "../transfer/options.ts";
import type { Command } from "./command.ts";
import { JsonReport, TextReport } from "./copy_report.ts";
import type { CopyReport } from "./copy_report.ts";
import { formatBytes } from "./format.ts";
import { withSignals } from "./signals.ts";
import { parse, readNumber, readSize, UsageError } from "./usage.ts";
import type { OptionTable, Parsed } from "./usage.ts";

const OPTIONS: OptionTable = {
  method: { type: "string", short: "m" },
  sync: { type: "boolean", short: "s" },
  direct: { type: "boolean" },
  depth: { type: "string" },
  chunk: { type: "string" },
  "no-overwrite": { type: "boolean", short: "n" },
  "preserve-times": { type: "boolean", short: "p" },
  json: { type: "boolean" },
  quiet: { type: "boolean", short: "q" },
  "no-progress": { type: "boolean" },
};

const HELP = `aio copy: copy files

Usage: aio copy [options] SOURCE... TARGET

TARGET is a file or a directory; with several sources it must be a directory. A regular file gets its new content and
its name at once: until then the old file is untouched. Devices and FIFOs are written in place. Links are followed.

Options:
  -m, --method auto|kernel|aio  How: by the kernel's own copy calls, by asynchronous reads and writes, or whichever
                                is faster here (default: auto)
  -s, --sync                    Return only when the copy would survive a power cut
      --direct                  For aio: pass by the page cache (O_DIRECT) where the file systems can
      --depth N                 For aio: chunks under way at a time (default: ${DEPTH_DEFAULT})
      --chunk SIZE              For aio: bytes of one request, such as 256K or 1M (default: ${
  formatBytes(CHUNK_BYTES_DEFAULT).replace(/ (.).*/, "$1")
})
  -n, --no-overwrite            Leave a target that exists alone: that is an error
  -p, --preserve-times          Give the copy the source's times
      --json                    One JSON object per line on standard output: progress, copied, failed, summary
  -q, --quiet                   Print nothing but errors
      --no-progress             No progress, only the summary
  -h, --help                    Show this text

With Deno: deno run --allow-ffi --allow-read --allow-write cli.ts copy SOURCE TARGET

Exit status: 0 if every file arrived, 1 if one did not, 2 for wrong usage, 130 after Ctrl-C.
`;

/** `aio copy` */
export const copyCommand: Command = {
  name: "copy",
  summary: "Copy files, with progress",
  help: HELP,
  async run(args) {
    const { values, positionals } = parse(args, OPTIONS);
    const sources = positionals.slice(0, -1);
    const target = positionals.at(-1);
    if (target === undefined || sources.length === 0) {
      throw new UsageError(target === undefined ? "no source and no target given" : `no target given for "${target}"`);
    }
    const options = readOptions(values);
    if (sources.length > 1 && !isDirectory(target)) {
      throw new UsageError(`the target "${target}" is no directory, and there are ${sources.length} sources`);
    }
    const report = values.json === true
      ? new JsonReport(values["no-progress"] !== true && values.quiet !== true)
      : new TextReport(values.quiet !== true, values["no-progress"] !== true && values.quiet !== true);
    return await withSignals((signal) => copyAll(sources, target, { ...options, signal }, report));
  },
};

function readOptions(values: Parsed["values"]): CopyOptions {
  const options: CopyOptions = {
    method: values.method as CopyOptions["method"],
    sync: values.sync === true,
    direct: values.direct === true,
    overwrite: values["no-overwrite"] !== true,
    preserveTimestamps: values["preserve-times"] === true,
    depth: values.depth === undefined ? undefined : readNumber("depth", String(values.depth)),
    chunkBytes: values.chunk === undefined ? undefined : readSize("chunk", String(values.chunk)),
  };
  try {
    checkOptions(options);
  } catch (error) {
    const message = (error as Error).message.replace("Cannot use chunkBytes", "--chunk").replace("Cannot use ", "--");
    throw new UsageError(message);
  }
  return options;
}

function isDirectory(name: string): boolean {
  try {
    return fs.statSync(name).isDirectory();
  } catch {
    return false;
  }
}

/** Copies one after another; a failure does not keep the others from being copied. */
async function copyAll(
  sources: readonly string[],
  target: string,
  options: CopyOptions & { readonly signal: AbortSignal },
  report: CopyReport,
): Promise<number> {
  let failed = 0;
  for (const source of sources) {
    if (options.signal.aborted) break;
    const onProgress = await report.begin(path.basename(source), source, target);
    try {
      report.copied(await copy(source, target, { ...options, onProgress }));
    } catch (error) {
      failed++;
      report.failed(source, target, error);
    }
  }
  report.end(failed);
  return failed === 0 && !options.signal.aborted ? 0 : 1;
}
