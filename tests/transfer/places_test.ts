// Targets that cp can write: file systems that refuse half of the calls, files that cannot be replaced, names at the
// limit. What cannot be replaced is written in place only where that was asked for.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describe } from "@std/testing/bdd";
import fs from "node:fs";
import { AioError, copy } from "../../mod.ts";
import type { CopyOptions } from "../../mod.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itOnLinux, itUnless } from "../support/platform.ts";
import { copyAs, must, whyNoUsers } from "./as_user.ts";
import { ObjectStore, whyNoStore } from "./object_store.ts";

const noStore = whyNoStore();
const noUsers = whyNoUsers();
const CONTENT = knownBytes(3_000_000);
const METHODS = ["kernel", "aio"] as const;

async function refused(source: string, target: string, options: CopyOptions = {}): Promise<AioError> {
  const error = await assertRejects(() => copy(source, target, options), AioError) as AioError;
  assertStringIncludes(error.message, "--in-place");
  assertStringIncludes(error.message, target);
  return error;
}

describe("copy() to a file system of a program's", () => {
  for (const options of ["seq", "notrunc", "nochmod", "nolink", "seq,notrunc,nochmod,nolink"]) {
    for (const method of METHODS) {
      itUnless(
        noStore,
        `that knows ${options} brings every byte by ${method}, over a file and where none is`,
        async () => {
          using folder = new TemporaryFolder();
          await using store = await ObjectStore.mount(options);
          const source = folder.write("source", CONTENT);
          for (let round = 0; round < 2; round++) {
            await copy(source, store.at("target"), { method, chunkBytes: 65536 });
            assertEquals(fs.readFileSync(store.at("target")).equals(CONTENT), true);
          }
          await copy(source, store.at("other"), { method, overwrite: false });
          const error = await assertRejects(
            () => copy(source, store.at("other"), { method, overwrite: false }),
            AioError,
          );
          assertEquals((error as AioError).code, "EEXIST");
          assertEquals(fs.readdirSync(store.path).sort(), ["other", "target"]);
        },
      );
    }
  }

  itUnless(
    noStore,
    "that cannot rename says so before it moves data, and is written in place when asked to",
    async () => {
      using folder = new TemporaryFolder();
      await using store = await ObjectStore.mount("norename,seq,notrunc");
      const source = folder.write("source", CONTENT);
      const moved: number[] = [];
      const onProgress = ({ bytes }: { bytes: number }) => moved.push(bytes);
      const error = await refused(source, store.at("target"), { onProgress });
      assertEquals([error.code, moved, fs.readdirSync(store.path)], ["ENOSYS", [], []]);
      for (let round = 0; round < 2; round++) {
        const { inPlace } = await copy(source, store.at("target"), { inPlace: "auto", chunkBytes: 65536 });
        assertEquals(inPlace, true);
        assertEquals(fs.readFileSync(store.at("target")).equals(CONTENT), true);
      }
      assertEquals(fs.readdirSync(store.path), ["target"]);
    },
  );

  for (const method of METHODS) {
    itUnless(noStore, `whose file is shorter than it says brings what there is, by ${method}`, async () => {
      using folder = new TemporaryFolder();
      await using store = await ObjectStore.mount("lies");
      const { size } = await copy(store.at("lie"), folder.at("target"), { method });
      assertEquals([size, fs.readFileSync(folder.at("target"), "latin1")], [100_000, "x".repeat(100_000)]);
    });
  }
});

