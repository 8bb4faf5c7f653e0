// One ring: what does not fit waits and is not lost, thousands are cancelled at once, and a child process gets nothing of it.

import { AioQueue } from "@posix/aio";
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import process from "node:process";
import { Ring } from "../../engine/backends/ring.ts";
import { OPERATIONS } from "../../structs/io_uring.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itUnless } from "../support/platform.ts";
import { noUring } from "./on_uring.ts";

const itOnUring = (name: string, body: () => void | Promise<void>) => itUnless(noUring, name, body);
const NOTHING = { address: 0, offset: 0, bytes: 0 };

describe("a ring", () => {
  itOnUring("loses no completion that its own room has no place for", () => {
    const ring = new Ring(8);
    const most = ring.entries * 10; // its completions have room for twice as many as there are entries
    for (let mark = 0; mark < most; mark++) {
      assert(ring.hasRoom(), `no room for entry ${mark}`);
      ring.put(OPERATIONS.NOP, 0, -1, NOTHING, 0, mark, mark * 3);
    }
    ring.enter();
    const found: number[] = [];
    for (let looks = 0; found.length < most && looks < most; looks++) {
      if (ring.ready === 0 && ring.hasWork) ring.enter();
      for (let left = ring.ready; left > 0; left--) {
        assertEquals([ring.high, ring.result], [ring.low * 3, 0]);
        found.push(ring.low);
        ring.next();
      }
      ring.release();
    }
    assertEquals(found, Array.from({ length: most }, (_, mark) => mark));
  });
});

describe("a queue on io_uring", () => {
  itOnUring(
    "cancels as many silent reads as the kernel takes, at once, and others that waited for a place",
    async () => {
      using folder = new TemporaryFolder();
      const content = knownBytes(1 << 16);
      folder.write("file", content);
      const [file, pipe] = [folder.open("file"), folder.open(folder.fifo("pipe").split("/").at(-1)!, "r+")];
      const queue = new AioQueue({ engine: "io_uring", depth: 20_000 });
      for (let round = 0; round < 3; round++) {
        const controller = new AbortController();
        const silent = Array.from({ length: 6000 }, () => queue.read(pipe, { length: 1, signal: controller.signal }));
        const outcomes = Promise.allSettled(silent);
        await new Promise((resolve) => setTimeout(resolve, 5));
        controller.abort();
        assert((await outcomes).every(({ status }) => status === "rejected"));
        const { bytes, buffer } = await queue.read(file, { offset: round * 100, length: 1000 });
        assertEquals([bytes, buffer], [1000, content.slice(round * 100, round * 100 + 1000)]);
        while (queue.stats().inFlight > 0) await new Promise((resolve) => setTimeout(resolve, 1));
      }
      fs.writeSync(pipe, "abc");
      assertEquals((await queue.read(pipe, { length: 10 })).bytes, 3); // nothing of the old ones took a byte
      await queue.close();
    },
  );

  itOnUring("gives a child process none of its descriptors", async () => {
    await using queue = new AioQueue({ engine: "io_uring" });
    const fd = fs.openSync("/etc/passwd", "r");
    await queue.read(fd, { length: 10 });
    const own = fs.readdirSync("/proc/self/fd").filter((name) => {
      try {
        return /io_uring/.test(fs.readlinkSync(`/proc/self/fd/${name}`));
      } catch {
        return false;
      }
    });
    assert(own.length > 0);
    const { stdout } = spawnSync("ls", ["-l", "/proc/self/fd"], { encoding: "utf8" });
    assert(stdout.includes("/proc/"), stdout);
    assertEquals(stdout.match(/io_uring/g), null);
    fs.closeSync(fd);
  });
});

describe("the engine of a queue under an emulator, a sandbox or an old kernel", () => {
  it("is io_uring, or an error that says why not; auto is one of both", async () => {
    let engine: string;
    try {
      engine = new AioQueue({ engine: "io_uring" }).engine;
    } catch (error) {
      const { syscall, code, message } = error as { syscall: string; code: string; message: string };
      assertEquals(syscall, "io_uring_setup");
      assert(["ENOSYS", "EPERM", "ENOMEM", "EINVAL"].includes(code) && message.length > 40, message);
      engine = "posix";
    }
    await using auto = new AioQueue({ engine: "auto" });
    assertEquals(auto.engine, process.platform === "linux" ? engine : "posix");
    const fd = fs.openSync("/etc/passwd", "r");
    assertEquals((await auto.read(fd, { length: 4 })).bytes, 4);
    fs.closeSync(fd);
  });
});
