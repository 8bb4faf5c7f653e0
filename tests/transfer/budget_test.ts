/**
 * What a copy of a big file costs: memory stays below 150 MiB, and the event loop comes round all the time.
 *
 * The file is 512 MiB; AIO_TEST_BIG=1 makes it 2 GiB.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { runChild } from "../support/child.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { scaled } from "../support/scale.ts";

const MEBIBYTE = 1 << 20;
const FILE_BYTES = scaled(512, 2048) * MEBIBYTE + 3;
const MEMORY_MEBIBYTES_MAX = 150;

function writeBig(name: string): void {
  const fd = fs.openSync(name, "w");
  const step = 16 * MEBIBYTE;
  for (let at = 0; at < FILE_BYTES; at += step) fs.writeSync(fd, knownBytes(Math.min(step, FILE_BYTES - at), at));
  fs.closeSync(fd);
}

describe("copy() of a big file", () => {
  const ways = [{ method: "kernel" }, { method: "aio" }, { method: "aio", direct: true }, { method: "aio", depth: 16 }];
  for (const way of ways) {
    it(`by ${JSON.stringify(way)} stays within its memory and leaves the event loop free`, async () => {
      using folder = new TemporaryFolder("/tmp");
      writeBig(folder.at("source"));
      const args = [folder.at("source"), folder.at("target"), JSON.stringify(way)];
      const { code, stdout, stderr } = await runChild(new URL("./copy_child.ts", import.meta.url), { args });
      assertEquals([code, stderr], [0, ""]);
      const report = JSON.parse(stdout.split("\n")[1]);
      assertEquals([report.method, report.size], [way.method, FILE_BYTES]);
      assert(report.peakMebibytes < MEMORY_MEBIBYTES_MAX, `${report.peakMebibytes} MiB`);
      assert(report.reports >= 2, `${report.reports} reports`);
      // a copy on the event loop's own thread would have no turn at all; a slow machine has more of them
      assert(report.turns >= 10, `${report.turns} turns`);
      assertEquals(spawnSync("cmp", [folder.at("source"), folder.at("target")]).status, 0);
    });
  }
});
