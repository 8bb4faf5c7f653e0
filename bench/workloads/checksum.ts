/**
 * SHA-256 of several files: with `AioFile.chunks` or with streams of `node:fs`.
 *
 * @module
 */

import { createHash } from "node:crypto";
import fs from "node:fs";
import process from "node:process";
import { AioFile } from "../../mod.ts";

const [way, ...files] = process.argv.slice(2);
for (const path of files) {
  const hash = createHash("sha256");
  if (way === "aio") {
    await using file = await AioFile.open(path);
    for await (const { bytes } of file.chunks()) hash.update(bytes);
  } else {
    for await (const bytes of fs.createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(bytes);
  }
  console.log(hash.digest("hex"), path);
}
