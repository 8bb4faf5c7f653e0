// copy() by asynchronous I/O that meets faults: the target is equal to the source, or the error is reported and the
// target is as it was, with nothing beside it.

import { describeFaults, limit, strike } from "./faults.ts";
import { AioError, AioQueue, copy } from "@posix/aio";
import { assert, assertEquals, assertGreater, assertRejects } from "@std/assert";
import { it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itUnless } from "../support/platform.ts";
import type { Fault, Where } from "./faults.ts";

const CHUNK = 4096;
const CONTENT = knownBytes(CHUNK * 40 + 77);
const OPTIONS = { method: "aio", chunkBytes: CHUNK, depth: 4 } as const;

/** A folder with a source and an old target. */
function prepare(): { folder: TemporaryFolder; source: string; target: string; fd: number } {
  const folder = new TemporaryFolder();
  const source = folder.write("source", CONTENT);
  return { folder, source, target: folder.write("target", "old"), fd: folder.open("source") };
}

function assertUntouched(folder: TemporaryFolder): void {
  assertEquals(fs.readFileSync(folder.at("target"), "utf8"), "old");
  assertEquals(fs.readdirSync(folder.path).sort(), ["source", "target"]);
}

function assertCopied(folder: TemporaryFolder): void {
  assert(Buffer.compare(fs.readFileSync(folder.at("target")), CONTENT) === 0);
  assertEquals(fs.readdirSync(folder.path).sort(), ["source", "target"]);
}

describeFaults("copy()", () => {
  const failures: [Fault, Where, boolean][] = [
    [{ real: "EIO" }, { on: "read", first: 1 }, false],
    [{ real: "EIO" }, { on: "read", first: 23 }, false],
    [{ real: "EIO" }, { on: "read", first: 41 }, false],
    [{ real: "EIO" }, { on: "write", first: 1 }, false],
    [{ real: "EIO" }, { on: "write", first: 41 }, false],
    [{ real: "ENOSPC" }, { on: "write", first: 17, every: 1 }, false],
    [{ answer: "EDQUOT" }, { on: "write", first: 9 }, false],
    [{ answer: "EIO" }, { on: "sync" }, true],
    [{ answer: "ENOSPC" }, { on: "sync" }, true],
  ];
  for (const [fault, where, sync] of failures) {
    const code = "real" in fault ? fault.real : "answer" in fault ? fault.answer : "";
    it(`leaves the target as it was after ${code} at ${where.on} ${where.first ?? 1}`, async () => {
      const { folder, source, target, fd } = prepare();
      using _folder = folder;
      {
        using faults = strike(fault, where.on === "read" ? { ...where, fd } : where);
        const error = await assertRejects(() => copy(source, target, { ...OPTIONS, sync }), AioError);
        assertEquals(error.code, code);
        assert(error.message.includes(source) && error.message.includes(target), error.message);
        assertGreater(faults.hits(), 0);
      }
      assertUntouched(folder);
      await copy(source, target, { ...OPTIONS, sync });
      assertCopied(folder);
    });
  }

  const troubles: [string, Fault, Where][] = [
    ["short reads", { short: 1000 }, { on: "read", every: 3 }],
    ["a short read of the last chunk", { short: 10 }, { on: "read", first: 41 }],
    ["short writes", { short: 1 }, { on: "write", every: 2 }],
    ["refused reads", { refuse: "EAGAIN" }, { on: "read", every: 3 }],
    ["refused writes", { refuse: "EAGAIN" }, { on: "write", every: 3 }],
    ["refused lists", { refuse: "EAGAIN" }, { on: "list", every: 2 }],
    ["slow reads", { slow: 20 }, { on: "read", every: 7 }],
    ["interrupted waiting", { interrupt: true }, { on: "suspend", every: 2 }],
  ];
  for (const [name, fault, where] of troubles) {
    it(`copies every byte despite ${name}`, async () => {
      const { folder, source, target, fd } = prepare();
      using _folder = folder;
      using _faults = strike(fault, where.on === "read" ? { ...where, fd } : where);
      const { bytes } = await copy(source, target, { ...OPTIONS, sync: true });
      assertEquals(bytes, CONTENT.length);
      assertCopied(folder);
    });
  }

  it("tells EFBIG and leaves the target as it was (RLIMIT_FSIZE)", async () => {
    const { folder, source, target } = prepare();
    using _folder = folder;
    {
      using _small = limit("FSIZE", CHUNK * 10);
      const error = await assertRejects(() => copy(source, target, OPTIONS), AioError);
      assertEquals(error.code, "EFBIG");
    }
    assertUntouched(folder);
  });

  it("leaves a queue of its caller's usable", async () => {
    const { folder, source, target, fd } = prepare();
    using _folder = folder;
    await using queue = new AioQueue({ depth: 8 });
    {
      using _faults = strike({ real: "EIO" }, { on: "write", first: 5 });
      await assertRejects(() => copy(source, target, { ...OPTIONS, queue }), AioError);
    }
    assertUntouched(folder);
    assertEquals((await queue.read(fd, { length: 100 })).buffer, CONTENT.slice(0, 100));
    await copy(source, target, { ...OPTIONS, queue });
    assertCopied(folder);
  });
});

