/**
 * SVG files, as far as this package writes them.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";

/**
 * The texts in an SVG.
 *
 * @param svg The file's content.
 * @returns What stands between its tags; spaces alone do not count.
 * @throws If it is not well-formed, or has a number that is none.
 */
export function textsOf(svg: string): string[] {
  const body = svg.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, "");
  const open: string[] = [];
  const texts: string[] = [];
  const tokens = body.match(/<[^<>]*>|[^<>]+/g) ?? [];
  assertEquals(tokens.join(""), body);
  for (const token of tokens) {
    if (!token.startsWith("<")) {
      // deno-lint-ignore no-control-regex -- XML has none of these
      assert(!/&(?!amp;|lt;|gt;)|[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(token), token);
      const text = token.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
      if (text.trim() !== "") texts.push(text);
    } else if (token.startsWith("</")) {
      assertEquals(open.pop(), token.slice(2, -1));
    } else {
      const [, name, last] = token.match(/^<([a-z]+)(?: [a-zA-Z][\w:-]*="[^"&<]*")*(\/?)>$/) ?? [];
      assert(name !== undefined && !/NaN|Infinity|undefined/.test(token), token);
      if (last === "") open.push(name);
    }
  }
  assertEquals(open, []);
  return texts;
}
