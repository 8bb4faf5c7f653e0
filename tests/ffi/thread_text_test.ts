// The texts of the threads cannot import, so this compares what they bind with libc.ts: the names, and the prototypes
// with which they are bound.

import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { COPY_SYMBOLS, COPY_TEXT } from "../../ffi/copy_thread.ts";
import { FILES_SYMBOLS, FILES_TEXT } from "../../ffi/files_thread.ts";
import { SYMBOLS } from "../../ffi/libc.ts";
import type { SymbolName } from "../../ffi/libc.ts";
import { RING_SYMBOLS_OWN, RING_TEXT } from "../../ffi/ring_thread.ts";
import { WAITER_SYMBOLS, WAITER_TEXT } from "../../ffi/waiter_thread.ts";

const THREADS = [
  { name: "the waiter thread", text: WAITER_TEXT, symbols: WAITER_SYMBOLS as Record<string, unknown> },
  { name: "the files thread", text: FILES_TEXT, symbols: FILES_SYMBOLS as Record<string, unknown> },
  { name: "the copy thread", text: COPY_TEXT, symbols: COPY_SYMBOLS as Record<string, unknown> },
  { name: "the ring's thread", text: RING_TEXT, symbols: RING_SYMBOLS_OWN as Record<string, unknown> },
];

describe("thread texts", () => {
  for (const { name, text, symbols } of THREADS) {
    it(`bind in ${name} exactly what libc.ts declares`, () => {
      assert(Object.keys(symbols).length > 0);
      for (const [symbol, signature] of Object.entries(symbols)) {
        assertEquals(signature, SYMBOLS[symbol as SymbolName]);
      }
      for (const [, destructured] of text.matchAll(/\{([^{}]*)\} = bind\(/g)) {
        for (const symbol of destructured.split(",")) assert(symbol.trim() in symbols, `${symbol} is not bound`);
      }
    });

    it(`parse in ${name}, and import nothing`, () => {
      new Function(text.replaceAll(/\bawait\b/g, ""));
      assert(!/^\s*import\b|\bimport\(/m.test(text));
    });
  }
});
