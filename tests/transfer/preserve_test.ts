// What a copy takes from its source when asked to: times to the nanosecond, mode, owner, lists and attributes, as cp -p and
// cp -a do.

import { assertEquals, assertRejects } from "@std/assert";
import { describe } from "@std/testing/bdd";
import fs from "node:fs";
import { copy } from "../../mod.ts";
import type { CopyOptions } from "../../mod.ts";
import { TemporaryFolder } from "../support/files.ts";
import { itOnLinux, itUnless } from "../support/platform.ts";
import { copyAs, listOf, must, statText, whyNoLists, whyNoUsers } from "./as_user.ts";

/** Times of last access and modification, with all nine digits. */
const times = (name: string) => must("stat", "-c", "%.9X %.9Y", name);

describe("copy() that preserves", () => {
  for (
    const date of [
      "2021-03-04 05:06:07.123456789",
      "1969-12-31 12:00:00.000000001 UTC",
      "1905-06-07 08:09:10.999999999",
    ]
  ) {
    for (const method of ["kernel", "aio"] as const) {
      itOnLinux(`times keeps ${date} by ${method}`, async () => {
        using folder = new TemporaryFolder("/dev/shm"); // ext4 of small inodes knows no such dates
        const source = folder.write("source", "x".repeat(100_000));
        must("touch", "-m", "-d", date, source);
        must("touch", "-a", "-d", "2001-02-03 04:05:06.700000008", source);
        const before = times(source).split(" ")[1];
        for (const options of [{ preserveTimestamps: true }, { preserve: { timestamps: true } }] as CopyOptions[]) {
          await copy(source, folder.at("target"), { method, ...options });
          assertEquals(times(folder.at("target")).split(" ")[1], before);
          assertEquals(times(folder.at("target")).split(" ")[0].slice(0, 10), times(source).split(" ")[0].slice(0, 10));
        }
      });
    }
  }

  itOnLinux("times leaves nothing for cp -u to do", async () => {
    using folder = new TemporaryFolder();
    const source = folder.write("source", "x");
    must("touch", "-d", "2021-03-04 05:06:07.123456789", source);
    await copy(source, folder.at("target"), { preserveTimestamps: true });
    assertEquals(must("cp", "-uv", source, folder.at("target")), "");
  });

  const noUsers = whyNoUsers();
  itUnless(
    noUsers,
    "mode and ownership gives what cp -p gives, with setuid only where owner and group were kept",
    async () => {
      using folder = new TemporaryFolder();
      fs.chmodSync(folder.path, 0o777);
      const source = folder.write("source", "x");
      fs.chownSync(source, 2002, 4000);
      fs.chmodSync(source, 0o6755);
      const preserve = { mode: true, ownership: true, timestamps: true };
      await copy(source, folder.at("by-root"), { preserve });
      assertEquals(statText(folder.at("by-root")), "6755 2002:4000");
      const asUser = ["setpriv", "--reuid=2001", "--regid=3001", "--groups=3001"];
      const { notKept } = await copyAs({ uid: 2001, gid: 3001 }, source, folder.at("by-user"), { preserve });
      must(asUser[0], ...asUser.slice(1), "cp", "-p", source, folder.at("by-cp"));
      assertEquals([statText(folder.at("by-user")), notKept], [statText(folder.at("by-cp")), ["owner", "group"]]);
      // over another file, whose own owner and mode do not count then
      fs.chmodSync(folder.write("over", "old"), 0o600);
      await copy(source, folder.at("over"), { preserve });
      assertEquals(statText(folder.at("over")), "6755 2002:4000");
    },
  );

  itUnless(whyNoLists(), "everything gives what cp -a gives: lists and attributes too", async () => {
    using folder = new TemporaryFolder("/tmp");
    must("setfacl", "-d", "-m", "u:2009:rwx", folder.path);
    const source = folder.write("source", "x");
    fs.chmodSync(source, 0o751);
    must("setfacl", "-b", source);
    must("setfattr", "-n", "user.note", "-v", "hello", source);
    for (const round of ["without a list", "with one"]) {
      await copy(source, folder.at("by-copy"), { preserve: true });
      must("cp", "-a", source, folder.at("by-cp"));
      const all = (name: string) => [
        listOf(folder.at(name)),
        statText(folder.at(name)),
        times(folder.at(name)).split(" ")[1],
        must("getfattr", "--absolute-names", "-d", "-m", "^user", folder.at(name)).split("\n").slice(1).join(),
      ];
      assertEquals(all("by-copy"), all("by-cp"), round);
      must("setfacl", "-m", "u:2003:r--,g:4000:rw-", source);
    }
  });

  itOnLinux("names what it does not know", async () => {
    const wrong = (options: object) => copy("/nowhere", "/nowhere", options as CopyOptions);
    await assertRejects(() => wrong({ preserve: { time: true } }), TypeError, '"time"');
    await assertRejects(() => wrong({ preserve: "all" }), TypeError, "preserve all");
    await assertRejects(() => wrong({ preserve: { mode: 1 } }), TypeError, "preserve.mode 1");
    await assertRejects(() => wrong({ inPlace: true }), TypeError, "inPlace true");
    await assertRejects(() => wrong({ overwirte: false }), TypeError, '"overwirte"');
  });
});
