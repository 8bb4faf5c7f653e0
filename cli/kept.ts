/**
 * What is told of a copy that lacks something of what it was to have.
 *
 * @module
 */

import { complain } from "./output.ts";
import { quoteName } from "./quote.ts";

/** What decides who may use a file: cp fails where it cannot keep them. Owners go silently where that is not allowed. */
const RIGHTS = ["mode", "access control list", "default access control list"];

/**
 * Complains of rights that a copy could not be given.
 *
 * @param target The copy.
 * @param notKept What it lacks, in words.
 * @returns Whether that makes the command fail.
 */
export function complainOfRights(target: string, notKept: readonly string[]): boolean {
  const lost = notKept.filter((name) => RIGHTS.includes(name));
  if (lost.length === 0) return false;
  complain(`${quoteName(target)} was copied, but its ${lost.join(" and ")} could not be kept: its file system refuses`);
  return true;
}
