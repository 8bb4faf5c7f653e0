// Real disks that are full, that cannot keep what they took, and that cannot read: a queue tells it of the requests that
// it is true of and goes on, a copy leaves its target as it was and nothing beside it.

import { AioError, AioQueue, copy } from "@posix/aio";
import { assert, assertEquals, assertGreater, assertRejects } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import fs from "node:fs";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { Disk, itWithDisks } from "./disk.ts";

const BYTES = 65536;
const METHODS = ["kernel", "aio"] as const;
/** What a disk says that has no room for what it took, depending on the kernel. */
const LOST = ["EIO", "ENOSPC"];

const part = (index: number) => knownBytes(BYTES, index * BYTES);

/** What `fs.readSync` or a request has to say of each part: how many bytes, or which error. */
function told(results: readonly PromiseSettledResult<{ bytes: number }>[]): (number | string)[] {
  return results.map((each) => each.status === "fulfilled" ? each.value.bytes : each.reason.code);
}

function assertUntouched(disk: Disk): void {
  assertEquals(fs.readdirSync(disk.path).sort(), ["lost+found", "target"]);
  assertEquals(fs.readFileSync(disk.at("target"), "utf8"), "old");
}

describe("a full disk", () => {
  itWithDisks("fails the writes that it has no room for, and no others", async () => {
    using disk = new Disk({ mebibytes: 8 });
    const fd = fs.openSync(disk.at("file"), "w+");
    try {
      await using queue = new AioQueue({ lanes: 1, depth: 256 });
      const writes = Array.from({ length: 160 }, (_, index) => queue.write(fd, part(index), { offset: index * BYTES }));
      const results = told(await Promise.allSettled(writes));
      const stored = results.findIndex((each) => each !== BYTES);
      assertGreater(stored, 60);
      assert(results.slice(stored + 1).every((each) => each === "ENOSPC"), results.join());
      for (let index = 0; index < stored; index++) {
        const { buffer } = await queue.read(fd, { offset: index * BYTES, length: BYTES });
        assert(Buffer.compare(buffer, part(index)) === 0, `part ${index}`);
      }
      fs.ftruncateSync(fd, 0);
      assertEquals((await queue.write(fd, part(0), { offset: 0 })).bytes, BYTES);
      await queue.sync(fd);
    } finally {
      fs.closeSync(fd);
    }
  });

  for (const method of METHODS) {
    itWithDisks(`is as it was after a copy by ${method} that it had no room for`, async () => {
      using disk = new Disk({ mebibytes: 8 });
      using folder = new TemporaryFolder();
      const [large, small] = [folder.write("large", knownBytes(12 << 20)), folder.write("small", knownBytes(5 << 20))];
      fs.writeFileSync(disk.at("target"), "old");
      for (const sync of [false, true]) {
        const error = await assertRejects(() => copy(large, disk.at("target"), { method, sync }), AioError);
        assertEquals(error.code, "ENOSPC");
        assertUntouched(disk);
      }
      await copy(small, disk.at("target"), { method, sync: true }); // the space is free again
      assert(Buffer.compare(fs.readFileSync(disk.at("target")), knownBytes(5 << 20)) === 0);
    });
  }
});

describe("a disk that cannot keep what it took", () => {
  itWithDisks("fails the sync, and the next one when it can", async () => {
    using disk = new Disk({ mebibytes: 32, room: 12 });
    const fd = fs.openSync(disk.at("file"), "w+");
    try {
      await using queue = new AioQueue({ depth: 256 });
      const writes = Array.from({ length: 320 }, (_, index) => queue.write(fd, part(index), { offset: index * BYTES }));
      assertEquals(new Set(told(await Promise.allSettled(writes))), new Set([BYTES]));
      const error = await assertRejects(() => queue.sync(fd), AioError);
      assert(LOST.includes(error.code), error.code);
      assertEquals(error.syscall, "aio_fsync");
      disk.mend(40);
      await Promise.all(
        Array.from({ length: 320 }, (_, index) => queue.write(fd, part(index), { offset: index * BYTES })),
      );
      await queue.sync(fd);
    } finally {
      fs.closeSync(fd);
    }
  });

  for (const method of METHODS) {
    itWithDisks(`keeps the old file when a copy by ${method} shall be durable`, async () => {
      using disk = new Disk({ mebibytes: 32, room: 12 });
      using folder = new TemporaryFolder();
      const source = folder.write("source", knownBytes(20 << 20));
      fs.writeFileSync(disk.at("target"), "old");
      const error = await assertRejects(() => copy(source, disk.at("target"), { method, sync: true }), AioError);
      assert(LOST.includes(error.code), error.code);
      assert(error.message.includes("sync the copy"), error.message);
      assertUntouched(disk);
      disk.mend(40);
      await copy(source, disk.at("target"), { method, sync: true });
    });
  }
});

describe("a disk that cannot read", () => {
  const FILES = 12;
  const content = (index: number) => knownBytes(1 << 20, index);

  /** A disk with files of which some are lost, at least in part; where they lie is the file system's choice. */
  function breakFiles(): Disk {
    const disk = new Disk({ mebibytes: 16 });
    for (let index = 0; index < FILES; index++) fs.writeFileSync(disk.at(`file${index}`), content(index));
    disk.breakAt(8);
    return disk;
  }

  itWithDisks("fails the reads of what is lost, and no others", async () => {
    using disk = breakFiles();
    await using queue = new AioQueue({ depth: 256 });
    let lost = 0;
    for (let file = 0; file < FILES; file++) {
      const fd = fs.openSync(disk.at(`file${file}`), "r");
      const reads = Array.from({ length: 256 }, (_, index) => queue.read(fd, { offset: index * 4096, length: 4096 }));
      for (const [index, result] of (await Promise.allSettled(reads)).entries()) {
        if (result.status === "rejected") {
          assertEquals(result.reason.code, "EIO");
          lost++;
        } else {
          // what lies before a lost block is read
          const { buffer, bytes } = result.value;
          assert(Buffer.compare(buffer, content(file).subarray(index * 4096, index * 4096 + bytes)) === 0);
        }
      }
      fs.closeSync(fd);
    }
    assert(lost > 0 && lost < FILES * 256, `${lost} of ${FILES * 256}`);
  });

  for (const method of METHODS) {
    itWithDisks(`fails the copies by ${method} of what is lost, and leaves their targets as they were`, async () => {
      using disk = breakFiles();
      using folder = new TemporaryFolder();
      let lost = 0;
      for (let index = 0; index < FILES; index++) {
        const target = folder.write("target", "old");
        try {
          await copy(disk.at(`file${index}`), target, { method });
          assert(Buffer.compare(fs.readFileSync(target), content(index)) === 0);
        } catch (error) {
          assert(error instanceof AioError && error.code === "EIO", String(error));
          assertEquals(fs.readFileSync(target, "utf8"), "old");
          lost++;
        }
        assertEquals(fs.readdirSync(folder.path), ["target"]);
      }
      assert(lost > 0 && lost < FILES, `${lost} of ${FILES}`);
    });
  }
});
