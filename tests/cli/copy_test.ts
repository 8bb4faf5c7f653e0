/**
 * `aio copy` as people call it: what arrives, what is printed where, and the exit status.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { runChild, RUNTIME_ARGUMENTS } from "../support/child.ts";
import type { ChildResult } from "../support/child.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itOnLinux } from "../support/platform.ts";

const CLI = new URL("../../cli.ts", import.meta.url);
const CONTENT = knownBytes(6 * 1024 * 1024 + 1);

function aio(...args: string[]): Promise<ChildResult> {
  return runChild(CLI, { args });
}

function objects(text: string): { readonly [name: string]: unknown }[] {
  return text.trimEnd().split("\n").map((line) => JSON.parse(line));
}

describe("aio copy", () => {
  for (const method of ["kernel", "aio", "auto"]) {
    it(`copies a file by ${method} and says so in a summary`, async () => {
      using folder = new TemporaryFolder();
      const source = folder.write("source", CONTENT);
      const { code, stdout, stderr } = await aio("copy", "--method", method, source, folder.at("target"));
      assertEquals([code, stderr], [0, ""]);
      assertMatch(stdout, /: 6\.00 MiB, \d.*, \d.*iB\/s\n/);
      assertMatch(stdout, method === "aio" ? /by aio/ : /by kernel/);
      assert(Buffer.compare(fs.readFileSync(folder.at("target")), CONTENT) === 0);
    });
  }

  it("copies several files into a directory", async () => {
    using folder = new TemporaryFolder();
    fs.mkdirSync(folder.at("directory"));
    const sources = ["one", "two", "three"].map((name) => folder.write(name, name));
    const { code, stdout } = await aio("copy", ...sources, folder.at("directory"));
    assertEquals(code, 0);
    assertMatch(stdout, /^3 files, 11 B/);
    assertEquals(fs.readdirSync(folder.at("directory")).sort(), ["one", "three", "two"]);
  });

  it("names each file that fails, copies the others, and exits with 1", async () => {
    using folder = new TemporaryFolder();
    fs.mkdirSync(folder.at("directory"));
    const [first, last] = [folder.write("first", "1"), folder.write("last", "2")];
    const sources = [first, folder.at("missing"), folder.path, last];
    const { code, stdout, stderr } = await aio("copy", ...sources, folder.at("directory"));
    assertEquals(code, 1);
    assertEquals(fs.readdirSync(folder.at("directory")).sort(), ["first", "last"]);
    const complaints = stderr.split("\n").filter((line) => line.startsWith("aio: ")); // not how far it is
    assertEquals(complaints.length, 2);
    assertMatch(complaints[0], /^aio: .*ENOENT.*missing/);
    assertMatch(complaints[1], /^aio: .*EISDIR/);
    assertMatch(stdout, /2 files.*1 failed/); // the folder is not a file that failed
  });

  it("prints nothing with --quiet but errors", async () => {
    using folder = new TemporaryFolder();
    const source = folder.write("source", CONTENT);
    const good = await aio("copy", "-q", source, folder.at("target"));
    assertEquals([good.code, good.stdout, good.stderr], [0, "", ""]);
    const bad = await aio("copy", "-q", folder.at("missing"), folder.at("target"));
    assertEquals([bad.code, bad.stdout], [1, ""]);
    assertMatch(bad.stderr, /^aio: .*\n$/);
  });

  it("prints one JSON object per line with --json", async () => {
    using folder = new TemporaryFolder();
    const source = folder.write("source", CONTENT);
    const good = await aio("copy", "--json", "--method=aio", source, folder.at("target"));
    assertEquals([good.code, good.stderr], [0, ""]);
    const events = objects(good.stdout);
    assertEquals(new Set(events.map(({ event }) => event)), new Set(["progress", "copied", "summary"]));
    const copied = events.find(({ event }) => event === "copied")!;
    assertEquals([copied.method, copied.bytes, copied.size], ["aio", CONTENT.length, CONTENT.length]);
    assertEquals([copied.source, copied.target], [source, folder.at("target")]);
    assert(Number(copied.milliseconds) > 0 && typeof copied.reason === "string");

    const bad = await aio("copy", "--json", "--no-progress", folder.at("missing"), folder.at("target"));
    const [failed, summary, ...rest] = objects(bad.stdout);
    assertEquals([bad.code, failed.event, rest], [1, "failed", []]);
    assertEquals((failed.error as { code: string }).code, "ENOENT");
    assertEquals([summary.event, summary.files, summary.failed], ["summary", 0, 1]);
  });

  itOnLinux("shows a live line on a terminal and takes it away at the end", async () => {
    using folder = new TemporaryFolder();
    const source = folder.write("source", CONTENT);
    const words = [process.execPath, ...RUNTIME_ARGUMENTS, fileURLToPath(CLI), "copy", source, folder.at("target")];
    const line = words.map((word) => `'${word}'`).join(" ");
    const child = spawn("script", ["-qec", line, "/dev/null"], { stdio: ["ignore", "pipe", "inherit"] });
    let shown = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => shown += text);
    const [code] = await once(child, "close");
    assertEquals(code, 0);
    assertMatch(shown, /source {2}\[[= ]+\] +\d+% {2}.* of 6\.00 MiB {2}.*\/s {2}.* left/);
    assertMatch(shown, /-> .*6\.00 MiB/);
  });

  itOnLinux("shows plain lines on a terminal where cli-progress cannot be loaded", () => {
    using folder = new TemporaryFolder();
    // the package as it is in a clone in which nothing was installed
    const root = fileURLToPath(new URL("../../", import.meta.url));
    for (const name of fs.readdirSync(root)) {
      if (["node_modules", "tests", "bench", "package-lock.json"].includes(name) || name.startsWith(".")) continue;
      fs.cpSync(`${root}${name}`, folder.at(`clone/${name}`), { recursive: true });
    }
    const source = folder.write("source", CONTENT);
    const runtime = RUNTIME_ARGUMENTS.filter((word) => !/import.?map|stand_in/.test(word));
    const words = [process.execPath, ...runtime, folder.at("clone/cli.ts"), "copy"];
    const command = words.map((word) => `'${word}'`).join(" ");
    const fifo = folder.fifo("fifo");
    // one that takes long enough for a line: from a slow writer
    const line = `${command} '${source}' '${folder.at("target")}'; ` +
      `(for i in 1 2 3 4 5 6; do printf x; sleep 0.5; done) > '${fifo}' & ${command} '${fifo}' '${folder.at("slow")}'`;
    const { status, stdout } = spawnSync("script", ["-qec", line, "/dev/null"], {
      cwd: folder.at("clone"),
      encoding: "utf8",
      env: {
        ...process.env,
        DENO_DIR: folder.at("cache"),
        BUN_CONFIG_REGISTRY: "http://127.0.0.1:9/",
        NPM_CONFIG_REGISTRY: "http://127.0.0.1:9/",
      },
    });
    assertEquals(status, 0, stdout);
    assertMatch(stdout, /-> .*6\.00 MiB/);
    assertMatch(stdout, /fifo {2}\d B {2}.*\/s\r$/m);
    assert(!stdout.includes("[=") && !stdout.includes("\x1b[1G"), JSON.stringify(stdout));
    assertEquals(fs.readFileSync(folder.at("target")).equals(CONTENT), true);
  });

  it("takes the options that change how it goes", async () => {
    using folder = new TemporaryFolder();
    const source = folder.write("-source", CONTENT);
    fs.utimesSync(source, 1_000_000_000, 1_100_000_000);
    const options = ["--method=aio", "--sync", "--direct", "--depth=3", "--chunk", "128KiB", "-p", "--json"];
    const { code, stdout } = await aio("copy", ...options, "--", source, folder.at("target"));
    assertEquals(code, 0);
    const copied = objects(stdout).find(({ event }) => event === "copied")!;
    assertMatch(String(copied.how), /131072 bytes, 3 at a time/);
    assertEquals(fs.statSync(folder.at("target")).mtimeMs, 1_100_000_000_000);
    const again = await aio("copy", "--no-overwrite", source, folder.at("target"));
    assertEquals(again.code, 1);
    assertMatch(again.stderr, /EEXIST/);
  });

  const misuses: readonly (readonly [string[], RegExp])[] = [
    [["copy"], /no source and no target/],
    [["copy", "one"], /no target/],
    [["copy", "--bad", "a", "b"], /unknown option '--bad'/],
    [["copy", "--method", "fast", "a", "b"], /--method "fast": expected "auto", "kernel" or "aio"/],
    [["copy", "--chunk", "1.5", "a", "b"], /--chunk "1\.5": expected a size/],
    [["copy", "--chunk", "5000", "a", "b"], /--chunk 5000: expected a multiple of 4096/],
    [["copy", "--depth", "0", "a", "b"], /--depth 0: expected an integer/],
    [["copy", "a", "b", "/nowhere"], /"\/nowhere" is no directory/],
    [["nothing"], /no command "nothing"/],
    [["info", "more"], /no argument "more"/],
  ];
  it("exits with 2 and one sentence for wrong usage", async () => {
    for (const [args, complaint] of misuses) {
      const { code, stdout, stderr } = await aio(...args);
      assertEquals([code, stdout], [2, ""], args.join(" "));
      assertMatch(stderr, complaint);
      assertMatch(stderr, /^aio: .*\nTry "aio .*--help"\.\n$/);
    }
  });

  for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    it(`cleans up after ${signal} and exits with ${status}`, async () => {
      using folder = new TemporaryFolder();
      const fifo = folder.fifo("fifo");
      const feeder = folder.open("fifo", "r+");
      fs.writeSync(feeder, "beginning");
      const target = folder.write("target", "old");
      const args = [...RUNTIME_ARGUMENTS, fileURLToPath(CLI), "copy", "--json", fifo, target];
      const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
      let complaint = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => complaint += text);
      // not child.kill(): Deno then reports the signal in place of the status
      child.stdout.once("data", () => process.kill(child.pid!, signal));
      child.stdout.resume();
      const [code] = await once(child, "close");
      assertEquals(code, status, complaint);
      assertMatch(complaint, /stopped by SIG/);
      assertEquals(fs.readdirSync(folder.path).sort(), ["fifo", "target"]);
      assertEquals(fs.readFileSync(target, "utf8"), "old");
    });
  }

  it("needs no more of Deno than its native calls and files", async () => {
    using folder = new TemporaryFolder();
    const source = folder.write("source", CONTENT);
    const permissions = ["--no-prompt", "--allow-ffi", `--allow-read=${folder.path}`, `--allow-write=${folder.path}`];
    const before = process.versions.deno === undefined ? RUNTIME_ARGUMENTS : ["run", "--quiet", ...permissions];
    for (const method of ["kernel", "aio"]) {
      const args = [...before, fileURLToPath(CLI), "copy", "-q", "--sync", "-m", method, source, folder.at("target")];
      const child = spawn(process.execPath, args, { stdio: "inherit" });
      assertEquals((await once(child, "exit"))[0], 0);
      assertEquals(spawnSync("cmp", [source, folder.at("target")]).status, 0);
    }
  });
});
