// Every exported name of mod.ts and sys.ts has an example that runs: its own, or one of a page in docs/ that imports it. And the
// documentation can be made as HTML. Runs on Deno only, whose compiler reads the documentation.

import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import process from "node:process";
import { TemporaryFolder } from "../support/files.ts";
import { examplesOf, pages, ROOT } from "./blocks.ts";

interface Declaration {
  readonly kind: string;
  readonly jsDoc?: {
    readonly doc?: string;
    readonly tags?: readonly { readonly kind: string; readonly doc?: string }[];
  };
}

interface Documentation {
  readonly nodes: Readonly<
    Record<
      string,
      { readonly symbols: readonly { readonly name: string; readonly declarations: readonly Declaration[] }[] }
    >
  >;
}

function deno(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    env: { ...process.env, NO_COLOR: "1" },
  });
  assertEquals(status, 0, stderr);
  return stdout;
}

/** The names that examples of the pages import, by module. */
function imported(): Map<string, Set<string>> {
  const names = new Map<string, Set<string>>([["@posix/aio", new Set()], ["@posix/aio/sys", new Set()]]);
  for (const [page, text] of pages()) {
    for (const { source } of examplesOf(page, text)) {
      for (const [, list, module] of source.matchAll(/import (?:type )?\{([^}]*)\} from "(@posix\/aio[^"]*)"/g)) {
        for (const name of list.split(",")) names.get(module)!.add(name.replace("type ", "").trim());
      }
    }
  }
  return names;
}

/** Whether the documentation of a name shows an example that `deno test --doc` runs. */
function hasExample({ jsDoc }: Declaration): boolean {
  const texts = [
    jsDoc?.doc ?? "",
    ...(jsDoc?.tags ?? []).filter(({ kind }) => kind === "example").map(({ doc }) => doc),
  ];
  return texts.some((text) => text !== undefined && /```ts\n/.test(text));
}

/** The names of a module without an example. */
function without(module: "mod.ts" | "sys.ts", documentation: Documentation): string[] {
  const [, { symbols }] = Object.entries(documentation.nodes).find(([name]) => name.endsWith(`/${module}`))!;
  const names = imported().get(module === "mod.ts" ? "@posix/aio" : "@posix/aio/sys")!;
  assert(symbols.length > 40, `${symbols.length} names`);
  return symbols.filter(({ name, declarations }) => {
    // what is exported twice is documented in mod.ts
    return !names.has(name) && !declarations.some((one) => one.kind === "reference" || hasExample(one));
  }).map(({ name }) => name);
}

describe("the documentation", () => {
  const documentation: Documentation = JSON.parse(deno(["doc", "--json", "mod.ts", "sys.ts"]));

  it("has an example that runs for every name of mod.ts", () => {
    assertEquals(without("mod.ts", documentation), []);
  });

  it("has an example that runs for every name of sys.ts", () => {
    assertEquals(without("sys.ts", documentation), []);
  });

  it("is searched so that a name without an example is found", () => {
    const symbol = (doc: string) => ({ name: "Nobody", declarations: [{ kind: "class", jsDoc: { doc } }] });
    const others = Array.from({ length: 41 }, () => symbol("```ts\n1;\n```"));
    const made = (doc: string) => ({ nodes: { "file:///mod.ts": { symbols: [...others, symbol(doc)] } } });
    assertEquals(without("mod.ts", made("No example.")), ["Nobody"]);
    assertEquals(without("mod.ts", made("```ts ignore\n1;\n```")), ["Nobody"]);
    assertEquals(without("mod.ts", made("```ts\n1;\n```")), []);
  });

  it("becomes HTML, with a page for each name", () => {
    using folder = new TemporaryFolder();
    deno(["doc", "--html", "--quiet", `--output=${folder.at("html")}`, "mod.ts", "sys.ts"]);
    const files = fs.readdirSync(folder.at("html"), { recursive: true, encoding: "utf8" });
    for (const name of ["index.html", "AioQueue", "aio_read"]) {
      assert(files.some((file) => file.includes(name)), `${name} is missing`);
    }
  });
});
