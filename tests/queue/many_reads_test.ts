// A million random reads of a file with known content through the iterator: every block compared, memory flat. Against the
// library that stands in for FreeBSD's a fifth of them; AIO_TEST_BIG=1 makes it a million there too, AIO_TEST_SCALE takes a part.

import { AioQueue } from "@posix/aio";
import type { AioRequest } from "@posix/aio";
import { assertEquals, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import process from "node:process";
import { pooledBytes } from "../../ffi/memory.ts";
import { platform } from "../../structs/platform.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { scaled } from "../support/scale.ts";

const IS_WHOLE = platform().name.startsWith(process.platform);
const READS = scaled(IS_WHOLE ? 1_000_000 : 200_000, 1_000_000);
/** From then on memory stays as it is. */
const SETTLED = Math.ceil(READS / (IS_WHOLE ? 10 : 2));
const BLOCK = 4096;
const BLOCKS = 8192;

describe(`${READS} random 4 KiB reads, 64 in flight`, () => {
  it(`bring every block as it is in the file, with memory flat after the first ${SETTLED}`, async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(BLOCK * BLOCKS);
    folder.write("file", content);
    const fd = folder.open("file");
    const expected = new Float64Array(content.buffer);
    await using queue = new AioQueue({ depth: 64 });
    const free: Uint8Array[] = Array.from({ length: 192 }, () => queue.buffers.take(BLOCK).bytes);

    function* requests(): Generator<AioRequest> {
      for (let tag = 0; tag < READS; tag++) {
        const offset = Math.floor(Math.random() * BLOCKS) * BLOCK;
        yield { op: "read", fd, offset, buffer: free.pop()!, tag };
      }
    }

    let count = 0;
    let wrong = 0;
    let pooled = 0;
    let resident = 0;
    queue.submit(requests());
    for await (const batch of queue.batches()) {
      for (const { offset, bytes, buffer, error } of batch) {
        const words = new Float64Array(buffer!.buffer, buffer!.byteOffset, BLOCK / 8);
        let same = error === undefined && bytes === BLOCK;
        for (let index = 0, at = offset / 8; same && index < BLOCK / 8; index++) {
          same = words[index] === expected[at + index];
        }
        if (!same) wrong++;
        buffer!.fill(0xff, 0, 64); // so that a block that was not read again would show
        free.push(buffer!);
        if (++count === SETTLED) {
          (globalThis as { gc?: () => void }).gc?.();
          pooled = pooledBytes();
          resident = process.memoryUsage().rss;
        }
      }
    }
    (globalThis as { gc?: () => void }).gc?.();
    assertEquals([count, wrong], [READS, 0]);
    assertEquals(pooledBytes(), pooled);
    assertLess((process.memoryUsage().rss - resident) / 2 ** 20, 64);
  });
});
