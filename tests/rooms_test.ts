// The structure that design.md names: imports point downward only, the runtime is known in one room and the platform in
// another, nothing is loaded on import, and no file has outgrown its subject.

import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** Rooms from the lowest to the highest; a file may import from its own and from those before it. */
const ROOMS = ["structs", "ffi", "sys", "engine", "queue", "file", "transfer", "cli"];

/** The most lines of a file, its documentation included. */
const LINES_MAX = 250;

/** The public class of files, of which two thirds are its documentation. */
const STILL_LONG = ["file/file.ts"];

function sources(): { room: string; name: string; text: string }[] {
  return ROOMS.flatMap((room) =>
    fs.readdirSync(path.join(ROOT, room), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => ({ room, name: `${room}/${name}`, text: fs.readFileSync(path.join(ROOT, room, name), "utf8") }))
  );
}

/** The source without comments: what is written about a thing is not a use of it. */
function code(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
}

/** The files of the rooms that one imports, whether it says `type` or not, and whether now or later. */
function importsOf(name: string, text: string): string[] {
  const found = code(text).matchAll(/(?:\bfrom|\bimport\(|\bimport)\s*"(\.\.?\/[^"]+)"/g);
  return [...found].map(([, from]) => path.posix.join(path.posix.dirname(name), from));
}

/** The first circle: its files in their order, the first one once more at the end. */
function circleIn(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const way: string[] = [];
  const visit = (name: string): string[] => {
    if (way.includes(name)) return [...way.slice(way.indexOf(name)), name];
    if (done.has(name)) return [];
    done.add(name);
    way.push(name);
    for (const next of graph.get(name) ?? []) {
      const circle = visit(next);
      if (circle.length > 0) return circle;
    }
    way.pop();
    return [];
  };
  for (const name of graph.keys()) {
    const circle = visit(name);
    if (circle.length > 0) return circle;
  }
  return [];
}

describe("the rooms", () => {
  it("import downward only", () => {
    const wrong: string[] = [];
    for (const { room, name, text } of sources()) {
      for (const [, from] of text.matchAll(/ from "(\.\.?\/[^"]+)"/g)) {
        const [target] = path.relative(ROOT, path.resolve(ROOT, path.dirname(name), from)).split(path.sep);
        const index = ROOMS.indexOf(target);
        if (index < 0 && room !== "cli" || index > ROOMS.indexOf(room)) wrong.push(`${name} imports ${from}`);
      }
    }
    assertEquals(wrong, []);
  });

  it("have no circle, types included", () => {
    const graph = new Map(sources().map(({ name, text }) => [name, importsOf(name, text)]));
    assertEquals(circleIn(graph), []);
    assertEquals(circleIn(new Map([["a", ["b"]], ["b", ["c"]], ["c", ["d", "b"]], ["d", []]])), ["b", "c", "b"]);
  });

  it("know the runtime in ffi/ only", () => {
    const wrong = sources()
      .filter(({ room, text }) =>
        room !== "ffi" && /\bDeno\.|\bBun\.|bun:|node:ffi|versions\.(bun|deno)/.test(code(text))
      )
      .map(({ name }) => name);
    assertEquals(wrong, []);
  });

  it("know the platform in structs/platform.ts only", () => {
    const wrong = sources()
      .filter(({ name, text }) => name !== "structs/platform.ts" && /process\.(platform|arch)\b/.test(code(text)))
      .map(({ name }) => name);
    assertEquals(wrong, []);
  });

  it("use nothing from outside the runtime, but for cli/", () => {
    const wrong: string[] = [];
    for (const { room, name, text } of sources()) {
      if (room === "cli") continue;
      for (const [, from] of code(text).matchAll(/ from "([^."][^"]*)"/g)) {
        if (!from.startsWith("node:")) wrong.push(`${name} imports ${from}`);
      }
    }
    assertEquals(wrong, []);
  });

  it("have no file that has outgrown its subject", () => {
    const long = sources().filter(({ text }) => text.split("\n").length - 1 > LINES_MAX).map(({ name }) => name);
    assertEquals(long.sort(), [...STILL_LONG].sort());
  });

  it("have no using declarations: an old Node could not even parse the file that says what it lacks", () => {
    const declaration = /\busing\s+[\w$]+\s*(?:=|of\b)/;
    assertEquals(
      ["using a = b;", "await using a = b;", "for (using a of b) {}"].every((one) => declaration.test(one)),
      true,
    );
    const others = ["mod.ts", "sys.ts", "cli.ts"].map((name) => ({
      name,
      text: fs.readFileSync(path.join(ROOT, name), "utf8"),
    }));
    assertEquals(
      [...sources(), ...others].filter(({ text }) => declaration.test(code(text))).map(({ name }) => name),
      [],
    );
  });

  it("begin each file with what it holds and why", () => {
    const wrong = sources().filter(({ text }) => !text.startsWith("/**\n * ")).map(({ name }) => name);
    assertEquals(wrong, []);
  });
});
