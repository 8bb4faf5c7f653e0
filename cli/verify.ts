/**
 * `aio verify`: whether files still have the digests of a list.
 *
 * @module
 */

import fs from "node:fs";
import { verify } from "../transfer/hash.ts";
import { parseManifest } from "../transfer/sums/manifest.ts";
import type { Command } from "./command.ts";
import { complain, print } from "./output.ts";
import { quoteName } from "./quote.ts";
import { withSignals } from "./signals.ts";
import { asUsage, parse, UsageError } from "./usage.ts";
import type { OptionTable } from "./usage.ts";

const OPTIONS: OptionTable = {
  algorithm: { type: "string", short: "a" },
  base: { type: "string", short: "C" },
  quiet: { type: "boolean", short: "q" },
  status: { type: "boolean" },
  strict: { type: "boolean" },
  json: { type: "boolean" },
};

const HELP = `aio verify: compare files with a list of digests

Usage: aio verify [options] LIST...

LIST is what aio hash, sha256sum or a relative of it has written, with --tag or without; - is standard input.

Options:
  -a, --algorithm NAME  The digest, where lines do not name it (default: by its length; 64 digits are sha256)
  -C, --base FOLDER     Where the names begin (default: here)
  -q, --quiet           Do not tell of files that are as the list says
      --status          Tell of nothing, the exit status says it
      --strict          Lines that are none fail too
      --json            One JSON object a line
  -h, --help            Show this text

Exit status: 0 if every file is as the list says, 1 if one is not or is missing, 2 for wrong usage, 130 after Ctrl-C.
`;

/** `aio verify` */
export const verifyCommand: Command = {
  name: "verify",
  summary: "Compare files with a list of digests, as sha256sum -c does",
  help: HELP,
  async run(args) {
    const { values, positionals } = parse(args, OPTIONS);
    if (positionals.length === 0) throw new UsageError("no list given");
    let status = 0;
    return await withSignals(async (signal) => {
      for (const list of positionals) status = Math.max(status, await verifyList(list, values, signal));
      return status;
    });
  },
};

async function verifyList(
  list: string,
  values: Readonly<Record<string, string | boolean | undefined>>,
  signal: AbortSignal,
): Promise<number> {
  const loud = values.status !== true;
  const content = fs.readFileSync(list === "-" ? 0 : list);
  const { errors } = parseManifest(content);
  for (const { line, reason } of loud ? errors : []) complain(`${list}, line ${line}: ${reason}`);
  const options = {
    algorithm: values.algorithm === undefined ? undefined : String(values.algorithm),
    base: values.base === undefined ? undefined : String(values.base),
    signal,
  };
  const transfer = asUsage(() => verify(content, options));
  for await (const { path, matches, error } of transfer) {
    if (values.json === true) print(`${JSON.stringify({ path, matches, error: error?.message })}\n`);
    else if (!loud) continue;
    else if (error !== undefined) print(`${quoteName(path)}: FAILED open or read\n`);
    else if (matches === false) print(`${quoteName(path)}: FAILED\n`);
    else if (values.quiet !== true) print(`${quoteName(path)}: OK\n`);
    if (error !== undefined && loud) complain(error.message);
  }
  const { failed, mismatched, malformed } = await transfer.summary;
  const told: [number, string][] = [
    [malformed, "lines are none of a list of digests"],
    [failed, "files could not be read"],
    [mismatched, "files have another digest"],
  ];
  for (const [count, what] of loud ? told : []) if (count > 0) complain(`WARNING: ${count} ${what}`);
  return failed + mismatched > 0 || values.strict === true && malformed > 0 ? 1 : 0;
}
