// Places where files have to be made otherwise than under a temporary name: for copy() as for trees and lists of files, whose
// small files a thread copies.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { copy, copyMany, copyTree } from "../../mod.ts";
import type { TreeOptions, TreeResult } from "../../mod.ts";
import { threadFailure } from "../../transfer/threads/files_threads.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itOnLinux, itUnless } from "../support/platform.ts";
import { must, whyNoUsers } from "./as_user.ts";
import { ObjectStore, whyNoStore } from "./object_store.ts";
import { copyTreeAs } from "./tree/tree_as_user.ts";

const noStore = whyNoStore();
const noUsers = whyNoUsers();

/** Why no folder can be told to take additions only. */
function whyNoAdditions(): string | undefined {
  if (noUsers !== undefined) return noUsers;
  const folder = new TemporaryFolder();
  try {
    if (spawnSync("chattr", ["+a", folder.path]).status !== 0) return "there is no chattr +a";
    return spawnSync("chattr", ["-a", folder.path]).status === 0 ? undefined : "there is no chattr -a";
  } finally {
    folder[Symbol.dispose]();
  }
}

/** A folder `s` with a small and a big file. */
function prepare(): TemporaryFolder {
  const folder = new TemporaryFolder();
  fs.mkdirSync(folder.at("s"));
  folder.write("s/small", "new");
  folder.write("s/big", knownBytes(3_000_000));
  fs.chmodSync(folder.at("s/small"), 0o640);
  return folder;
}

/** Copies the files of `s`, as a list and as a tree, and gives the results in the order of their names. */
async function bothWays(folder: TemporaryFolder, target: string, options: TreeOptions): Promise<TreeResult[][]> {
  const pairs = ["small", "big"].map((name) => ({ source: folder.at(`s/${name}`), target: `${target}/${name}` }));
  const byName = (a: TreeResult, b: TreeResult) => a.source < b.source ? -1 : 1;
  return [
    (await Array.fromAsync(copyMany(pairs, options))).sort(byName),
    (await Array.fromAsync(copyTree(folder.at("s"), target, options))).filter(({ kind }) => kind === "file").sort(
      byName,
    ),
  ];
}

function mustBeCopied(folder: TemporaryFolder, target: string, results: readonly TreeResult[]): void {
  assertEquals(results.map(({ action }) => action), ["copied", "copied"], results[0]?.error?.message);
  for (const name of ["small", "big"]) {
    assert(fs.readFileSync(`${target}/${name}`).equals(fs.readFileSync(folder.at(`s/${name}`))), name);
  }
}

describe("trees and lists of files", () => {
  for (const options of ["norename", "norename,seq,notrunc,nochmod,nolink"]) {
    itUnless(
      noStore,
      `to a mount that knows ${options} are written in place when asked to, and else say how`,
      async () => {
        using folder = prepare();
        await using store = await ObjectStore.mount(options);
        for (const results of await bothWays(folder, store.path, {})) {
          for (const { error } of results) assertMatch(error!.message, /cannot rename.*--in-place/);
          assertEquals(results.length, 2);
        }
        assertEquals(fs.readdirSync(store.path), []);
        for (let round = 0; round < 2; round++) {
          for (const results of await bothWays(folder, store.path, { inPlace: "auto" })) {
            mustBeCopied(folder, store.path, results);
          }
        }
        assertEquals(fs.readdirSync(store.path).sort(), ["big", "small"]);
      },
    );
  }

  itUnless(noStore, "to a mount where every file has the same mode say that theirs is not kept", async () => {
    using folder = prepare();
    await using store = await ObjectStore.mount("nochmod");
    const options = { preserve: { mode: true } } as const;
    for (let round = 0; round < 2; round++) {
      for (const results of await bothWays(folder, store.path, options)) {
        mustBeCopied(folder, store.path, results);
        for (const { notKept } of results) assertEquals(notKept, ["mode"]);
      }
      assertEquals((await copy(folder.at("s/small"), store.at("small"), options)).notKept, ["mode"]);
    }
  });

  itOnLinux("bring a file to a path just below the longest", async () => {
    using folder = prepare();
    let path = folder.path;
    while (path.length < 4060) {
      path += `/${"d".repeat(Math.min(200, Math.max(1, 4060 - path.length - 1)))}`;
      fs.mkdirSync(path);
    }
    const room = 4094 - path.length;
    const pairs = [room, room - 1, room - 2].map((length) => ({
      source: folder.at("s/small"),
      target: `${path}/${"f".repeat(length)}`,
    }));
    const { files, failed } = await copyMany(pairs).summary;
    assertEquals([files, failed], [3, 0]);
    assertEquals(fs.readdirSync(path).every((name) => /^f+$/.test(name)), true);
  });

  itOnLinux("bring what there is of files that only pretend their size", async () => {
    using folder = new TemporaryFolder();
    const place = "/sys/devices/system/clocksource/clocksource0", name = "current_clocksource";
    assertEquals(fs.statSync(`${place}/${name}`).size, 4096);
    const options = { preserve: { timestamps: true }, digest: "sha256" } as const;
    await copyMany([{ source: `${place}/${name}`, target: folder.at("one") }], options).summary;
    await copyTree(place, folder.at("tree"), { include: [name] }).summary;
    await copyTree(place, folder.at("checked"), { include: [name], verify: true }).summary;
    for (const copied of ["one", `tree/${name}`, `checked/${name}`]) {
      assertEquals(fs.readFileSync(folder.at(copied), "utf8"), fs.readFileSync(`${place}/${name}`, "utf8"));
    }
  });

  itUnless(noUsers, "leave no link behind that could not take another's place", async () => {
    using folder = new TemporaryFolder();
    must(
      "bash",
      "-c",
      `cd '${folder.path}'; chmod 755 .; mkdir s t; chmod 1777 t; ln -s new s/l; ln -s old t/l; chown -h 2002 t/l`,
    );
    const { codes } = await copyTreeAs({ uid: 2001, gid: 3001 }, folder.at("s"), folder.at("t"));
    assertEquals([codes, fs.readdirSync(folder.at("t"))], [["EPERM"], ["l"]]);
  });
});

