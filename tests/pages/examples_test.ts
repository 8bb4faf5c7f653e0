// The pages in docs/: every example in TypeScript runs on Deno, Bun and Node, and prints what the comments behind its calls of
// console.log say, or a text behind it. `deno task doc-test` checks their types as well.

import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import process from "node:process";
import { TemporaryFolder } from "../support/files.ts";
import { examplesOf, notPrinted, pages, ROOT, runExample, saidToPrint } from "./blocks.ts";

describe("the examples of", () => {
  for (const [page, text] of pages()) {
    for (const { name, source, prints } of examplesOf(page, text)) {
      it(`docs/${page}.md: ${name}`, async () => {
        using folder = new TemporaryFolder();
        process.chdir(ROOT);
        const printed = await runExample(source, folder);
        assertEquals(
          notPrinted(prints, printed),
          undefined,
          `not printed; it was:\n${printed.join("\n")}`,
        );
      });
    }
  }
});

describe("the search for examples", () => {
  it("finds them below their headings, with what they say that they print", () => {
    const source = 'console.log("a", 1); // a 1\nif (true) console.log(2); // 2\nconst x = 1; // not this\n';
    const [example, ...others] = examplesOf("page", `# Page\n\n## Part\n\n\`\`\`ts\n${source}\`\`\`\n`);
    assertEquals([example.name, example.source, others], ["Part, 1", source, []]);
    assertEquals(saidToPrint(source), ["a 1", "2"]);
    const [other] = examplesOf("page", `\`\`\`ts\n${source}\`\`\`\n\nIt prints\n\n\`\`\`text\nb\n\`\`\`\n`);
    assertEquals(other.prints, ["a 1", "2", "b"]);
  });

  it("tells of what is not printed, and of what comes in another order", () => {
    assertEquals(notPrinted(["a", "b"], ["x", "a", "a", "b"]), undefined);
    assertEquals(notPrinted(["a", "b"], ["b", "a"]), "b");
    assert([...pages()].some(([page, text]) => examplesOf(page, text).length > 0));
  });
});
