/**
 * copy() brings every byte across, by both ways, on ext4 (or whatever holds the temporary folder), on tmpfs, and from
 * one to the other: the sizes at which such code goes wrong, and files with holes.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import fs from "node:fs";
import { copy } from "../../mod.ts";
import type { CopyOptions } from "../../mod.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itOnLinux } from "../support/platform.ts";

const FOLDERS = { disk: "/tmp", tmpfs: "/dev/shm" };
const ROUTES = [["disk", "disk"], ["tmpfs", "tmpfs"], ["disk", "tmpfs"], ["tmpfs", "disk"]] as const;
const SIZES = [0, 1, 4095, 4096, 4096 * 7 + 1, 3 * 1024 * 1024 + 17, 40 * 1024 * 1024 + 5];
const WAYS: readonly CopyOptions[] = [
  { method: "kernel" },
  { method: "aio" },
  { method: "aio", chunkBytes: 65536, depth: 16 },
  { method: "aio", direct: true },
  { method: "auto" },
];

function nameOf({ method, chunkBytes, direct }: CopyOptions): string {
  return `${method}${chunkBytes === undefined ? "" : " with small chunks"}${direct ? " past the page cache" : ""}`;
}

for (const way of WAYS) {
  describe(`copy() by ${nameOf(way)}`, () => {
    for (const [from, to] of ROUTES) {
      const itThere = from === "tmpfs" || to === "tmpfs" ? itOnLinux : it;
      itThere(`brings files of all kinds of sizes from ${from} to ${to}`, async () => {
        using here = new TemporaryFolder(FOLDERS[from]);
        using there = new TemporaryFolder(FOLDERS[to]);
        for (const size of SIZES) {
          const content = knownBytes(size);
          const source = here.write("source", content);
          const { bytes, size: copied, target } = await copy(source, there.at("target"), way);
          assertEquals([bytes, copied, target], [size, size, there.at("target")]);
          assert(Buffer.compare(fs.readFileSync(target), content) === 0, `${size} bytes differ`);
        }
        assertEquals(fs.readdirSync(there.path), ["target"]);
      });

      itThere(`leaves holes holes from ${from} to ${to}`, async () => {
        using here = new TemporaryFolder(FOLDERS[from]);
        using there = new TemporaryFolder(FOLDERS[to]);
        const source = here.write("source", "");
        const mebibyte = 1 << 20;
        const fd = here.open("source", "r+");
        const data = knownBytes(300_000);
        for (const at of [0, 5 * mebibyte + 4096, 31 * mebibyte + 123]) fs.writeSync(fd, data, 0, data.length, at);
        fs.ftruncateSync(fd, 64 * mebibyte + 1);
        const { size, bytes } = await copy(source, there.at("target"), way);
        assertEquals(size, 64 * mebibyte + 1);
        assert(bytes < 2 * mebibyte, `${bytes} bytes moved`);
        assert(fs.statSync(there.at("target")).blocks * 512 < 4 * mebibyte, "holes were filled");
        assert(Buffer.compare(fs.readFileSync(there.at("target")), fs.readFileSync(source)) === 0, "content differs");
      });
    }

    it("brings a file that is nothing but a hole", async () => {
      using folder = new TemporaryFolder();
      const source = folder.write("source", "");
      fs.truncateSync(source, 10_000_000);
      const { bytes, size } = await copy(source, folder.at("target"), way);
      // UFS gives a file its last block when it is made longer, so that much of it is data
      const lastBlock = fs.statSync(source).blocks * 512;
      assert(bytes <= lastBlock, `${bytes} bytes moved of ${lastBlock}`);
      assertEquals([size, fs.statSync(folder.at("target")).size], [10_000_000, 10_000_000]);
    });

    it("tells the progress in rising numbers up to the end", async () => {
      using folder = new TemporaryFolder();
      const total = 48 * 1024 * 1024 + 1;
      const source = folder.write("source", new Uint8Array(total));
      const seen: number[] = [];
      const totals = new Set<number | null>();
      await copy(source, folder.at("target"), {
        ...way,
        onProgress(progress) {
          seen.push(progress.bytes);
          totals.add(progress.total);
        },
      });
      assert(seen.length >= 2, `${seen.length} reports`);
      assertEquals(seen.toSorted((a, b) => a - b), seen);
      assertEquals([seen.at(-1), [...totals]], [total, [total]]);
    });
  });
}

describe("copy() of files that do not tell their size", () => {
  for (const method of ["kernel", "aio", "auto"] as const) {
    itOnLinux(`brings the content of a file of procfs by ${method}`, async () => {
      using folder = new TemporaryFolder();
      const { size } = await copy("/proc/self/mountinfo", folder.at("target"), { method });
      assert(size > 0);
      assertEquals(fs.readFileSync(folder.at("target"), "utf8"), fs.readFileSync("/proc/self/mountinfo", "utf8"));
    });

    itOnLinux(`brings the content of a file of sysfs, which pretends a size, by ${method}`, async () => {
      using folder = new TemporaryFolder();
      const source = "/sys/kernel/mm/transparent_hugepage/enabled";
      const { size } = await copy(source, folder.at("target"), { method });
      assertEquals(fs.readFileSync(folder.at("target"), "utf8"), fs.readFileSync(source, "utf8"));
      assertEquals(size, fs.statSync(folder.at("target")).size);
    });
  }

  it("brings what a file that grows meanwhile had when it was opened", async () => {
    using folder = new TemporaryFolder();
    const total = 16 * 1024 * 1024;
    const source = folder.write("source", knownBytes(total));
    const onProgress = () => fs.appendFileSync(source, "more");
    const { size } = await copy(source, folder.at("target"), { method: "aio", chunkBytes: 65536, onProgress });
    assertEquals(size, total);
    assert(Buffer.compare(fs.readFileSync(folder.at("target")), knownBytes(total)) === 0);
  });
});
