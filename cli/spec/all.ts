/**
 * Every command, in the order in which people are told of them.
 *
 * @module
 */

import { COPY, SYNC } from "./copy.ts";
import { HASH, VERIFY } from "./hash.ts";
import type { CommandName } from "./overview.ts";
import type { CommandSpec } from "./spec.ts";
import { BENCH, COMPLETIONS, INFO, MAN } from "./tell.ts";

/** The commands. */
export const SPECS: Readonly<Record<CommandName, CommandSpec>> = {
  copy: COPY,
  sync: SYNC,
  hash: HASH,
  verify: VERIFY,
  info: INFO,
  bench: BENCH,
  completions: COMPLETIONS,
  man: MAN,
};
