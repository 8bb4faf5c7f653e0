// docs/troubleshooting.md has each error code that the package gives by itself, or has words for.

import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fs from "node:fs";
import path from "node:path";
import { pages, ROOT } from "./blocks.ts";

/** The codes in a source: those of errors that it makes, and those that it has words for. */
function codesIn(text: string): string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, "");
  const made = code.matchAll(/new (?:AioError|InPlaceNeeded)\(\s*[^,()]+,\s*"(E[A-Z0-9]+)"|\bcode: "(E[A-Z_]+)"/g);
  const words = code.matchAll(/^ {2}(E[A-Z0-9]+): "/gm);
  return [...[...made].map(([, one, other]) => one ?? other), ...[...words].map(([, name]) => name)];
}

/** The first cells of the tables. */
function explained(page: string): Set<string> {
  return new Set([...page.matchAll(/^\| `(E[A-Z0-9_]+)`/gm)].map(([, code]) => code));
}

describe("docs/troubleshooting.md", () => {
  it("explains every code that the sources give", () => {
    const rooms = ["ffi", "sys", "engine", "queue", "file", "transfer", "cli"];
    const files = rooms.flatMap((room) =>
      fs.readdirSync(path.join(ROOT, room), { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".ts")).map((name) => path.join(ROOT, room, name))
    );
    const codes = new Set(files.flatMap((file) => codesIn(fs.readFileSync(file, "utf8"))));
    const told = explained(pages().get("troubleshooting")!);
    assertEquals([...codes].filter((code) => !told.has(code)).sort(), []);
    assert(codes.has("ERR_CLOSED") && codes.has("EBUSY") && codes.has("ENOSPC"), [...codes].join());
  });

  it("is searched so that what is missing is found", () => {
    assertEquals(codesIn('throw new AioError("open", "EISDIR", path);\nconst x = { code: "EIO" };'), ["EISDIR", "EIO"]);
    assertEquals([...explained("| code |\n| `EIO` | x |\n| EPERM |")], ["EIO"]);
  });
});
