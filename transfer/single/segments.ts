/**
 * Which parts of a file hold data: holes stay holes, so a copy only moves what lies between them.
 *
 * @module
 */

import { libc } from "../../ffi/libc.ts";
import { platform } from "../../structs/platform.ts";
import type { Source } from "./source.ts";

/** A part of a file. */
export interface Part {
  /** Where it begins, in bytes. */
  readonly offset: number;
  /** Its length in bytes. */
  readonly bytes: number;
  /** How many bytes of holes lie directly before it, passed over. */
  readonly skipped: number;
}

/** How a file is divided. */
export interface Grain {
  /** The greatest length of a part; parts begin at its multiples where the data goes on. */
  readonly partBytes: number;
  /** Parts begin at its multiples and end there, or at the end of the file: 1, or the size of a page. */
  readonly alignBytes: number;
}

/** Begin and end of the next data at or behind an offset; the size twice if there is none. */
export type FindData = (offset: number) => readonly [from: number, to: number];

/**
 * The parts of a source to copy, in order and of bounded length.
 *
 * @param source The source, whose size is known.
 * @param grain How long parts are, and where they may begin.
 * @param holes Whether holes may stay holes in the target; else the whole file is data.
 * @param begin Where to begin; a multiple of the alignment.
 * @returns The parts. A hole at the end has no part.
 */
export function partsOf(
  source: Source,
  grain: Grain,
  holes: boolean,
  begin: number = 0,
): Generator<Part, void, void> {
  const size = source.size as number;
  const find: FindData = holes && source.sparse
    ? (offset) => dataFrom(source.fd, offset, size)
    : (offset) => [offset, size];
  return partsOfData(size, grain, find, begin);
}

/**
 * Divides a file's data into parts. Where a file system's blocks are smaller than a page, data may begin and end within
 * one: then the whole page is a part's, with the zeros that stand for the hole, and no other part's.
 *
 * @param size The file's size in bytes.
 * @param grain How long parts are, and where they may begin.
 * @param find Finds the data.
 * @param beginAt Where to begin; a multiple of the alignment.
 * @returns The parts, of which no two overlap.
 */
export function* partsOfData(
  size: number,
  { partBytes, alignBytes }: Grain,
  find: FindData,
  beginAt: number = 0,
): Generator<Part, void, void> {
  let offset = beginAt;
  while (offset < size) {
    const [begin, end] = find(offset);
    const from = begin >= size ? size : Math.max(offset, begin - begin % alignBytes);
    const to = Math.min(size, Math.ceil(end / alignBytes) * alignBytes);
    let skipped = from - offset;
    for (offset = from; offset < to;) {
      const bytes = Math.min(to - offset, partBytes - offset % partBytes);
      yield { offset, bytes, skipped };
      skipped = 0;
      offset += bytes;
    }
    if (from === size) return;
  }
}

/** Begin and end of the next data. */
function dataFrom(fd: number, offset: number, size: number): [number, number] {
  const { call, errno } = libc();
  const { SEEK_DATA, SEEK_HOLE } = platform().constants;
  const from = call.lseek(fd, offset, SEEK_DATA);
  // ENXIO: nothing but a hole up to the end; any other refusal: this file system does not know its holes
  if (from < 0) return errno() === platform().errno.ENXIO ? [size, size] : [offset, size];
  if (from >= size) return [size, size];
  const to = call.lseek(fd, from, SEEK_HOLE);
  return [from, to < 0 ? size : Math.min(to, size)];
}
