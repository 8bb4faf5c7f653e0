// copyTree() of any tree with everything preserved: it is the same as its source by rsync's word, whatever was there before.

import { copyTree } from "@posix/aio";
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import fs from "node:fs";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itUnless } from "../support/platform.ts";
import { differences, noRsync, shell } from "../transfer/tree/odd_tree.ts";
import { runs } from "./runs.ts";

/** Names of any characters that a file system takes; short ones are often the same, so that trees meet. */
const name = fc.oneof(
  fc.constantFrom("a", "b", "c", ".", "..", "-r", " ", "*", "a b", "\\", "'", '"', "é", "\ufffd", "\n", "\x1b[31m"),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }),
  fc.integer({ min: 150, max: 255 }).map((length) => "n".repeat(length)),
).filter((name) =>
  !/[/\0]/.test(name) && ![".", ".."].includes(name) && new TextEncoder().encode(name).length <= 255 &&
  name.isWellFormed()
);
const mode = fc.integer({ min: 0, max: 0o7777 });
const seconds = fc.integer({ min: -1e9, max: 4e9 });
const nanoseconds = fc.integer({ min: 0, max: 999_999_999 });
const size = fc.oneof(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 4000, max: 300_000 }), fc.constant(1_100_000));

type Node =
  | { kind: "file"; size: number; hole: number; mode: number; owner: number }
  | { kind: "link"; to: string }
  | { kind: "name"; of: number }
  | { kind: "fifo"; mode: number }
  | { kind: "folder"; mode: number; nodes: [string, Node, number, number][] };

const { node } = fc.letrec<{ node: Node; nodes: [string, Node, number, number][] }>((tie) => ({
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.record({
      kind: fc.constant("file" as const),
      size,
      hole: fc.oneof(fc.constant(0), fc.constant(1 << 20)),
      mode,
      owner: fc.constantFrom(0, 2001),
    }),
    fc.record({ kind: fc.constant("link" as const), to: fc.constantFrom("a", "..", "/etc", "nowhere", "b/../c", ".") }),
    fc.record({ kind: fc.constant("name" as const), of: fc.nat() }),
    fc.record({ kind: fc.constant("fifo" as const), mode }),
    fc.record({ kind: fc.constant("folder" as const), mode, nodes: tie("nodes") }),
  ),
  nodes: fc.array(fc.tuple(name, tie("node"), seconds, nanoseconds), { maxLength: 8 }),
}));
const tree = fc.array(fc.tuple(name, node, seconds, nanoseconds), { minLength: 1, maxLength: 10 });

/** Makes the entries of a folder; `files` are those that can get more names. */
function plant(folder: string, nodes: [string, Node, number, number][], files: string[]): void {
  for (const [name, node, seconds, nanoseconds] of nodes) {
    const path = `${folder}/${name}`;
    if (fs.lstatSync(path, { throwIfNoEntry: false }) !== undefined) continue;
    switch (node.kind) {
      case "folder":
        fs.mkdirSync(path);
        plant(path, node.nodes, files);
        fs.chmodSync(path, node.mode);
        break;
      case "link":
        fs.symlinkSync(node.to, path);
        continue;
      case "name":
        if (files.length === 0) continue;
        fs.linkSync(files[node.of % files.length], path);
        continue;
      case "fifo":
        shell(folder, `mkfifo -- ${quoted(name)}`);
        fs.chmodSync(path, node.mode);
        break;
      case "file": {
        const fd = fs.openSync(path, "w");
        fs.writeSync(fd, knownBytes(node.size), 0, node.size, node.hole);
        if (node.hole > 0 && node.size === 0) fs.ftruncateSync(fd, node.hole);
        fs.fchownSync(fd, node.owner, node.owner);
        fs.fchmodSync(fd, node.mode);
        fs.closeSync(fd);
        files.push(path);
      }
    }
    shell(folder, `touch -h -d @${seconds}.${String(nanoseconds).padStart(9, "0")} -- ${quoted(name)}`);
  }
}

const quoted = (name: string) => `'${name.replaceAll("'", `'\\''`)}'`;

itUnless(noRsync, "copyTree() makes the same of any tree, over anything that is no folder's place", async () => {
  await fc.assert(
    fc.asyncProperty(tree, fc.boolean(), async (nodes, again) => {
      using folder = new TemporaryFolder("/dev/shm");
      const [source, target] = [folder.at("source"), folder.at("target")];
      fs.mkdirSync(source);
      plant(source, nodes, []);
      for (let round = 0; round < (again ? 2 : 1); round++) {
        const failures: string[] = [];
        const transfer = copyTree(source, target, { preserve: true });
        for await (const { path, error } of transfer) if (error) failures.push(`${path}: ${error.message}`);
        assertEquals(failures, []);
        assertEquals(differences(source, target), "");
      }
      const { files, folders, skipped } = await copyTree(source, target, { preserve: true, overwrite: "different" })
        .summary;
      assertEquals([files, folders], [0, 0], `${skipped} skipped`);
    }),
    runs(40, 4000),
  );
});
