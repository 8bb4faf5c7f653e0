// What differs of a tree and its copy besides content is mended without copying anything, by rsync's word: any changes of
// modes, owners, times, lists, attributes and names, on either side.

import { copyTree } from "@posix/aio";
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itUnless } from "../support/platform.ts";
import { differences, noRsync, shell } from "../transfer/tree/odd_tree.ts";
import { runs } from "./runs.ts";

const FILES = ["one", "other", "folder/third", "name1", "name2", "folder/name3", "folder/inner/pair1", "pair2"];
const FOLDERS = [".", "folder", "folder/inner", "empty"];
const ODD = ["link", "folder/dangling", "fifo"];

const side = fc.constantFrom("source", "target");
const owner = fc.constantFrom(0, 2001, 2002);
const change = fc.oneof(
  fc.tuple(
    fc.constant("chmod"),
    side,
    fc.constantFrom(...FILES, ...FOLDERS, "fifo"),
    fc.integer({ max: 0o7777, min: 0 }),
  ),
  fc.tuple(fc.constant("chown"), side, fc.constantFrom(...FILES, ...FOLDERS, ...ODD), owner),
  fc.tuple(fc.constant("touch"), side, fc.constantFrom(...FOLDERS, ...ODD), fc.integer({ min: -1e9, max: 2e9 })),
  fc.tuple(fc.constant("setfattr"), side, fc.constantFrom(...FILES, ...FOLDERS), fc.integer({ min: 0, max: 3 })),
  fc.tuple(fc.constant("setfacl"), side, fc.constantFrom(...FILES, ...FOLDERS), fc.integer({ min: 0, max: 7 })),
  fc.tuple(fc.constant("default"), side, fc.constantFrom(...FOLDERS), fc.integer({ min: 0, max: 7 })),
  fc.tuple(fc.constant("bare"), side, fc.constantFrom(...FILES, ...FOLDERS), fc.constant(0)),
  fc.tuple(fc.constant("unname"), fc.constant("target"), fc.constantFrom("name1", "name2", "pair2"), fc.constant(0)),
  fc.tuple(
    fc.constant("split"),
    fc.constant("target"),
    fc.constantFrom("name1", "folder/name3", "pair2"),
    fc.constant(0),
  ),
  fc.tuple(fc.constant("name"), fc.constant("source"), fc.constantFrom("one", "name2", "folder/third"), fc.nat(9)),
);

function plant(root: string): void {
  fs.mkdirSync(`${root}/folder/inner`, { recursive: true });
  fs.mkdirSync(`${root}/empty`);
  for (const [index, name] of ["one", "other", "folder/third", "name1", "pair2"].entries()) {
    fs.writeFileSync(`${root}/${name}`, knownBytes(index * 3000));
  }
  shell(
    root,
    `ln name1 name2; ln name1 folder/name3; ln pair2 folder/inner/pair1; ln -s one link; ln -s nowhere folder/dangling
     mkfifo fifo; touch -h -d '2020-02-03 04:05:06.789' one other folder/third name1 pair2 link folder/dangling fifo`,
  );
}

function apply(root: string, kind: string, name: string, value: number): void {
  const path = `${root}/${name}`;
  const found = fs.lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  const run = (file: string, ...args: string[]) => spawnSync(file, args);
  switch (kind) {
    case "chmod":
      return fs.chmodSync(path, value);
    case "chown":
      return fs.lchownSync(path, value, value + 1);
    case "touch":
      return void run("touch", "-h", "-d", `@${value}.000000001`, path);
    case "setfattr":
      return void run("setfattr", "-n", `user.n${value}`, "-v", `${root.length}`, path);
    case "setfacl":
      return void run("setfacl", "-m", `u:2009:${value}`, path);
    case "default":
      return void run("setfacl", "-d", "-m", `u:2010:${value}`, path);
    case "bare":
      return void shell(
        root,
        `setfacl -bk '${name}'; for n in 0 1 2 3; do setfattr -x user.n$n '${name}' || true; done 2>/dev/null`,
      );
    case "unname": // never the last one
      return found.nlink > 1 ? fs.unlinkSync(path) : undefined;
    case "split":
      return void shell(root, `cp -a '${name}' split; rm '${name}'; mv split '${name}'`);
    case "name":
      return void shell(root, `ln -f '${name}' 'new${value}'`);
  }
}

itUnless(noRsync, "copyTree() mends what differs besides content, and copies nothing", async () => {
  const list = fc.array(change, { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(list, fc.boolean(), fc.boolean(), async (changes, wanted, checksum) => {
      using folder = new TemporaryFolder("/tmp");
      const [source, target] = [folder.at("source"), folder.at("target")];
      plant(source);
      await copyTree(source, target, { preserve: true }).summary;
      for (const [kind, where, name, value] of changes) apply(folder.at(where), kind, name, value);
      const options = { preserve: true, overwrite: "different", checksum } as const;
      const was = fs.readdirSync(target);
      const dry = await copyTree(source, target, { ...options, dryRun: true }).summary;
      assertEquals([dry.files, fs.readdirSync(target)], [checksum ? dry.files : 0, was]);
      const transfer = copyTree(source, target, options);
      const told: string[] = [];
      if (wanted) {
        for await (const { action, path, reason } of transfer) {
          if (!["skipped", "linked", "updated"].includes(action)) told.push(`${action} ${path} ${reason}`);
        }
      }
      const { files, failed } = await transfer.summary;
      assertEquals([told, files, failed, differences(source, target)], [[], 0, 0, ""]);
      const again = await copyTree(source, target, options).summary;
      assertEquals([again.files, again.links, again.updated, again.failed], [0, 0, 0, 0]);
    }),
    runs(40, 8000),
  );
});
