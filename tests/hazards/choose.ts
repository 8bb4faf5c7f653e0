/**
 * The running platform, but with requests that move at most 5000 bytes at a time where Linux moves 0x7ffff000.
 *
 * @module
 */

import process from "node:process";
import { door } from "../../ffi/door.ts";
import { detect, usePlatform } from "../../structs/platform.ts";

/** Most bytes that libc gets at once. */
export const PIECE_BYTES = 5000;

const library = process.platform === "linux" ? door().open("libc.so.6") : undefined;
const has = (symbol: string) => library?.bind(symbol, { result: "void", parameters: [] }) !== undefined;

usePlatform({
  platform: {
    ...detect(process.platform, process.arch, library === undefined ? undefined : has),
    ioBytesMax: PIECE_BYTES,
  },
});
