// copy() of any file in any way: the target is equal to the source.

import { AioQueue, copy } from "@posix/aio";
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { it } from "@std/testing/bdd";
import fc from "fast-check";
import { Buffer } from "node:buffer";
import fs from "node:fs";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { runs } from "./runs.ts";

const PAGE = 4096;

/** Sizes around the borders of pages and chunks, and any others. */
const size = fc.oneof(
  fc.nat({ max: 300_000 }),
  fc.tuple(fc.nat({ max: 64 }), fc.integer({ min: -1, max: 1 })).map(([pages, more]) =>
    Math.max(0, pages * PAGE + more)
  ),
);
const hole = fc.record({ at: fc.nat({ max: 40 }), pages: fc.integer({ min: 1, max: 20 }) });
const options = fc.record({
  method: fc.constantFrom("auto", "kernel", "aio"),
  chunkBytes: fc.integer({ min: 1, max: 20 }).map((pages) => pages * PAGE),
  depth: fc.integer({ min: 1, max: 64 }),
  sync: fc.boolean(),
  direct: fc.boolean(),
  preserveTimestamps: fc.boolean(),
});

/** A source with holes. */
function writeSource(folder: TemporaryFolder, size: number, holes: readonly { at: number; pages: number }[]): Buffer {
  const content = Buffer.from(knownBytes(size));
  for (const { at, pages } of holes) content.subarray(at * PAGE, (at + pages) * PAGE).fill(0);
  const fd = fs.openSync(folder.at("source"), "w");
  try {
    fs.ftruncateSync(fd, size);
    for (let at = 0; at < size; at += PAGE) {
      const page = content.subarray(at, at + PAGE);
      if (page.some((byte) => byte !== 0)) fs.writeSync(fd, page, 0, page.length, at);
    }
  } finally {
    fs.closeSync(fd);
  }
  return content;
}

it("copy() makes the target equal to the source", async () => {
  await fc.assert(
    fc.asyncProperty(
      size,
      fc.array(hole, { maxLength: 3 }),
      options,
      fc.boolean(),
      async (size, holes, options, old) => {
        using folder = new TemporaryFolder();
        const content = writeSource(folder, size, holes);
        if (old) folder.write("target", knownBytes(1234, 99));
        const result = await copy(folder.at("source"), folder.at("target"), options);
        assertEquals(result.size, size);
        assertLessOrEqual(result.bytes, size);
        // a file without a size may have more in it than it tells
        if (options.method !== "auto" && size > 0) assertEquals(result.method, options.method);
        assert(Buffer.compare(fs.readFileSync(folder.at("target")), content) === 0);
        assertEquals(fs.readdirSync(folder.path).sort(), ["source", "target"]);
      },
    ),
    runs(80, 6000),
  );
});

it("copy() of several files at once through one queue keeps them apart", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(size, { minLength: 1, maxLength: 6 }),
      fc.constantFrom(1, 3, 64),
      options,
      async (sizes, queueDepth, options) => {
        using folder = new TemporaryFolder();
        await using queue = new AioQueue({ depth: queueDepth });
        const contents = sizes.map((size, index) => knownBytes(size, index * 1e9));
        await Promise.all(
          contents.map((content, index) =>
            copy(folder.write(`source${index}`, content), folder.at(`target${index}`), {
              ...options,
              method: "aio",
              queue,
            })
          ),
        );
        for (const [index, content] of contents.entries()) {
          assert(Buffer.compare(fs.readFileSync(folder.at(`target${index}`)), content) === 0, `file ${index}`);
        }
      },
    ),
    runs(30, 3000),
  );
});
