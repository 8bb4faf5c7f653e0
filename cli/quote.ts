/**
 * Names and messages as a terminal may get them: control characters are shown, never obeyed.
 *
 * @module
 */

// deno-lint-ignore no-control-regex -- these are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
const LETTERS: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\t": "\\t",
  "\r": "\\r",
  "\u001b": "\\e",
  "\u0007": "\\a",
};

function shown(character: string): string {
  const code = character.codePointAt(0) as number;
  return LETTERS[character] ?? `\\${code.toString(8).padStart(3, "0")}`;
}

/**
 * A file name, in the form that a shell reads back, as `ls` and `cp` show it: as it is, unless there is something in it that
 * a terminal would obey.
 *
 * @param name The name.
 * @returns The name, or one such as `'a'$'\n''b'`.
 */
export function quoteName(name: string): string {
  if (!CONTROL.test(name)) return name;
  // deno-lint-ignore no-control-regex -- the same
  const parts = name.split(/([\u0000-\u001f\u007f-\u009f]+)/).filter((part) => part !== "");
  return parts.map((part) =>
    CONTROL.test(part) ? `$'${[...part].map(shown).join("")}'` : `'${part.replaceAll("'", "'\\''")}'`
  ).join("");
}

/**
 * A message in one line, with control characters shown.
 *
 * @param text The message.
 * @returns What may be printed.
 */
export function visible(text: string): string {
  return CONTROL.test(text) ? [...text].map((one) => CONTROL.test(one) ? shown(one) : one).join("") : text;
}
