/**
 * Which parts of a file hold data: holes stay holes, so a copy only moves what lies between them.
 *
 * @module
 */

import { libc } from "../ffi/libc.ts";
import { platform } from "../structs/platform.ts";
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

/**
 * The parts to copy, in order and of bounded length.
 *
 * @param source The source, whose size is known.
 * @param partBytes The greatest length of a part; parts begin at its multiples where the data goes on.
 * @param holes Whether holes may stay holes in the target; else the whole file is data.
 * @returns The parts. A hole at the end has no part.
 */
export function* partsOf(source: Source, partBytes: number, holes: boolean): Generator<Part, void, void> {
  const size = source.size as number;
  let offset = 0;
  while (offset < size) {
    const [from, to] = holes && source.sparse ? dataFrom(source.fd, offset, size) : [offset, size];
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