describe("copy() to a file that cannot be replaced", () => {
  itUnless(noUsers, "because it is mounted there", async () => {
    using folder = new TemporaryFolder();
    const source = folder.write("source", CONTENT);
    const [beneath, target] = [folder.write("beneath", "old"), folder.write("target", "")];
    must("mount", "--bind", beneath, target);
    try {
      assertEquals((await refused(source, target)).code, "EBUSY");
      assertEquals(fs.readFileSync(beneath, "utf8"), "old");
      assertEquals((await copy(source, target, { inPlace: "auto" })).inPlace, true);
      assertEquals(fs.readFileSync(beneath).equals(CONTENT), true);
    } finally {
      must("umount", target);
    }
  });

  itUnless(noUsers, "because its folder cannot be written to", async () => {
    using folder = new TemporaryFolder();
    fs.chmodSync(folder.path, 0o755);
    const source = folder.write("source", "new");
    const target = folder.write("target", "older content");
    fs.chmodSync(target, 0o666);
    const user = { uid: 2001, gid: 3001 };
    const refusal = await copyAs(user, source, target);
    assertEquals(refusal.code, "EACCES");
    assertStringIncludes(refusal.error ?? "", "--in-place");
    assertEquals(fs.readFileSync(target, "utf8"), "older content");
    assertEquals((await copyAs(user, source, target, { inPlace: "auto" })).inPlace, true);
    assertEquals([fs.readFileSync(target, "utf8"), fs.statSync(target).uid], ["new", 0]);
    // where nothing is there, writing in place would not help
    const missing = await copyAs(user, source, folder.at("missing"), { inPlace: "auto" });
    assertEquals(missing.code, "EACCES");
  });

  itUnless(noUsers, "because it is another's in a folder with the sticky bit", async () => {
    using folder = new TemporaryFolder();
    fs.chmodSync(folder.path, 0o1777);
    const source = folder.write("source", "new");
    const target = folder.write("target", "old");
    fs.chmodSync(target, 0o666);
    const user = { uid: 2001, gid: 3001 };
    const refusal = await copyAs(user, source, target);
    assertEquals(refusal.code, "EPERM");
    assertStringIncludes(refusal.error ?? "", "sticky bit");
    assertEquals((await copyAs(user, source, target, { inPlace: "auto" })).inPlace, true);
    assertEquals(fs.readFileSync(target, "utf8"), "new");
  });

  itUnless(noUsers, "because it is a setting of the kernel's", async () => {
    using folder = new TemporaryFolder();
    const target = "/proc/sys/kernel/domainname";
    const before = fs.readFileSync(target, "utf8");
    const source = folder.write("source", before);
    await refused(source, target);
    assertEquals((await copy(source, target, { inPlace: "auto" })).inPlace, true);
    assertEquals(fs.readFileSync(target, "utf8"), before);
  });

  itOnLinux("says that the target is damaged when a copy in place fails midway", async () => {
    using folder = new TemporaryFolder();
    const source = folder.write("source", CONTENT);
    const target = folder.write("target", "old");
    const onProgress = () => {
      throw new RangeError("enough");
    };
    const options = { inPlace: "always", chunkBytes: 65536, onProgress } as const;
    const error = await assertRejects(() => copy(source, target, options), AioError, "is damaged");
    assertStringIncludes(error.message, "enough");
    // what was not there before is taken away again
    await assertRejects(() => copy(source, folder.at("new"), options), RangeError, "enough");
    assertEquals(fs.readdirSync(folder.path).sort(), ["source", "target"]);
  });

  itOnLinux("keeps links and the inode where it is always written in place", async () => {
    using folder = new TemporaryFolder();
    const target = folder.write("target", "a longer old content");
    fs.linkSync(target, folder.at("link"));
    const { ino } = fs.statSync(target);
    await copy(folder.write("source", "new"), target, { inPlace: "always" });
    assertEquals([fs.statSync(target).ino, fs.readFileSync(folder.at("link"), "utf8")], [ino, "new"]);
  });
});

describe("copy() to a path", () => {
  itOnLinux("just below the longest brings the file", async () => {
    using folder = new TemporaryFolder();
    const source = folder.write("source", "content");
    let path = folder.path;
    while (path.length + 201 < 4080) {
      path += `/${"d".repeat(200)}`;
      fs.mkdirSync(path);
    }
    for (const length of [4090 - path.length, 4094 - path.length]) {
      const target = `${path}/${"f".repeat(Math.min(255, length))}`;
      await copy(source, target);
      assertEquals(fs.readFileSync(target, "utf8"), "content");
    }
    assertEquals(fs.readdirSync(path).every((name) => /^f+$/.test(name)), true);
  });

  itOnLinux("with a name of 255 bytes brings the file", async () => {
    using folder = new TemporaryFolder();
    const source = folder.write("source", "content");
    for (const name of ["n".repeat(255), "ä".repeat(127)]) {
      await copy(source, folder.at(name));
      assertEquals(fs.readFileSync(folder.at(name), "utf8"), "content");
    }
  });
});
