// Writes one byte past the end of memory from malloc and gives it to realloc: what glibc's checks must not let pass.

import fs from "node:fs";
import { door } from "../../../ffi/door.ts";
import { libc } from "../../../ffi/libc.ts";
import { map } from "../../../ffi/memory.ts";

/** error_t argz_add(char **argz, size_t *argz_len, const char *str); */
const signature = { result: "i32", parameters: ["pointer", "pointer", "pointer"] } as const;
const add = door().open(libc().library).bind("argz_add", signature)!;
const memory = map(64);
const words = new BigUint64Array(door().view(memory.address, memory.bytes)); // argz, argz_len, "x"
words[2] = BigInt("x".charCodeAt(0));
const [argz, length, text] = [0, 8, 16].map((offset) => door().pointer(memory.address + offset));
for (let count = 0; count < 12; count++) add(argz, length, text);
fs.writeSync(1, "overrun\n");
new Uint8Array(door().view(Number(words[0]), 256))[24] ^= 255; // its 24 bytes are full
add(argz, length, text);
fs.writeSync(1, "not noticed\n");
