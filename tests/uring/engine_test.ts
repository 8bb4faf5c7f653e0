// Queues and files by either engine: what is chosen, both side by side, and what only io_uring can do.

import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fs from "node:fs";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { AioFile, AioQueue, copy, copyTree } from "@posix/aio";
import type { AioQueueOptions, CopyOptions, TreeOptions } from "@posix/aio";
import { refusal } from "../../engine/backends/ring_refusal.ts";
import { platform } from "../../structs/platform.ts";
import { runChild } from "../support/child.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itUnless } from "../support/platform.ts";
import { noUring } from "./on_uring.ts";

const itOnUring = (name: string, body: () => void | Promise<void>) => itUnless(noUring, name, body);

describe("the engine of a queue", () => {
  it("is POSIX AIO unless another is asked for, and an unknown one is refused by name", async () => {
    await using queue = new AioQueue();
    assertEquals(queue.engine, "posix");
    await using posix = new AioQueue({ engine: "posix" });
    assertEquals(posix.engine, "posix");
    const wrong = { engine: "iouring" } as unknown as AioQueueOptions;
    assertThrows(() => new AioQueue(wrong), RangeError, 'engine "iouring": expected "posix", "io_uring" or "auto"');
    assertThrows(() => new AioQueue({ engine: "io_uring", threads: 4 }), TypeError, "threads or waiter together");
    await assertRejects(() => AioFile.open("/etc/passwd", { queue, engine: "posix" }), TypeError, "engine or lanes");
    await using auto = new AioQueue({ engine: "auto" });
    assertEquals(auto.engine, noUring === undefined ? "io_uring" : "posix");
  });

  it("that the kernel refuses says why, and what would mend it", () => {
    const { ENOSYS, EPERM, ENOMEM, EINVAL } = platform().errno;
    const texts = [[0, "older than 5.7"], [ENOSYS, "no io_uring"], [EPERM, "io_uring"], [
      ENOMEM,
      "RLIMIT_MEMLOCK",
    ]] as const;
    for (const [errno, text] of texts) assertStringIncludes(refusal(errno).message, text);
    assertEquals(refusal(EPERM).code, "EPERM");
    assertStringIncludes(refusal(EINVAL).message, 'engine "posix"');
  });

  itOnUring("is forbidden by AIO_ENGINE=posix, and by no misspelt name", async () => {
    using folder = new TemporaryFolder();
    const script = folder.write(
      "script.ts",
      `import { AioQueue, copy } from ${JSON.stringify(new URL("../../mod.ts", import.meta.url).href)};
const tell = (action: () => unknown) => {
  try {
    return action();
  } catch (error) {
    return (error as Error).message;
  }
};
const [file, target] = process.argv.slice(2);
const engines = [undefined, "auto", "io_uring"].map((engine) => tell(() => new AioQueue({ engine } as object).engine));
const { how } = await copy(file, target, { method: "aio" }).catch((error) => ({ how: error.message }));
const asked = await copy(file, target, { method: "aio", engine: "io_uring" }).then(({ how }) => how, (error) => error.message);
console.log(JSON.stringify([...engines, how, asked]));
`,
    );
    const file = folder.write("file", knownBytes(1 << 20));
    const outcomes = async (value: string) => {
      const args = [file, folder.at("target")];
      const { stdout, stderr } = await runChild(pathToFileURL(script), { args, env: { AIO_ENGINE: value } });
      assert(stdout !== "", stderr);
      return JSON.parse(stdout) as string[];
    };
    const forbidden = await outcomes("posix");
    assertEquals(forbidden.slice(0, 2), ["posix", "posix"]);
    assertStringIncludes(forbidden[2], 'AIO_ENGINE=posix forbids it: unset that, or use engine "posix"');
    assert(!forbidden[3].includes("io_uring"), forbidden[3]);
    assertStringIncludes(forbidden[4], "AIO_ENGINE=posix forbids it");
    const free = await outcomes("");
    assertEquals(free.slice(0, 3), ["posix", "io_uring", "io_uring"]);
    assertStringIncludes(free[4], "by io_uring");
    for (const text of await outcomes("Posix")) {
      assertEquals(text, 'Cannot use AIO_ENGINE "Posix": expected "posix", which forbids io_uring');
    }
  });

  itOnUring("of copies is io_uring between disks, and whatever is asked for", async () => {
    using folder = new TemporaryFolder("/tmp");
    using memory = new TemporaryFolder("/dev/shm");
    const content = knownBytes(3_000_000);
    const source = folder.write("source", content);
    const howOf = async (options: CopyOptions, target: string = folder.at("target")) => {
      const { how } = await copy(source, target, { method: "aio", ...options });
      assertEquals(fs.readFileSync(target).equals(content), true);
      return how;
    };
    assert(!(await howOf({ engine: "posix" })).includes("io_uring"));
    assertStringIncludes(await howOf({ engine: "io_uring" }), "by io_uring");
    assertStringIncludes(await howOf({ engine: "io_uring", direct: true }), "by io_uring");
    assert(!(await howOf({}, memory.at("target"))).includes("io_uring"));
    assertStringIncludes(await howOf({ engine: "io_uring" }, memory.at("target")), "by io_uring");
    await using queue = new AioQueue({ engine: "io_uring" });
    assertStringIncludes(await howOf({ queue }), "by io_uring");
    await assertRejects(() => copy(source, "x", { queue, engine: "posix" }), TypeError, "engine together with queue");
    const wrong = { engine: "iouring" } as unknown as CopyOptions;
    await assertRejects(() => copy(source, "x", wrong), TypeError, 'engine "iouring": expected "auto", "posix" or');
    assertThrows(() => copyTree(folder.path, "x", wrong as TreeOptions), TypeError, 'engine "iouring"');
  });

  itOnUring(
    "really ends what a silent FIFO's file had at the end of await using: its number and memory too",
    async () => {
      using folder = new TemporaryFolder();
      const writer = folder.open(folder.fifo("fifo").slice(folder.path.length + 1), "r+");
      const warnings: string[] = [];
      const onWarning = (warning: Error) => void warnings.push(warning.message);
      process.on("warning", onWarning);
      let read: Promise<unknown> | undefined;
      {
        await using file = await AioFile.open(folder.at("fifo"), { engine: "io_uring" });
        read = file.read({ length: 10 }).catch((error) => error.code);
        await new Promise((resolve) => setTimeout(resolve, 20));
        assertEquals(file.queue.stats().inFlight, 1);
      }
      assertEquals(await read, "ECANCELED");
      const open = fs.readdirSync("/proc/self/fd").map((name) => {
        try {
          return fs.readlinkSync(`/proc/self/fd/${name}`);
        } catch {
          return "";
        }
      });
      assertEquals(open.filter((name) => name === folder.at("fifo")).length, 1); // the writer
      fs.writeSync(writer, "nobody reads this");
      await new Promise((resolve) => setTimeout(resolve, 20));
      assertEquals(warnings.filter((text) => text.includes("did not end")), []);
      process.off("warning", onWarning);
    },
  );

  itOnUring("is each queue's own: both move the same file's bytes side by side", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(1 << 20);
    const fd = fs.openSync(folder.write("file", content), "r+");
    await using one = new AioQueue({ engine: "io_uring" });
    await using other = new AioQueue({ engine: "posix" });
    assertEquals([one.engine, other.engine], ["io_uring", "posix"]);
    const reads = Array.from({ length: 500 }, (_, index) => {
      const offset = index * 2000;
      return (index % 2 === 0 ? one : other).read(fd, { offset, length: 3000 }).then(({ buffer }) =>
        assertEquals(buffer, content.slice(offset, offset + 3000))
      );
    });
    await Promise.all(reads);
    await using file = await AioFile.open(folder.at("file"), { flags: "r+", engine: "io_uring" });
    assertEquals(file.queue.engine, "io_uring");
    await file.write("changed", { offset: 10 });
    await file.sync({ dataOnly: true });
    assertEquals(new TextDecoder().decode((await other.read(fd, { offset: 10, length: 7 })).buffer), "changed");
    fs.closeSync(fd);
  });

  itOnUring(
    "cancels reads of silent pipes: memory comes back, nothing is warned of, and hundreds stop no file",
    async () => {
      using folder = new TemporaryFolder();
      const warnings: Error[] = [];
      const listen = (warning: Error) => void warnings.push(warning);
      process.on("warning", listen);
      const file = folder.write("file", "abc");
      const fd = folder.open("file");
      const queue = new AioQueue({ engine: "io_uring", depth: 2000 });
      const pipes = Array.from({ length: 600 }, (_, index) => {
        folder.fifo(`pipe${index}`);
        return folder.open(`pipe${index}`, "r+");
      });
      using buffer = queue.buffers.take(100);
      const controller = new AbortController();
      const { signal } = controller;
      const silent = Promise.allSettled(
        pipes.map((pipe, index) =>
          queue.read(pipe, index === 0 ? { buffer: buffer.bytes, signal } : { length: 10, signal })
        ),
      );
      for (let count = 0; count < 50; count++) assertEquals((await queue.read(fd, { length: 3 })).bytes, 3);
      assertEquals(queue.stats().held, 600);
      controller.abort();
      assert((await silent).every(({ status }) => status === "rejected"));
      await buffer.idle();
      while (queue.stats().inFlight > 0) await new Promise((resolve) => setTimeout(resolve, 1));
      for (const pipe of pipes) fs.writeSync(pipe, "x");
      assertEquals((await queue.read(pipes[0], { length: 5 })).bytes, 1);
      const given = queue.read(pipes[0], { length: 1 }).catch((error) => error.code);
      await queue[Symbol.asyncDispose]();
      assertEquals(await given, "ECANCELED");
      process.off("warning", listen);
      assertEquals(warnings.map(String), []);
      assert(file !== "");
    },
  );

  itOnUring("lets the process end at once with reads under way, and after the last one by itself", async () => {
    using folder = new TemporaryFolder();
    folder.fifo("pipe");
    const both = fs.openSync(folder.at("pipe"), "r+");
    const child = new URL("children/ends.ts", import.meta.url);
    for (const [way, code] of [["exit", 7], ["throw", 1], ["end", 0]] as const) {
      const ended = await runChild(child, { args: [folder.at("pipe"), way] });
      assertEquals([way, ended.code, ended.signal], [way, code, null]);
    }
    fs.closeSync(both);
  });
});
