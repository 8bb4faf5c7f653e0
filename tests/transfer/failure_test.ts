/**
 * copy() that cannot succeed: each failure is a clear error, leaves the target as it was, and nothing beside it.
 *
 * @module
 */

import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import process from "node:process";
import { AioError, copy } from "../../mod.ts";
import type { CopyOptions } from "../../mod.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itOnLinux, itUnless } from "../support/platform.ts";

const METHODS = ["kernel", "aio"] as const;

/** Mounts a tmpfs for the length of a block. */
class Mount implements Disposable {
  readonly path: string;

  constructor(path: string, options: string) {
    this.path = path;
    const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", options, "none", path], { encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
  }

  remount(options: string): void {
    spawnSync("mount", ["-o", `remount,${options}`, this.path]);
  }

  [Symbol.dispose](): void {
    spawnSync("umount", [this.path]);
  }
}

function canMount(): boolean {
  using folder = new TemporaryFolder();
  try {
    using _mount = new Mount(folder.path, "size=1m");
    return true;
  } catch {
    return false;
  }
}

/** Runs a test where tmpfs can be mounted, by the options of Linux' `mount`. */
function itWithMount(name: string, body: () => Promise<void>): void {
  if (process.platform !== "linux" || canMount()) itOnLinux(name, body);
  else itUnless("no right to mount a tmpfs", name, body);
}

/** The copy fails with this error, which names both ends; the folder holds what it held. */
async function failing(source: string, target: string, options: CopyOptions, code: string): Promise<AioError> {
  const error = await assertRejects(() => copy(source, target, options), AioError);
  assertEquals(error.code, code, error.message);
  assert(error.message.includes(source) && error.message.includes(target), error.message);
  return error;
}

/** An aborted copy is rejected with the signal's own reason. */
async function aborting(source: string, target: string, options: CopyOptions & { signal: AbortSignal }): Promise<void> {
  const ended = await copy(source, target, options).then(() => "kept", (error: unknown) => error);
  assertEquals(options.signal.aborted, true);
  assert(ended === options.signal.reason, String(ended));
}

