// A tree that is copied with everything preserved is the same as its source: by rsync's word, which finds nothing to do.

import { assert, assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import fs from "node:fs";
import { copyTree } from "../../../mod.ts";
import type { TreeResult } from "../../../mod.ts";
import { TemporaryFolder } from "../../support/files.ts";
import { itUnless } from "../../support/platform.ts";
import { differences, hasBytes, makeOddTree, noRsync } from "./odd_tree.ts";

describe("copyTree() with everything preserved", () => {
  for (const [from, to] of [["/tmp", "/tmp"], ["/tmp", "/dev/shm"], ["/dev/shm", "/dev/shm"]]) {
    itUnless(noRsync, `makes the same tree, from ${from} to ${to}`, async () => {
      using source = new TemporaryFolder(from);
      using target = new TemporaryFolder(to);
      makeOddTree(source.at("tree"), { bytes: hasBytes });
      const failed: string[] = [];
      const transfer = copyTree(source.at("tree"), target.at("copy"), { preserve: true });
      for await (const { action, path, reason } of transfer) if (action === "failed") failed.push(`${path}: ${reason}`);
      assertEquals(failed, []);
      // tmpfs has no user.* attributes before Linux 6.6
      const found = differences(source.at("tree"), target.at("copy")).split("\n").filter((line) =>
        line !== "" && !(to !== from && /^\.[fd]\.{8}x /.test(line))
      );
      assertEquals(found, []);
      const { links, specials, folders, failed: count } = await transfer.summary;
      assertEquals([count, specials], [0, 2]);
      assert(links >= 7 && folders >= 206, `${links} links, ${folders} folders`);
      assert(fs.statSync(target.at("copy/sparse")).blocks * 512 < 1_000_000, "the hole was filled");
      assertEquals(fs.statSync(target.at("copy/hard1")).ino, fs.statSync(target.at("copy/folder/hard3")).ino);
    });
  }

  itUnless(noRsync, "makes the same of it again, over what is there, and has nothing to do after that", async () => {
    using folder = new TemporaryFolder("/tmp");
    makeOddTree(folder.at("tree"), { bytes: hasBytes });
    await copyTree(folder.at("tree"), folder.at("copy"), { preserve: true }).summary;
    fs.writeFileSync(folder.at("copy/small"), "changed");
    fs.rmSync(folder.at("copy/link"));
    const results: TreeResult[] = [];
    const transfer = copyTree(folder.at("tree"), folder.at("copy"), { preserve: true, overwrite: "different" });
    for await (const result of transfer) if (!["skipped", "made"].includes(result.action)) results.push(result);
    assertEquals(
      results.filter(({ action }) => action === "failed").map(({ path, reason }) => `${path}: ${reason}`),
      [],
    );
    // the tree itself is told since a name was removed in it
    assertEquals(results.map(({ path }) => path).sort(), ["", "link", "small"]);
    assertEquals(differences(folder.at("tree"), folder.at("copy")), "");
    // and once more with everything replaced
    const { failed } = await copyTree(folder.at("tree"), folder.at("copy"), { preserve: true }).summary;
    assertEquals([failed, differences(folder.at("tree"), folder.at("copy"))], [0, ""]);
  });
});
