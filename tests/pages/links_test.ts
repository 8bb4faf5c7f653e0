// Links from README.md, CONTRIBUTING.md, SECURITY.md and the pages in docs/ to other files of the package lead somewhere, also
// to headings; README.md and docs/start.md lead to every page.

import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fs from "node:fs";
import path from "node:path";
import { pages, ROOT } from "./blocks.ts";

const FILES = ["README.md", "CONTRIBUTING.md", "SECURITY.md", ...[...pages().keys()].map((page) => `docs/${page}.md`)];

function read(file: string): string {
  return fs.readFileSync(path.join(ROOT, file), "utf8");
}

/** The links of a file to others of the package, as they are written. */
function linksOf(text: string): string[] {
  const prose = text.replaceAll(/^```[^]*?^```$/gm, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link).filter((link) => !/^[a-z]+:/.test(link));
}

/** What a heading is called in a link. */
function anchorsOf(text: string): string[] {
  const prose = text.replaceAll(/^```[^]*?^```$/gm, "");
  return [...prose.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(" ", "-")
  );
}

/** Whether a link of a file leads somewhere. */
function leads(file: string, link: string): boolean {
  const [to, anchor] = link.split("#");
  const target = to === "" ? file : path.join(path.dirname(file), to);
  if (!fs.existsSync(path.join(ROOT, target))) return false;
  return anchor === undefined || anchorsOf(read(target)).includes(anchor);
}

describe("links", () => {
  for (const file of FILES) {
    it(`of ${file} lead somewhere`, () => {
      assertEquals(linksOf(read(file)).filter((link) => !leads(file, link)), []);
    });
  }

  it("of README.md lead to every page", () => {
    const targets = linksOf(read("README.md")).map((link) => path.basename(link.split("#")[0]));
    assertEquals([...pages().keys()].filter((page) => !targets.includes(`${page}.md`)), []);
  });

  it("are told apart from those that lead nowhere", () => {
    assertEquals(
      ["docs/start.md", "#links", "no.md", "README.md#use-it", "README.md#nowhere"].map((link) => {
        return leads("README.md", link);
      }),
      [true, false, false, true, false],
    );
  });
});
