/**
 * Colours, where they are wanted: on a terminal that can show them, unless `--color` or NO_COLOR says otherwise.
 *
 * @module
 */

import tty from "node:tty";
import { environmentVariable } from "../ffi/environment.ts";

/** What `--color` says. */
let when = "auto";

/** Select Graphic Rendition parameters, ECMA-48. */
const STYLES = { good: "32", bad: "1;31", strong: "1", bar: "36" } as const;

/**
 * Takes the word of `--color`.
 *
 * @param word The word.
 * @returns Whether it is one that there is.
 */
export function setColor(word: string | undefined): boolean {
  if (word !== "auto" && word !== "always" && word !== "never") return false;
  when = word;
  return true;
}

/**
 * Colours a text.
 *
 * @param fd What it is printed on: 1 or 2.
 * @param style What it is.
 * @param text The text.
 * @returns It, with escape codes where colours are wanted there.
 */
export function paint(fd: 1 | 2, style: keyof typeof STYLES, text: string): string {
  return when === "always" || when === "auto" && shows(fd) ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text;
}

function shows(fd: number): boolean {
  return tty.isatty(fd) && !environmentVariable("NO_COLOR") && environmentVariable("TERM") !== "dumb";
}