for (const method of METHODS) {
  describe(`copy() by ${method}`, () => {
    it("says that the source is missing", async () => {
      using folder = new TemporaryFolder();
      await failing(folder.at("missing"), folder.at("target"), { method }, "ENOENT");
      assertEquals(fs.readdirSync(folder.path), []);
    });

    it("says that the source is a directory", async () => {
      using folder = new TemporaryFolder();
      await failing(folder.path, folder.at("target"), { method }, "EISDIR");
      assertEquals(fs.readdirSync(folder.path), []);
    });

    it("says that the target's directory is missing or no directory", async () => {
      using folder = new TemporaryFolder();
      const source = folder.write("source", "content");
      await failing(source, folder.at("missing/target"), { method }, "ENOENT");
      await failing(source, folder.at("missing/"), { method }, "ENOENT");
      await failing(source, folder.at("source/target"), { method }, "ENOTDIR");
      assertEquals(fs.readdirSync(folder.path), ["source"]);
    });

    it("says that a directory stands where the target would be", async () => {
      using folder = new TemporaryFolder();
      fs.mkdirSync(folder.at("directory/source"), { recursive: true });
      await failing(folder.write("source", "content"), folder.at("directory"), { method }, "EISDIR");
    });

    it("does not replace a program that runs", async () => {
      using folder = new TemporaryFolder();
      const program = folder.at("program");
      fs.copyFileSync("/bin/sleep", program);
      const child = spawn(program, ["60"], { stdio: "ignore" });
      await once(child, "spawn");
      await new Promise((resolve) => setTimeout(resolve, 50));
      await failing(folder.write("source", "content"), program, { method }, "ETXTBSY");
      child.kill("SIGKILL");
      await once(child, "exit");
      assertEquals(fs.readdirSync(folder.path).sort(), ["program", "source"]);
    });

    itWithMount("says that the target's file system is read-only", async () => {
      using folder = new TemporaryFolder();
      using inner = new TemporaryFolder();
      using mount = new Mount(inner.path, "size=1m");
      inner.write("target", "old");
      mount.remount("ro");
      const source = folder.write("source", "content");
      await failing(source, inner.at("target"), { method }, "EROFS");
      await failing(source, inner.at("new"), { method }, "EROFS");
      assertEquals(fs.readFileSync(inner.at("target"), "utf8"), "old");
    });

    itWithMount("says that the disk is full, and gives the space back", async () => {
      using folder = new TemporaryFolder();
      using inner = new TemporaryFolder();
      using _mount = new Mount(inner.path, "size=20m");
      const source = folder.write("source", knownBytes(30 * 1024 * 1024));
      inner.write("target", "old");
      for (const chunkBytes of [65536, 1 << 20]) {
        const error = await failing(source, inner.at("target"), { method, chunkBytes }, "ENOSPC");
        assertInstanceOf(error, AioError);
      }
      assertEquals(fs.readdirSync(inner.path), ["target"]);
      assertEquals(fs.readFileSync(inner.at("target"), "utf8"), "old");
      const { bavail, bsize } = fs.statfsSync(inner.path);
      assert(bavail * bsize > 19 * 1024 * 1024, `${bavail * bsize} bytes are free`);
    });

    for (const kind of ["", "with holes "]) {
      it(`notices that a source ${kind}shrinks under it`, async () => {
        using folder = new TemporaryFolder();
        const source = folder.write("source", new Uint8Array(64 * 1024 * 1024));
        const target = folder.write("target", "old");
        if (kind !== "") fs.truncateSync(source, 80 * 1024 * 1024);
        const onProgress = () => fs.truncateSync(source, 100_000);
        const error = await failing(source, target, { method, chunkBytes: 65536, onProgress }, "EIO");
        assert(error.message.includes("shrunk"), error.message);
        assertEquals(fs.readFileSync(target, "utf8"), "old");
        assertEquals(fs.readdirSync(folder.path).sort(), ["source", "target"]);
      });
    }

    it("stops when it is aborted midway", async () => {
      using folder = new TemporaryFolder();
      const source = folder.write("source", new Uint8Array(200 * 1024 * 1024));
      const target = folder.write("target", "old");
      const controller = new AbortController();
      const reason = new Error("enough");
      const onProgress = () => controller.abort(reason);
      await aborting(source, target, { method, onProgress, signal: controller.signal });
      assert(controller.signal.reason === reason);
      assertEquals(fs.readFileSync(target, "utf8"), "old");
      assertEquals(fs.readdirSync(folder.path).sort(), ["source", "target"]);
    });

    it("does nothing when it is aborted before it begins", async () => {
      using folder = new TemporaryFolder();
      const source = folder.write("source", "content");
      await aborting(source, folder.at("new"), { method, signal: AbortSignal.abort() });
      assertEquals(fs.readdirSync(folder.path), ["source"]);
    });

    it("ends with what onProgress throws", async () => {
      using folder = new TemporaryFolder();
      const source = folder.write("source", new Uint8Array(3_000_000));
      const onProgress = () => {
        throw new RangeError("mine");
      };
      await assertRejects(() => copy(source, folder.at("new"), { method, onProgress }), RangeError, "mine");
      assertEquals(fs.readdirSync(folder.path), ["source"]);
    });

    for (const role of ["source", "target"] as const) {
      it(`stops waiting for the other end of a FIFO as ${role} when it is aborted`, async () => {
        using folder = new TemporaryFolder();
        const fifo = folder.fifo("fifo");
        const file = folder.write("file", "content");
        const [source, target] = role === "source" ? [fifo, file] : [file, fifo];
        await aborting(source, target, { method, signal: AbortSignal.timeout(100) });
        assert(fs.statSync(fifo).isFIFO());
        assertEquals(fs.readFileSync(file, "utf8"), "content");
      });

      it(`stops at a FIFO as ${role} whose other end stays silent when it is aborted`, async () => {
        using folder = new TemporaryFolder();
        const fifo = folder.fifo("fifo");
        folder.open("fifo", "r+");
        const file = folder.write("file", new Uint8Array(1_000_000));
        const [source, target] = role === "source" ? [fifo, file] : [file, fifo];
        await aborting(source, target, { method, signal: AbortSignal.timeout(100) });
        assertEquals(fs.readdirSync(folder.path).sort(), ["fifo", "file"]);
      });
    }

    it("says that nobody reads the FIFO any more", async () => {
      using folder = new TemporaryFolder();
      const fifo = folder.fifo("fifo");
      const reader = fs.openSync(fifo, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
      const source = folder.write("source", new Uint8Array(1_000_000));
      const timer = setInterval(() => {
        if (!hasSome(reader)) return;
        clearInterval(timer);
        fs.closeSync(reader);
      }, 1);
      await failing(source, fifo, { method }, "EPIPE");
    });
  });
}

/** Whether there is something in a FIFO that is read without waiting; a byte of it is taken. */
function hasSome(fd: number): boolean {
  try {
    return fs.readSync(fd, new Uint8Array(1)) > 0;
  } catch (error) {
    if ((error as { code?: string }).code !== "EAGAIN") throw error;
    return false;
  }
}

describe("copy() with wrong arguments", () => {
  const cases: readonly (readonly [string, unknown, string, typeof TypeError | typeof RangeError])[] = [
    ["method", "fast", '"auto", "kernel" or "aio"', TypeError],
    ["depth", 0, "an integer from 1 to 64", RangeError],
    ["depth", "4", "a number", TypeError],
    ["depth", 1.5, "an integer from 1 to 64", RangeError],
    ["chunkBytes", 5000, "a multiple of 4096", RangeError],
    ["chunkBytes", 2 ** 30, "an integer from 4096 to 67108864", RangeError],
    ["sync", "yes", "true or false", TypeError],
    ["direct", 1, "true or false", TypeError],
    ["overwrite", "no", "true or false", TypeError],
    ["signal", {}, "an AbortSignal", TypeError],
    ["onProgress", "log", "a function", TypeError],
    ["queue", {}, "an AioQueue", TypeError],
  ];
  for (const [name, value, expected, type] of cases) {
    it(`names ${name} ${JSON.stringify(value)} and what is expected`, async () => {
      const error = await assertRejects(() => copy("/nowhere", "/nowhere", { [name]: value }), type, name);
      assert(error.message.includes(expected), error.message);
    });
  }

  it("names a source or target that is no path", async () => {
    for (const path of ["", "a\0b", 5, null, undefined, {}]) {
      await assertRejects(() => copy(path as string, "/nowhere"), TypeError, "source");
      await assertRejects(() => copy("/nowhere", path as string), TypeError, "target");
    }
    await assertRejects(() => copy("/nowhere", "/nowhere", null as unknown as CopyOptions), TypeError, "options");
    assertEquals(process.exitCode ?? 0, 0);
  });
});
