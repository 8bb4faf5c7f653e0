// The waiter of a ring is woken by what comes, however it comes: its waits here are longer than any test may take.

import { assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import fs from "node:fs";
import { Ring } from "../../engine/backends/ring.ts";
import { RingWaiter } from "../../engine/waiting/ring_waiter.ts";
import { libc } from "../../ffi/libc.ts";
import { map } from "../../ffi/memory.ts";
import { OPERATIONS } from "../../structs/io_uring.ts";
import { TemporaryFolder } from "../support/files.ts";
import { itUnless } from "../support/platform.ts";
import { noUring } from "./on_uring.ts";

const WAIT_MS = 600_000;
const ROUNDS = 100;
const BYTES = 1 << 19;

/** Takes all completions, and gives their results. */
function harvest(ring: Ring): number[] {
  if (ring.ready === 0) ring.enter();
  const results: number[] = [];
  for (let left = ring.ready; left > 0; left--) {
    results.push(ring.result);
    ring.next();
  }
  ring.release();
  return results;
}

describe("RingWaiter", () => {
  itUnless(noUring, "is woken by what a pipe brings, and by a disk, each time", async () => {
    using folder = new TemporaryFolder("/tmp");
    const ring = new Ring(64);
    let woken = () => {};
    const waiter = new RingWaiter(ring.eventDescriptor, () => woken(), WAIT_MS);
    while (!waiter.ready) await new Promise((resolve) => setTimeout(resolve, 1));
    const { address } = map(BYTES);
    const fifo = fs.openSync(folder.fifo("fifo"), "r+");
    folder.write("file", new Uint8Array(BYTES));
    const direct = fs.openSync(folder.at("file"), fs.constants.O_RDONLY | fs.constants.O_DIRECT);

    /** One request; `then` is done when the waiter waits for it. */
    const once = async (fd: number, bytes: number, then: () => void) => {
      ring.put(OPERATIONS.READ, 0, fd, { address, offset: fd === fifo ? -1 : 0, bytes }, 0, 1, 0);
      ring.enter();
      for (let wakes = 0;; wakes++) {
        if (!ring.listen()) {
          const ended = new Promise<void>((resolve) => woken = resolve);
          waiter.referenced = true;
          waiter.watch();
          if (wakes === 0) then();
          await ended;
          waiter.referenced = false;
        }
        ring.deafen();
        const results = harvest(ring); // none, where the kernel had only a part of it to tell
        if (results.length > 0) return results;
      }
    };
    for (let round = 0; round < ROUNDS; round++) {
      assertEquals(await once(fifo, 1, () => void fs.writeSync(fifo, "x")), [1]);
      assertEquals(await once(direct, BYTES, () => {}), [BYTES]);
    }
    for (const fd of [fifo, direct]) fs.closeSync(fd);
    libc().call.close(ring.descriptor);
  });
});
