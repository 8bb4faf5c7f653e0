// Who may use a copy: a file that is replaced is never accessible to more than before, nor runs as somebody else. What cp
// leaves behind is the judge, where it writes into the file itself.

import { assert, assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { copy } from "../../mod.ts";
import { TemporaryFolder } from "../support/files.ts";
import { itUnless } from "../support/platform.ts";
import { copyAs, listOf, must, statText, whyNoLists, whyNoUsers } from "./as_user.ts";

const noUsers = whyNoUsers();
const noLists = whyNoLists();
const USER = { uid: 2001, gid: 3001 };
const MEMBER = { uid: 2001, gid: 3001, groups: [3001, 4000] };

/** A folder where everybody may do everything, with a source that everybody may read. */
function prepare(): TemporaryFolder {
  const folder = new TemporaryFolder();
  fs.chmodSync(folder.path, 0o777);
  fs.chmodSync(folder.write("source", "new content"), 0o644);
  return folder;
}

/** A target with an owner, a group and a mode. */
function own(folder: TemporaryFolder, uid: number, gid: number, mode: number, name = "target"): string {
  const path = folder.write(name, "old");
  fs.chownSync(path, uid, gid);
  fs.chmodSync(path, mode);
  return path;
}

describe("copy() over a file with an access control list", () => {
  itUnless(noLists, "keeps the list, and the mode that goes with it", async () => {
    using folder = prepare();
    const target = own(folder, 0, 0, 0o640);
    must("setfacl", "-m", "u:2002:rwx,g:4000:r--", target);
    const before = [listOf(target), statText(target)];
    const { notKept } = await copy(folder.at("source"), target);
    assertEquals([listOf(target), statText(target), notKept.length], [...before, 0]);
    assertEquals(fs.readFileSync(target, "utf8"), "new content");
  });

  itUnless(noLists, "gives nobody what the folder's default list would give", async () => {
    using folder = prepare();
    const target = own(folder, 0, 0, 0o640);
    must("setfacl", "-d", "-m", "u:2002:rwx,o::rwx", folder.path);
    const before = [listOf(target), statText(target)];
    await copy(folder.at("source"), target);
    assertEquals([listOf(target), statText(target)], before);
    assertEquals((await copyAs({ uid: 2002, gid: 2002 }, target, folder.at("stolen"))).code, "EACCES");
  });

  itUnless(noLists, "gives a new file what cp gives it there", async () => {
    using folder = prepare();
    must("setfacl", "-d", "-m", "u:2002:rwx", folder.path);
    must("cp", folder.at("source"), folder.at("by-cp"));
    await copy(folder.at("source"), folder.at("by-copy"));
    assertEquals([listOf(folder.at("by-copy")), statText(folder.at("by-copy"))], [
      listOf(folder.at("by-cp")),
      statText(folder.at("by-cp")),
    ]);
  });

  itUnless(noLists, "takes the group's rights along where the group cannot be kept", async () => {
    using folder = prepare();
    const target = own(folder, 2002, 4000, 0o660);
    must("setfacl", "-m", "u:2001:rw-,g:4001:r--,o::r--", target);
    const { notKept } = await copyAs(USER, folder.at("source"), target);
    assertEquals(notKept, ["owner", "group"]);
    assert(listOf(target).includes("group::r--"), listOf(target));
    assert(listOf(target).includes("user:2001:rw-") && listOf(target).includes("group:4001:r--"), listOf(target));
  });
});

describe("copy() over another's file", () => {
  itUnless(noUsers, "keeps the group for one of its members who is not the owner", async () => {
    using folder = prepare();
    const target = own(folder, 2002, 4000, 0o660);
    const { notKept } = await copyAs(MEMBER, folder.at("source"), target);
    assertEquals([statText(target), notKept], ["660 2001:4000", ["owner"]]);
  });

  itUnless(
    noUsers,
    "lets the copier's own group have no more than everybody had, nor everybody more than the group",
    async () => {
      using folder = prepare();
      for (const [mode, expected] of [[0o666, "666"], [0o664, "664"], [0o602, "600"], [0o646, "644"]] as const) {
        const target = own(folder, 2002, 4000, mode | 0o002, `target-${mode}`);
        const { notKept } = await copyAs(USER, folder.at("source"), target);
        assertEquals(notKept, ["owner", "group"], expected);
        const found = fs.statSync(target).mode & 0o777;
        const [group, other] = [mode >> 3 & 7, mode & 7 | 2];
        assertEquals(found & 0o77, (group & other) << 3 | (group & other), found.toString(8));
      }
    },
  );

  itUnless(noUsers, "takes setuid and setgid away, the own file's too, as a write does for cp", async () => {
    using folder = prepare();
    const other = own(folder, 2002, 4000, 0o4775, "other");
    await copyAs(MEMBER, folder.at("source"), other);
    assertEquals(statText(other), "775 2001:4000");
    const mine = own(folder, 2001, 3001, 0o6755, "mine");
    const byCp = own(folder, 2001, 3001, 0o6755, "by-cp");
    await copyAs(USER, folder.at("source"), mine);
    must("setpriv", "--reuid=2001", "--regid=3001", "--groups=3001", "cp", folder.at("source"), byCp);
    assertEquals([statText(mine), statText(byCp)], ["755 2001:3001", "755 2001:3001"]);
  });

  itUnless(noUsers, "is nobody's to read before it has its owner and mode", async () => {
    using folder = prepare();
    const target = own(folder, 0, 0, 0o600);
    const modes = new Set<number>();
    fs.writeFileSync(folder.at("source"), new Uint8Array(40_000_000));
    await copy(folder.at("source"), target, {
      method: "aio",
      chunkBytes: 65536,
      onProgress() {
        for (const name of fs.readdirSync(folder.path)) {
          if (name.endsWith(".aio-copy")) modes.add(fs.statSync(folder.at(name)).mode & 0o777);
        }
      },
    });
    assertEquals([...modes], [0o600]);
  });
});

const LABEL = "system_u:object_r:tmp_t:s0";

describe("copy() over a file with attributes", () => {
  const noAttributes = noUsers ??
    (spawnSync("setfattr", ["--version"]).status === 0 ? undefined : "there is no setfattr");
  itUnless(noAttributes, "keeps user.* and trusted.*, and leaves security.capability behind, as cp does", async () => {
    using folder = new TemporaryFolder("/tmp");
    folder.write("source", "new");
    for (const name of ["target", "by-cp"]) {
      const path = folder.write(name, "old");
      must("setfattr", "-n", "user.note", "-v", "kept", path);
      must("setfattr", "-n", "trusted.note", "-v", "kept too", path);
      const capability = "0x0000000200040000000000000000000000000000";
      must("setfattr", "-n", "security.capability", "-v", capability, path);
    }
    await copy(folder.at("source"), folder.at("target"));
    must("cp", folder.at("source"), folder.at("by-cp"));
    const dump = (name: string) =>
      must("getfattr", "--absolute-names", "-d", "-m", "-", folder.at(name)).split("\n").slice(1);
    assertEquals(dump("target"), dump("by-cp"));
    assertEquals(dump("target"), ['trusted.note="kept too"', 'user.note="kept"']);
  });

  const labelled = () => {
    using folder = new TemporaryFolder();
    const set = spawnSync("setfattr", ["-n", "security.selinux", "-v", LABEL, folder.write("file", "")]);
    return set.status === 0 ? undefined : "no SELinux label can be set on files here";
  };
  const noLabels = noAttributes ?? labelled();
  itUnless(noLabels, "keeps its SELinux label, as cp does, and takes the source's only with -a", async () => {
    using folder = new TemporaryFolder();
    const label = (name: string) => {
      const { status, stdout } = spawnSync("getfattr", ["--only-values", "-n", "security.selinux", folder.at(name)], {
        encoding: "utf8",
      });
      return status === 0 ? stdout.replace("\0", "") : undefined;
    };
    const other = LABEL.replace("tmp_t", "etc_t");
    must("setfattr", "-n", "security.selinux", "-v", other, folder.write("source", "new"));
    for (const method of ["kernel", "aio", "auto"] as const) {
      for (const name of ["target", "by-cp"]) {
        must("setfattr", "-n", "security.selinux", "-v", LABEL, folder.write(name, "old"));
      }
      await copy(folder.at("source"), folder.at("target"), { method });
      must("cp", folder.at("source"), folder.at("by-cp"));
      assertEquals([label("target"), label("by-cp")], [LABEL, LABEL]);
      assertEquals(fs.readFileSync(folder.at("target"), "utf8"), "new");
      await copy(folder.at("source"), folder.at("target"), { method, preserve: true });
      assertEquals(label("target"), other);
    }
  });
});
