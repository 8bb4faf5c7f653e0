/**
 * What fits beside an option in a shell's list.
 *
 * @module
 */

import type { OptionSpec } from "../spec/spec.ts";

/**
 * The beginning of what is told of an option.
 *
 * @param option The option.
 * @returns Its text up to the first full stop, semicolon or bracket.
 */
export function brief({ text }: OptionSpec): string {
  return text.split(/; | \(|\. /)[0];
}
