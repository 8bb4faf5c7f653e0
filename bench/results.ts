/**
 * What a benchmark finds: the entries of each case, and the ratios of this package to its peers.
 *
 * @module
 */

import { ratioOf } from "./statistics.ts";
import type { Spread } from "./statistics.ts";

/** What one contestant of a case reached. */
export interface Entry {
  readonly name: string;
  readonly version: string;
  /** Whether it is this package. */
  readonly own: boolean;
  /** Thousands of requests a second, or the inverse of seconds for commands; round by round. */
  readonly rates: readonly number[];
  readonly rate: Spread;
  /** Microseconds of processor time for a request, median; absent for commands. */
  readonly processorUs?: number | undefined;
  /** How late timers were meanwhile, 99th percentile in milliseconds; the median of the rounds. */
  readonly delayMs?: number | undefined;
}

/** What came of a case. */
export interface CaseResult {
  readonly name: string;
  readonly unit: string;
  readonly entries: readonly Entry[];
  /** This package against each peer: medians and spreads of the ratios within a round. */
  readonly ratios: readonly { readonly own: string; readonly peer: string; readonly ratio: Spread }[];
  /** Contestants that could not run, and why. */
  readonly failures: readonly string[];
}

/** This package's entries against all others, runtime by runtime where the peer has one. */
export function ratiosOf(entries: readonly Entry[]): CaseResult["ratios"] {
  const own = entries.filter((entry) => entry.own);
  const others = entries.filter((entry) => !entry.own);
  return own.flatMap((ours) =>
    others
      .filter((theirs) => !/ in (deno|bun|node)$/.test(theirs.name) || ours.version === theirs.version)
      .map((theirs) => ({ own: ours.name, peer: theirs.name, ratio: ratioOf(ours.rates, theirs.rates) }))
  );
}
