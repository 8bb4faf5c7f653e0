// Who may use the files and folders of a copied tree. What cp leaves behind is the judge.

import { assert, assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import fs from "node:fs";
import { copyMany, copyTree } from "../../../mod.ts";
import type { TreeOptions } from "../../../mod.ts";
import { TemporaryFolder } from "../../support/files.ts";
import { itUnless } from "../../support/platform.ts";
import { must, whyNoLists, whyNoUsers } from "../as_user.ts";
import { hasBytes, shell } from "./odd_tree.ts";
import { copyTreeAs } from "./tree_as_user.ts";

const noUsers = whyNoUsers();
const noLists = whyNoLists();
const LIKE_P: TreeOptions = { preserve: { mode: true, ownership: true, timestamps: true } };

/** Lists, modes and owners of everything in a folder. */
function listsOf(folder: TemporaryFolder, name: string): string {
  return must("bash", "-c", `cd '${folder.at(name)}' && getfacl -nER . && find . -printf '%p %m %U:%G\\n' | sort`);
}

/** A tree of files that not everybody may read, and two folders with a default list. */
function prepare(): TemporaryFolder {
  const folder = new TemporaryFolder();
  shell(
    folder.path,
    `mkdir -p s/sub by-cp ours; echo f > s/f; echo g > s/g; echo h > s/sub/h; echo i > s/i; head -c 2000000 /dev/zero > s/big
    chmod 640 s/f s/big; chmod 604 s/g; chmod 600 s/sub/h; chmod 750 s/sub; setfacl -m u:2003:r-- s/i
    setfacl -d -m u:2002:rwx,o::rwx by-cp ours`,
  );
  return folder;
}

describe("a tree that is copied to where a default list is in force", () => {
  for (const [options, flags] of [[{}, "-r"], [LIKE_P, "-rp"], [{ preserve: true }, "-a"]] as const) {
    itUnless(noLists, `lets in whom cp ${flags} lets in`, async () => {
      using folder = prepare();
      must("cp", flags, folder.at("s"), folder.at("by-cp/s"));
      assertEquals((await copyTree(folder.at("s"), folder.at("ours/s"), options).summary).failed, 0);
      assertEquals(listsOf(folder, "ours/s"), listsOf(folder, "by-cp/s"));
    });
  }

  itUnless(noLists, "lets in whom cp -p lets in, of a list of files", async () => {
    using folder = prepare();
    const names = ["f", "g", "i", "big"];
    must("cp", "-p", ...names.map((name) => folder.at(`s/${name}`)), folder.at("by-cp"));
    const pairs = names.map((name) => ({ source: folder.at(`s/${name}`), target: folder.at(`ours/${name}`) }));
    assertEquals((await copyMany(pairs, LIKE_P).summary).failed, 0);
    assertEquals(listsOf(folder, "ours"), listsOf(folder, "by-cp"));
  });
});

describe("a tree with special bits", () => {
  itUnless(
    noUsers,
    "keeps a folder's sticky bit, without being asked, under every umask and whoever copies it",
    async () => {
      using folder = new TemporaryFolder();
      shell(
        folder.path,
        "chmod 777 .; mkdir s; for m in 1777 1755 3777 0 222 555 700; do mkdir s/$m; echo f > s/$m/f; chmod $m s/$m; done",
      );
      const modes = (name: string) => must("bash", "-c", `cd '${folder.at(name)}' && find . -printf '%p %m\\n' | sort`);
      must("cp", "-r", folder.at("s"), folder.at("by-cp"));
      await copyTree(folder.at("s"), folder.at("ours")).summary;
      assertEquals(modes("ours"), modes("by-cp"));
      assert(modes("ours").includes("./1777 1755"), modes("ours"));
      shell(folder.path, "chmod -R a+rX s");
      await copyTreeAs({ uid: 2001, gid: 3001 }, folder.at("s"), folder.at("users"), { preserve: true });
      assert(modes("users").includes("./1777 1777"), modes("users")); // that one keeps everything
    },
  );

  itUnless(noUsers, "leaves setuid and setgid behind where the owner is not kept", async () => {
    using folder = new TemporaryFolder();
    shell(
      folder.path,
      "mkdir s; echo f > s/f; head -c 2000000 /dev/zero > s/big; mkdir s/d; chown 2001:3001 s/*; chmod 6755 s/f s/big; chmod 3777 s/d; echo g > s/mine; chmod 6755 s/mine",
    );
    await copyTree(folder.at("s"), folder.at("t"), { preserve: { mode: true } }).summary;
    const modes = ["f", "big", "d", "mine"].map((name) =>
      (fs.statSync(folder.at(`t/${name}`)).mode & 0o7777).toString(8)
    );
    assertEquals(modes, ["755", "755", "1777", "6755"]);
  });
});

describe("a file whose name is no UTF-8, and that is replaced", () => {
  itUnless(noLists, "is accessible to nobody who had no access before", async () => {
    using folder = new TemporaryFolder();
    shell(
      folder.path,
      `mkdir s t; for n in list plain; do echo new > s/$'\\xe9'$n; echo old > t/$'\\xe9'$n; chmod 640 t/$'\\xe9'$n; done
      setfacl -m u:2002:rwx,g::r-- t/$'\\xe9'list; setfacl -d -m u:2003:rwx t`,
    );
    const transfer = copyTree(folder.at("s"), folder.at("t"));
    const kept: string[] = [];
    for await (const { path, notKept } of transfer) if (notKept.length > 0) kept.push(`${path} ${notKept}`);
    if (!hasBytes) return assertEquals([kept, (await transfer.summary).failed], [[], 2]);
    assertEquals(kept, []);
    const found = must("bash", "-c", `cd '${folder.at("t")}' && getfacl -ncE $'\\xe9'list; stat -c %a *; cat *`);
    assertEquals(found.split(/\s+/), [
      ...["user::rw-", "user:2002:rwx", "group::r--", "mask::rwx", "other::---"],
      ...["670", "640", "new", "new"],
    ]);
  });

  itUnless(
    noLists,
    "takes the rights of its group along where that is not kept, and stays where it may not be written",
    async () => {
      using folder = new TemporaryFolder();
      shell(
        folder.path,
        `mkdir s t; chmod 777 . t; for m in 602 664 644; do echo new > s/$'\\xe9'$m; echo old > t/$'\\xe9'$m
      chown 2002:4000 t/*; chmod $m t/$'\\xe9'$m; done`,
      );
      await copyTreeAs({ uid: 2001, gid: 3001 }, folder.at("s"), folder.at("t"));
      const found = must("bash", "-c", `cd '${folder.at("t")}' && for f in *; do cat $f; stat -c %a:%u $f; done`);
      if (!hasBytes) return assertEquals(found.match(/old/g)!.length, 3);
      assertEquals(found.split("\n"), ["new", "600:2001", "old", "644:2002", "old", "664:2002"]);
    },
  );
});

describe("an update of what is there already", () => {
  itUnless(
    noUsers,
    "is made by its owner, also of files that nobody may read, and tells what that user may not",
    async () => {
      using folder = new TemporaryFolder();
      const user = { uid: 2001, gid: 2001 };
      shell(
        folder.path,
        `mkdir s t; for n in given narrow wide closed; do echo x > s/$n; cp -a s/$n t/$n; chown 2001:2001 t/$n; done
      chmod 640 s/narrow; chmod 644 t/narrow; chmod 604 s/wide; chmod 600 t/wide; chmod 444 s/closed; chmod 000 t/closed
      chown 2001:2001 s/narrow s/wide s/closed t; chmod 755 . s`,
      );
      const options: TreeOptions = { overwrite: "different", preserve: true };
      const { failed } = await copyTreeAs(user, folder.at("s"), folder.at("t"), options);
      const modes = ["given", "narrow", "wide", "closed"].map((name) => {
        const { mode, uid } = fs.statSync(folder.at(`t/${name}`));
        return `${name} ${(mode & 0o7777).toString(8)} ${uid}`;
      });
      assertEquals([failed, modes], [0, ["given 644 2001", "narrow 640 2001", "wide 604 2001", "closed 444 2001"]]);
    },
  );

  itUnless(noLists, "takes lists and attributes away that the source has not, and tells each entry", async () => {
    using folder = new TemporaryFolder();
    shell(
      folder.path,
      `mkdir -p s/d; echo x > s/d/f; ln -s f s/d/l; cp -a s t; setfacl -m u:2002:rw- t/d/f; setfattr -n user.extra -v x t/d/f
      setfacl -d -m u:2002:rwx t/d; chown -h 2001 s/d/l; touch -d '2001-01-01' t/d`,
    );
    const told: string[] = [];
    const transfer = copyTree(folder.at("s"), folder.at("t"), { overwrite: "different", preserve: true });
    for await (const { action, path, reason } of transfer) told.push(`${action} ${path}: ${reason}`);
    assertEquals(told.sort(), [
      "updated d/f: mode, access control list, extended attributes",
      "updated d/l: owner",
      "updated d: default access control list, times",
    ]);
    assertEquals((await transfer.summary).updated, 3);
  });

  itUnless(noLists, "takes setuid, setgid and sticky bits away that the source has not, with a list too", async () => {
    using folder = new TemporaryFolder();
    shell(
      folder.path,
      `mkdir s; echo x > s/f; echo x > s/g; chmod 4750 s/g; setfacl -m u:2002:r-- s/f s/g; cp -a s t; chmod u+s,g+s,+t t/f
      chmod u-s t/g`,
    );
    const { updated } = await copyTree(folder.at("s"), folder.at("t"), { overwrite: "different", preserve: true })
      .summary;
    const modes = ["f", "g"].map((name) => [fs.statSync(folder.at(`s/${name}`)), fs.statSync(folder.at(`t/${name}`))]);
    assertEquals(modes.map(([one, other]) => one.mode === other.mode), [true, true]);
    assertEquals(updated, 2);
  });
});

describe("a file with a name that is no UTF-8", () => {
  const noNames = hasBytes ? noLists : "this runtime cannot open such names";

  itUnless(noNames, "keeps the list and the attributes of what it replaces", async () => {
    using folder = new TemporaryFolder();
    shell(
      folder.path,
      `mkdir s t; echo new > s/$'\\xe9'; echo old > t/$'\\xe9'; chown 2001:2001 t/$'\\xe9'; chmod 640 t/$'\\xe9'
      setfacl -m u:2002:rw- t/$'\\xe9'; setfattr -n user.note -v kept t/$'\\xe9'; mkdir -p by-cp; cp -a t/$'\\xe9' by-cp
      cp s/$'\\xe9' by-cp`,
    );
    const notKept: string[] = [];
    const transfer = copyTree(folder.at("s"), folder.at("t"));
    for await (const result of transfer) notKept.push(...result.notKept, ...result.error ? [result.reason] : []);
    assertEquals([notKept, fs.readdirSync(folder.at("t")).length], [[], 1]);
    assertEquals(listsOf(folder, "t"), listsOf(folder, "by-cp"));
    shell(folder.path, `cmp s/* t/*; getfattr -n user.note --only-values t/* | grep kept`);
  });
});

describe("a folder that its owner may not write to", () => {
  itUnless(
    noUsers,
    "is filled by shards, one after the other and side by side, and closed by each that is done",
    async () => {
      const user = { uid: 2001, gid: 2001 };
      for (const preserve of [true, { timestamps: true }]) {
        for (const together of preserve === true ? [false, true] : [false]) {
          using folder = new TemporaryFolder();
          shell(
            folder.path,
            `mkdir -p s/shut/inner s/shut/empty t; cd s/shut; for i in $(seq 60); do echo $i > f$i; echo $i > inner/g$i; done
          for i in $(seq 8); do ln -s f$i l$i; mkfifo inner/p$i; done; head -c 2000000 /dev/zero > big; chmod 500 inner
          chmod 555 . empty; chown -Rh 2001:2001 ../../s ../../t; chmod 755 ../..`,
          );
          const shards = [0, 1].map((index) => () =>
            copyTreeAs(user, folder.at("s"), folder.at("t"), { preserve, shard: { index, count: 2 } })
          );
          const ends: { failed: number; codes: string[] }[] = [];
          if (together) ends.push(...await Promise.all(shards.map((shard) => shard())));
          else for (const shard of shards) ends.push(await shard());
          assertEquals(ends.map(({ failed, codes }) => [failed, ...codes]), [[0], [0]]);
          const list = (name: string) =>
            must("bash", "-c", `cd '${folder.at(name)}/shut' && find . -printf '%p %y %m\n' | sort`);
          assertEquals(list("t"), list("s"));
          // and what comes later
          shell(folder.path, `echo new > s/shut/inner/new; chown 2001:2001 s/shut/inner/new`);
          const options: TreeOptions = { preserve, overwrite: "different" };
          const later = await copyTreeAs(user, folder.at("s"), folder.at("t"), options);
          assertEquals([later.failed, list("t") === list("s")], preserve === true ? [0, true] : [1, false]);
        }
      }
    },
  );
});