describe("a thread that cannot be started", () => {
  it("is an error with the cause, and with its name where the runtime tells it", () => {
    const failure = threadFailure(new Error("Worker initialization failure: EMFILE"));
    assertEquals([failure.code, failure.syscall], ["EMFILE", "thread"]);
    assertMatch(failure.message, /the thread for it could not be started.*EMFILE/);
    assertEquals(threadFailure("out of luck").code, "EIO");
  });
});

describe("a folder that only takes additions", () => {
  itUnless(
    whyNoAdditions(),
    "is found out before anything is made in it, and written to in place when asked to",
    async () => {
      using folder = prepare();
      fs.mkdirSync(folder.at("t"));
      folder.write("t/small", "old");
      must("chattr", "+a", folder.at("t"));
      try {
        for (const results of await bothWays(folder, folder.at("t"), {})) {
          for (const { error } of results) assertMatch(error!.message, /EPERM.*only takes additions.*--in-place/);
          assertEquals(results.length, 2);
        }
        const refusal = await copy(folder.at("s/big"), folder.at("t")).catch((error: Error) => error.message);
        assertStringIncludes(String(refusal), "only takes additions");
        assertEquals([fs.readdirSync(folder.at("t")), fs.readFileSync(folder.at("t/small"), "utf8")], [
          ["small"],
          "old",
        ]);
        for (const results of await bothWays(folder, folder.at("t"), { inPlace: "auto" })) {
          mustBeCopied(folder, folder.at("t"), results);
        }
        const onProgress = () => {
          throw new RangeError("enough");
        };
        const failed = await copy(folder.at("s/big"), folder.at("t/new"), { inPlace: "auto", onProgress }).catch((
          error,
        ) => error);
        assertMatch(failed.message, /is damaged.*enough/); // nobody can take it away
        assertEquals(fs.readdirSync(folder.at("t")).sort(), ["big", "new", "small"]);
      } finally {
        must("chattr", "-a", folder.at("t"));
      }
    },
  );
});

describe("a file system without room for one more file", () => {
  itUnless(noUsers, "has the old one written over when asked to, as cp does", async () => {
    using folder = prepare();
    fs.mkdirSync(folder.at("m"));
    must("mount", "-t", "tmpfs", "-o", "size=1M,nr_inodes=2", "none", folder.at("m"));
    try {
      folder.write("m/f", "old");
      const refusal = await copy(folder.at("s/small"), folder.at("m/f")).catch((error: Error) => error.message);
      assertMatch(String(refusal), /ENOSPC.*--in-place/);
      assertEquals(fs.readFileSync(folder.at("m/f"), "utf8"), "old");
      await copy(folder.at("s/small"), folder.at("m/f"), { inPlace: "auto" });
      assertEquals(fs.readFileSync(folder.at("m/f"), "utf8"), "new");
    } finally {
      must("umount", folder.at("m"));
    }
  });
});