describeFaults("copy() by the kernel", () => {
  const large = knownBytes(20_000_001);
  const ends: [string, Fault][] = [
    ["fails with EOPNOTSUPP", { answer: "EOPNOTSUPP" }],
    ["fails with EXDEV", { answer: "EXDEV" }],
    ["fails with EINVAL", { answer: "EINVAL" }],
    ["finds no more data", { short: 0 }],
  ];
  for (const [how, fault] of ends) {
    for (const first of [1, 2, 7]) {
      it(`goes on another way where it stopped when call ${first} of copy_file_range and all others ${how}`, async () => {
        using folder = new TemporaryFolder();
        const source = folder.write("source", large);
        folder.write("target", "old");
        using failing = strike(fault, { on: "range", first, every: 1 });
        using short = strike({ short: 700_000 }, { on: "range", every: 1 });
        const { bytes, size } = await copy(source, folder.at("target"));
        assertEquals([bytes, size], [large.length, large.length]);
        assertGreater(failing.hits(), 0);
        assertEquals(short.hits(), first - 1);
        assert(Buffer.compare(fs.readFileSync(folder.at("target")), large) === 0);
        assertEquals(fs.readdirSync(folder.path).sort(), ["source", "target"]);
      });
    }
  }

  it("tells another error of a later call, and leaves the target as it was", async () => {
    using folder = new TemporaryFolder();
    const source = folder.write("source", large);
    folder.write("target", "old");
    {
      using _failing = strike({ answer: "EIO" }, { on: "range", first: 3, every: 1 });
      using _short = strike({ short: 700_000 }, { on: "range", every: 1 });
      const error = await assertRejects(() => copy(source, folder.at("target")), AioError);
      assertEquals(error.code, "EIO");
    }
    assertUntouched(folder);
  });
});

/** Mounts a small tmpfs until the end of the scope; `undefined` without the right to. */
function mountSmall(path: string): Disposable | undefined {
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "none", path]).status !== 0) return undefined;
  return { [Symbol.dispose]: () => void spawnSync("umount", [path]) };
}

function canMount(): boolean {
  using folder = new TemporaryFolder();
  using mount = mountSmall(folder.path);
  return mount !== undefined;
}

const mountMissing = canMount() ? undefined : "no right to mount a tmpfs";
const itMounted = (name: string, body: () => Promise<void>) => itUnless(mountMissing, name, body);

describeFaults("a queue on a full disk", () => {
  itMounted("tells ENOSPC of what does not fit, and of nothing else", async () => {
    using folder = new TemporaryFolder();
    using _mount = mountSmall(folder.path);
    await using queue = new AioQueue({ depth: 64, lanes: 1 });
    const fd = fs.openSync(folder.at("file"), "w+");
    try {
      const writes = Array.from(
        { length: 20 },
        (_, index) => queue.write(fd, CONTENT.subarray(index * CHUNK, (index + 1) * CHUNK), { offset: index * CHUNK }),
      );
      const results = await Promise.allSettled(writes);
      const told = results.map((each) => each.status === "fulfilled" ? each.value.bytes : each.reason.code);
      const stored = told.filter((each) => each === CHUNK).length;
      assertEquals(told, [...new Array(stored).fill(CHUNK), ...new Array(20 - stored).fill("ENOSPC")]);
      assert(stored >= 14 && stored <= 16, `${stored} chunks`);
      const { bytes, buffer } = await queue.read(fd, { length: stored * CHUNK });
      assertEquals(bytes, stored * CHUNK);
      assert(Buffer.compare(buffer, CONTENT.subarray(0, bytes)) === 0);
      fs.ftruncateSync(fd, 0);
      assertEquals((await queue.write(fd, CONTENT.subarray(0, CHUNK))).bytes, CHUNK);
      await queue.sync(fd);
    } finally {
      fs.closeSync(fd);
    }
  });
});
