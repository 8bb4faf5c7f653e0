// The pages in docs/ name tests for what they say: each of these files and tests has to exist.

import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fs from "node:fs";

const ROOT = new URL("../", import.meta.url);

function read(path: string): string {
  return fs.readFileSync(new URL(path, ROOT), "utf8");
}

/** The tests that a page names, as in `tests/some_test.ts`: "this holds", "that holds". */
function namedTests(page: string): { file: string; names: string[] }[] {
  return [...page.replaceAll(/\s+/g, " ").matchAll(/`(tests\/[^`]+)`(?:: ("[^"]+"(?:, "[^"]+")*))?/g)].map((
    [, file, list],
  ) => ({
    file,
    names: [...(list ?? "").matchAll(/"([^"]+)"/g)].map(([, name]) => name),
  }));
}

/** The names of answers_test.ts are made from the table of answers. */
function answerNames(): Set<string> {
  const answers: { call: string; when: string; result: number; errno?: string }[] = JSON.parse(
    read("tests/data/freebsd_answers.json"),
  );
  return new Set(
    answers.map(({ call, when, result, errno }) =>
      `${call} ${when}: ${errno === undefined ? result : `${result}, ${errno}`}`
    ),
  );
}

/** Whether a test file registers a test of this name; a template may have anything at its places but its fixed text. */
function registers(file: string, name: string): boolean {
  for (const [, quote, text] of read(file).matchAll(/\bit\w*\((?:[^,"`]*,)?\s*(["`])(.*?)\1,/g)) {
    if (quote === '"' || !text.includes("${")) {
      if (text === name) return true;
      continue;
    }
    const parts = text.split(/\$\{[^}]*\}/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    if (parts.some((part) => /\w/.test(part)) && new RegExp(`^${parts.join(".+")}$`).test(name)) return true;
  }
  return file === "tests/freebsd/answers_test.ts" && answerNames().has(name);
}

describe("the pages in docs/", () => {
  const pages = fs.readdirSync(new URL("docs/", ROOT)).filter((name) => name.endsWith(".md"));

  it("name tests that exist", () => {
    const missing: string[] = [];
    let count = 0;
    for (const page of pages) {
      for (const { file, names } of namedTests(read(`docs/${page}`))) {
        if (!fs.existsSync(new URL(file, ROOT))) missing.push(`${page}: ${file}`);
        else missing.push(...names.filter((name) => !registers(file, name)).map((name) => `${page}: ${file}: ${name}`));
        count += names.length;
      }
    }
    assertEquals(missing, []);
    assert(count > 0, "no test is named");
  });

  it("are searched so that a test that does not exist is found", () => {
    const [{ file, names }] = namedTests('`tests/docs_test.ts`: "name tests that exist", "name none"');
    assertEquals(names.map((name) => registers(file, name)), [true, false]);
    assertEquals(registers("tests/freebsd/errors_test.ts", "are the request's own: EIO"), true);
    assertEquals(registers("tests/freebsd/answers_test.ts", "aio_read of 11 bytes of a file: 0"), false);
  });
});
