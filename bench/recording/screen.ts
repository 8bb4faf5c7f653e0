/**
 * The screen of a terminal, as far as the command's output needs one: lines, colours, and the codes by which a line of progress
 * is drawn again (ECMA-48, and DEC's for the cursor's place).
 *
 * @module
 */

/** A stretch of a row in one style. */
export interface Span {
  readonly text: string;
  /** Select Graphic Rendition parameters that hold, such as `1;31`; empty for none. */
  readonly style: string;
}

interface Cell {
  readonly text: string;
  readonly style: string;
}

const EMPTY: Cell = { text: " ", style: "" };

// deno-lint-ignore no-control-regex -- it is what is looked for
const TOKEN = /\u001b\[([?\d;]*)([A-Za-z])|\u001b([78])|([\r\n\b])|([^\u001b\r\n\b])/gu;

/** A screen with the cursor in its first column. */
export class Screen {
  readonly #columns: number;
  #rows: Cell[][] = [[]];
  #row = 0;
  #column = 0;
  #style = "";
  #saved = [0, 0];
  #wraps = true;

  /** @param columns How wide it is. */
  constructor(columns: number) {
    this.#columns = columns;
  }

  /** Obeys what a program writes; a code may not be split between two calls. */
  write(text: string): void {
    for (const [, parameters, code, place, control, character] of text.matchAll(TOKEN)) {
      if (character !== undefined) this.#put(character);
      else if (code !== undefined) this.#obey(code, parameters);
      else if (place === "7") this.#saved = [this.#row, this.#column];
      else if (place === "8") [this.#row, this.#column] = this.#saved;
      else if (control === "\n") this.#goDown();
      else this.#column = control === "\r" ? 0 : Math.max(0, this.#column - 1);
    }
  }

  /** What stands in each row, without empty cells at the end. */
  rows(): Span[][] {
    return this.#rows.map((cells) => {
      const spans: { text: string; style: string }[] = [];
      for (const { text, style } of trimmed(cells)) {
        const last = spans.at(-1);
        if (last !== undefined && last.style === style) last.text += text;
        else spans.push({ text, style });
      }
      return spans;
    });
  }

  #put(character: string): void {
    if (this.#column === this.#columns && !this.#wraps) this.#column--;
    if (this.#column === this.#columns) {
      this.#column = 0;
      this.#goDown();
    }
    const row = this.#rows[this.#row];
    while (row.length < this.#column) row.push(EMPTY);
    row[this.#column++] = { text: character, style: this.#style };
  }

  #goDown(): void {
    this.#row++;
    while (this.#rows.length <= this.#row) this.#rows.push([]);
  }

  #obey(code: string, parameters: string): void {
    const count = Number(parameters) || 0;
    if (code === "m") this.#style = parameters === "0" ? "" : parameters;
    else if (code === "G") this.#column = Math.max(1, count) - 1;
    else if (code === "A") this.#row = Math.max(0, this.#row - Math.max(1, count));
    else if (code === "K") this.#erase(count);
    else if (parameters === "?7") this.#wraps = code === "h";
    else if (code === "J") {
      this.#erase(0);
      this.#rows.length = this.#row + 1;
    } else if (!parameters.startsWith("?")) throw new Error(`no screen here obeys ESC [ ${parameters} ${code}`);
  }

  /** The row from the cursor on (0), to the cursor (1), or whole (2). */
  #erase(what: number): void {
    const row = this.#rows[this.#row];
    if (what === 0) row.length = Math.min(row.length, this.#column);
    else row.fill(EMPTY, 0, what === 2 ? row.length : this.#column + 1);
  }
}

function trimmed(cells: readonly Cell[]): readonly Cell[] {
  let length = cells.length;
  while (length > 0 && cells[length - 1].text === " ") length--;
  return cells.slice(0, length);
}
