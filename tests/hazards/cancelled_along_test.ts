// glibc's aio_cancel(3) breaks what waits behind a request that is next to be run (see engine/backends/status.ts); seen too
// late, all that waits is cancelled along and goes to libc again, whatever else that turn of the event loop has to do.

import { AioQueue } from "@posix/aio";
import { assert, assertEquals, assertGreater } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import fs from "node:fs";
import { door } from "../../ffi/door.ts";
import type { NativeFunction } from "../../ffi/native.ts";
import { libc } from "../../ffi/libc.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itOnLinux } from "../support/platform.ts";

const WRITES = 6;
const PIECE = 8 << 20;

describe("requests that were cancelled along with another", () => {
  itOnLinux("are written, though their turn was over before it got to them", async () => {
    using folder = new TemporaryFolder();
    folder.write("large", knownBytes(1 << 20));
    const [fd, large] = [folder.open("file", "w+"), folder.open("large")];
    const cancel = door().open(libc().library).bind("aio_cancel", {
      result: "i32",
      parameters: ["i32", "pointer"],
    }) as NativeFunction;
    let calls = 0;
    let isAborting = false;
    const lateCancel = (descriptor: number, block: unknown) => {
      calls++;
      const answer = cancel(descriptor, block as never);
      // the request before ends between the question whether it runs and the cancelling of its successor
      while (isAborting && fs.fstatSync(fd).size < PIECE);
      if (isAborting) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
      return answer;
    };
    // before its first call, after which it is for ever what it is
    Object.defineProperty(libc().call, "aio_cancel", { enumerable: true, value: lateCancel });
    await using queue = new AioQueue({ depth: 64, lanes: 1 });
    const buffer = queue.buffers.take(PIECE);
    buffer.bytes.set(knownBytes(PIECE));
    let along = 0;
    for (let round = 0; round < 20; round++) {
      fs.ftruncateSync(fd);
      // copied when their turn comes, and more of it than a turn may
      const reads = Array.from({ length: 6 }, () => queue.read(large, { length: 1 << 20 }));
      const controllers = Array.from({ length: WRITES }, () => new AbortController());
      const writes = controllers.map(({ signal }, index) => {
        return queue.write(fd, buffer.bytes, { offset: index * PIECE, signal });
      });
      await Promise.resolve();
      calls = 0;
      isAborting = true;
      controllers[1].abort();
      isAborting = false;
      if (calls > 1) along++;
      const reasons = (await Promise.allSettled(writes)).flatMap((outcome, index) =>
        outcome.status === "rejected" && index !== 1 ? [String(outcome.reason)] : []
      );
      assertEquals(reasons, []);
      for (const { bytes } of await Promise.all(reads)) assertEquals(bytes, 1 << 20);
      const written = fs.readFileSync(folder.at("file"));
      for (let index = 0; index < WRITES; index++) {
        const piece = written.subarray(index * PIECE, (index + 1) * PIECE);
        assert(index === 1 || Buffer.compare(piece, buffer.bytes) === 0, `write ${index} is missing`);
      }
    }
    assertGreater(along, 0);
  });
});
