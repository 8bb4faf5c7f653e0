/**
 * Lines at the bottom of a terminal that are redrawn in place: each time with one write, so that nothing flickers, and cut to
 * the window's width, so that none wraps.
 *
 * @module
 */

import process from "node:process";

/** Letters that take two columns: of the East, and pictures. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const NONE = /[\p{M}\u200b-\u200f\ufe00-\ufe0f]/u;

function columnsOf(letter: string): number {
  return NONE.test(letter) ? 0 : WIDE.test(letter) ? 2 : 1;
}

/**
 * The columns that a text takes.
 *
 * @param text The text, without control characters.
 * @returns How many.
 */
export function widthOf(text: string): number {
  let width = 0;
  for (const letter of text) width += columnsOf(letter);
  return width;
}

/**
 * Cuts a text to a width.
 *
 * @param text The text, without control characters.
 * @param columns The width.
 * @returns It, or its beginning and `…`.
 */
export function cutTo(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let cut = "", left = columns - 1;
  for (const letter of text) {
    left -= columnsOf(letter);
    if (left < 0) break;
    cut += letter;
  }
  return columns < 1 ? "" : `${cut}…`;
}

/** Lines on standard error that stay where they are. */
export class Screen {
  #drawn: readonly string[] = [];

  /** How wide lines can be: one column less than the window, where some terminals wrap already. */
  get columns(): number {
    return Math.max(1, (process.stderr.columns || 80) - 1);
  }

  /** How many lines there can be. */
  get rows(): number {
    return Math.max(1, (process.stderr.rows || 24) - 1);
  }

  /** Draws lines in place of those before; each has to fit. */
  draw(lines: readonly string[]): void {
    if (lines.length === this.#drawn.length && lines.every((line, index) => line === this.#drawn[index])) return;
    process.stderr.write(`${this.#home()}${lines.map((line) => `${line}\x1b[K`).join("\n")}\x1b[J`);
    this.#drawn = lines;
  }

  /** Takes the lines away. */
  clear(): void {
    if (this.#drawn.length > 0) process.stderr.write(`${this.#home()}\x1b[J`);
    this.#drawn = [];
  }

  /** To where the first line begins; in a window that was made narrower, those lines take more than one row. */
  #home(): string {
    const rows = this.#drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / (this.columns + 1))), 0);
    return `${rows > 1 ? `\x1b[${rows - 1}A` : ""}\x1b[1G`;
  }
}
