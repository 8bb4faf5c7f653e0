// What is shown of a transfer of many files: lines that fit into any window, whatever the names are.

import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { cutTo, widthOf } from "../../cli/screen.ts";
import { linesOf } from "../../cli/tree_progress.ts";

const progress = {
  ...{ files: 1234, filesFound: 56789, bytes: 5e9, bytesFound: 2e10, complete: false, milliseconds: 61_000 },
  underWay: Array.from(
    { length: 12 },
    (_, index) => ({ path: `${index} ${"漢字é🐎".repeat(30)}`, bytes: index, total: 24 }),
  ),
};

describe("the lines of a transfer", () => {
  it("fit into windows of every size", () => {
    for (const columns of [1, 2, 5, 20, 40, 61, 79, 80, 200]) {
      for (const rows of [1, 2, 3, 8, 24]) {
        const lines = linesOf("a source", progress, columns, rows);
        assert(lines.length >= 1 && lines.length <= rows, `${lines.length} of ${rows}`);
        for (const line of lines) assert(widthOf(line) <= columns, `${columns}: ${line}`);
      }
    }
  });

  it("are a bar, the files under way, and how many more there are", () => {
    const lines = linesOf("a source", progress, 100, 24);
    assertEquals(lines.length, 1 + 8 + 1);
    assert(lines[0].startsWith("[=====               ]  25%  1234 of 56789+ files  "), lines[0]);
    assert(lines[8].startsWith(" 29%  7 漢字"), lines[8]);
    assertEquals(lines[9], "      and 4 more");
    assertEquals(linesOf("", { ...progress, underWay: [], bytesFound: 0, bytes: 0 }, 100, 24).length, 1);
  });

  it("are cut between letters, by the columns that they take", () => {
    assertEquals(["abc", "abcd", "漢字漢", "e\u0301e\u0301e\u0301", "🐎🐎"].map((text) => cutTo(text, 3)), [
      "abc",
      "ab…",
      "漢…",
      "e\u0301e\u0301e\u0301",
      "🐎…",
    ]);
  });
});
