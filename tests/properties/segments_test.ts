// How a file with holes is divided for a copy: whatever the map of its data, every byte of it is in exactly one part, and
// parts past the page cache are whole pages that nobody else writes.

import { assert, assertEquals } from "@std/assert";
import { it } from "@std/testing/bdd";
import fc from "fast-check";
import { partsOfData } from "../../transfer/single/segments.ts";
import type { FindData } from "../../transfer/single/segments.ts";
import { runs } from "./runs.ts";

/** Lengths of data and holes in turn, in units of a block of the file system. */
const map = fc.record({
  blockBytes: fc.constantFrom(1, 512, 1024, 4096, 65536),
  lengths: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 30 }),
  dataFirst: fc.boolean(),
  cut: fc.nat({ max: 5000 }),
});
const grain = fc.record({
  alignBytes: fc.constantFrom(1, 512, 4096),
  partBytes: fc.integer({ min: 1, max: 20 }).map((pages) => pages * 4096),
});

it("parts of any file cover its data once, in order, and share no page", () => {
  fc.assert(
    fc.property(map, grain, ({ blockBytes, lengths, dataFirst, cut }, { alignBytes, partBytes }) => {
      const data: [number, number][] = [];
      let at = 0;
      for (const [index, length] of lengths.entries()) {
        if ((index % 2 === 0) === dataFirst) data.push([at, at + length * blockBytes]);
        at += length * blockBytes;
      }
      const size = Math.max(0, at - cut);
      const find: FindData = (offset) => {
        const found = data.find(([, end]) => end > offset);
        return found === undefined || found[0] >= size
          ? [size, size]
          : [Math.max(offset, found[0]), Math.min(size, found[1])];
      };
      const parts = [...partsOfData(size, { alignBytes, partBytes }, find)];
      let reached = 0;
      for (const { offset, bytes, skipped } of parts) {
        assertEquals(offset, reached + skipped);
        assert(bytes > 0 && bytes <= partBytes && offset + bytes <= size);
        assertEquals(offset % alignBytes, 0);
        assert((offset + bytes) % alignBytes === 0 || offset + bytes === size);
        reached = offset + bytes;
      }
      for (const [begin, end] of data) {
        const inside = parts.reduce(
          (sum, { offset, bytes }) => sum + Math.max(0, Math.min(end, size, offset + bytes) - Math.max(begin, offset)),
          0,
        );
        assertEquals(inside, Math.max(0, Math.min(end, size) - begin), "data is left out");
      }
    }),
    runs(2000),
  );
});
