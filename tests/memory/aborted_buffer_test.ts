// A pool buffer of an aborted request: libc still has it, so no other request may use those bytes, until libc has let go.

import { AioError, AioQueue } from "@posix/aio";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe } from "@std/testing/bdd";
import fs from "node:fs";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itWithPipes, libcTakesSilent } from "../support/platform.ts";

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe("a pool buffer", () => {
  itWithPipes(
    "whose read was aborted is refused to others where they overlap, until libc has let go of it",
    async () => {
      using folder = new TemporaryFolder();
      const content = knownBytes(8192);
      folder.write("file", content);
      folder.fifo("fifo");
      const [file, fifo] = [folder.open("file", "r+"), folder.open("fifo", "r+")];
      const queue = new AioQueue();
      const buffer = queue.buffers.take(8192);
      assertEquals(buffer.busy, false);
      await buffer.idle();
      const front = buffer.bytes.subarray(0, 4096);
      const controller = new AbortController();
      const doomed = queue.read(fifo, { buffer: front, length: 100, signal: controller.signal });
      await pause(20);
      controller.abort();
      await assertRejects(() => doomed);
      if (!libcTakesSilent()) {
        await buffer.idle(); // a silent read is cancelled, and nothing is left of it
      } else {
        assertEquals(buffer.busy, true);
        const again = queue.read(file, { buffer: front.subarray(50, 60) });
        const error = await assertRejects(() => again, AioError, "aborted still has") as AioError;
        assertEquals(error.code, "EBUSY");
        await assertRejects(() => queue.write(file, buffer.bytes), AioError, "EBUSY");
        // what it does not have is free
        assertEquals((await queue.read(file, { buffer: buffer.bytes.subarray(4096), offset: 4096 })).bytes, 4096);
        assertEquals(buffer.bytes.subarray(4096), content.subarray(4096));
        let idle = false;
        const waits = buffer.idle().then(() => idle = true);
        await pause(5);
        assert(!idle);
        fs.writeSync(fifo, "late");
        await waits;
      }
      assertEquals(buffer.busy, false);
      assertEquals((await queue.read(file, { buffer: front })).bytes, 4096);
      assertEquals(front, content.subarray(0, 4096));
      buffer.release();
      await queue.close();
    },
  );
});
