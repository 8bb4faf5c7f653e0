/**
 * A whole file: as bytes, and as lines of text.
 *
 * @module
 */

import { chunksOf } from "./chunks.ts";
import type { OpenFile } from "./open_file.ts";

/** A file of unknown size begins with so much room. */
const ROOM_BYTES = 1 << 16;

/**
 * Reads everything from the beginning to the end, wherever the file's position is, which stays there.
 *
 * @param file The file.
 * @param signal Ends it early.
 * @returns The bytes.
 */
export async function readWhole(file: OpenFile, signal: AbortSignal | undefined): Promise<Uint8Array<ArrayBuffer>> {
  file.mustBeOpen("read");
  let bytes = new Uint8Array(file.opened.positional ? file.size() : 0);
  let length = 0;
  for await (const chunk of chunksOf(file, { signal })) {
    const needed = length + chunk.bytes.length;
    if (needed > bytes.length) bytes = enlarged(bytes, length, Math.max(needed, 2 * bytes.length, ROOM_BYTES));
    bytes.set(chunk.bytes, length);
    length = needed;
  }
  return length === bytes.length ? bytes : bytes.slice(0, length);
}

function enlarged(bytes: Uint8Array, length: number, room: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(room);
  larger.set(bytes.subarray(0, length));
  return larger;
}

/**
 * Brings the lines of a file, without their ends: a line feed, or a carriage return and one.
 *
 * @param file The file.
 * @param decoder What makes text of its bytes.
 * @param signal Ends it early.
 * @returns The lines; what follows the last line feed is one if it is not empty.
 */
export async function* linesOf(
  file: OpenFile,
  decoder: TextDecoder,
  signal: AbortSignal | undefined,
): AsyncGenerator<string, void, void> {
  let begun: string[] = [];
  for await (const { bytes } of chunksOf(file, { signal })) {
    const lines = decoder.decode(bytes, { stream: true }).split("\n");
    for (const line of lines.splice(0, lines.length - 1)) {
      yield withoutReturn(begun.length === 0 ? line : begun.join("") + line);
      begun = [];
    }
    begun.push(lines[0]);
  }
  const last = begun.join("") + decoder.decode();
  if (last !== "") yield last;
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
