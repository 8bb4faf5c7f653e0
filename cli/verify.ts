/**
 * `aio verify`: whether files still have the digests of a list.
 *
 * @module
 */

import fs from "node:fs";
import { verify } from "../transfer/hash.ts";
import { parseManifest } from "../transfer/sums/manifest.ts";
import { paint } from "./color.ts";
import type { Command } from "./command.ts";
import { complain, print } from "./output.ts";
import { quoteName } from "./quote.ts";
import { withSignals } from "./signals.ts";
import { VERIFY } from "./spec/hash.ts";
import { optionTable } from "./spec/spec.ts";
import { asUsage, parse, UsageError } from "./usage.ts";

/** `aio verify` */
export const verifyCommand: Command = {
  async run(args) {
    const { values, positionals } = parse(args, optionTable(VERIFY));
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
    else if (error !== undefined) print(`${quoteName(path)}: ${paint(1, "bad", "FAILED open or read")}\n`);
    else if (matches === false) print(`${quoteName(path)}: ${paint(1, "bad", "FAILED")}\n`);
    else if (values.quiet !== true) print(`${quoteName(path)}: ${paint(1, "good", "OK")}\n`);
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
