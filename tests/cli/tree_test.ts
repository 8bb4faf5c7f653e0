// aio copy -r, sync, hash and verify as people type them, and the shell around them: pipes that end, full disks, standard
// input and output, and odd names.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import { getHashes } from "node:crypto";
import fs from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { shardOf } from "../../mod.ts";
import { CHILD_ENVIRONMENT, EMULATOR, RUNTIME_ARGUMENTS } from "../support/child.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itOnLinux, itUnless } from "../support/platform.ts";
import { ObjectStore, whyNoStore } from "../transfer/object_store.ts";

const CLI = fileURLToPath(new URL("../../cli.ts", import.meta.url));
const COMMAND = [...EMULATOR, process.execPath, ...RUNTIME_ARGUMENTS, CLI];

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in a folder. */
function aio(folder: string, ...args: string[]): Ended {
  const [file, ...before] = COMMAND;
  const { status, stdout, stderr } = spawnSync(file, [...before, ...args], {
    cwd: folder,
    encoding: "utf8",
    env: CHILD_ENVIRONMENT,
  });
  return { code: status, stdout, stderr };
}

/** Runs a shell's script in which `aio` is the command. */
function shell(folder: string, script: string): Ended {
  const aio = `aio() { ${COMMAND.map((word) => `'${word}'`).join(" ")} "$@"; }; `;
  const { status, stdout, stderr } = spawnSync("bash", ["-c", aio + script], { cwd: folder, env: CHILD_ENVIRONMENT });
  return { code: status, stdout: stdout.toString("latin1"), stderr: stderr.toString("latin1") };
}

function plant(folder: TemporaryFolder): void {
  for (const name of ["s/deep", "a", "b", "d"]) fs.mkdirSync(folder.at(name), { recursive: true });
  for (const name of ["s/f", "s/deep/g", "a/x", "b/x"]) folder.write(name, `${name}\n`);
  fs.symlinkSync("f", folder.at("s/l"));
}

describe("aio copy of folders", () => {
  it("needs -r, and goes where cp would", () => {
    using folder = new TemporaryFolder();
    plant(folder);
    const refused = aio(folder.path, "copy", "s", "t");
    assertEquals(refused.code, 1);
    assertMatch(refused.stderr, /^aio: s is a folder \(EISDIR\): -r copies it/);
    for (const option of ["-r", "-R", "--recursive", "-a"]) {
      assertEquals(aio(folder.path, "copy", option, "s", "t").code, 0);
      assertEquals(aio(folder.path, "copy", option, "s/", "t").code, 0);
      assertEquals(fs.readdirSync(folder.at("t")).sort(), ["deep", "f", "l", "s"]);
      assertEquals([fs.readdirSync(folder.at("t/s")).length, fs.readlinkSync(folder.at("t/l"))], [3, "f"]);
      assertEquals(aio(folder.path, "copy", option, "s/.", "a/x", "d").code, 0);
      assertEquals(fs.readdirSync(folder.at("d")).sort(), ["deep", "f", "l", "x"]);
      for (const name of ["t", "d"]) fs.rmSync(folder.at(name), { recursive: true });
      fs.mkdirSync(folder.at("d"));
    }
  });

  it("says what would be done, line by line what is done, or JSON", () => {
    using folder = new TemporaryFolder();
    plant(folder);
    const would = aio(folder.path, "copy", "-r", "--dry-run", "s", "t");
    assertEquals([would.code, fs.existsSync(folder.at("t"))], [0, false]);
    assertMatch(would.stdout, /copied .*deep\/g[\s\S]*nothing was done/);
    const verbose = aio(folder.path, "copy", "-rv", "s", "t");
    assertMatch(verbose.stdout, /^made t\n[\s\S]*linked s\/l -> t\/l\n/);
    const lines = aio(folder.path, "copy", "-r", "--json", "s", "t").stdout.trim().split("\n").map((line) =>
      JSON.parse(line)
    );
    assertEquals(lines.filter(({ event }) => event === "entry").length, 5);
    assertEquals([lines.at(-1).event, lines.at(-1).files], ["summary", 2]);
    assertEquals(aio(folder.path, "copy", "-rq", "s", "t").stdout, "");
  });

  it("chooses, names wrong choices, and takes names from a list", () => {
    using folder = new TemporaryFolder();
    plant(folder);
    assertEquals(aio(folder.path, "copy", "-r", "--exclude", "deep", "s", "t").code, 0);
    assertEquals(fs.readdirSync(folder.at("t")).sort(), ["f", "l"]);
    const misuses: [string[], RegExp][] = [
      [["copy", "-r", "--exclude", "[x", "s", "u"], /--exclude "\[x": a bracket/],
      [["copy", "-r", "--shard", "9/7", "s", "u"], /--shard "9\/7": expected a part from 0 to 6/],
      [["copy", "-dash", "d"], /-- comes before names that begin with a dash/],
      [["copy", "--in-place=perhaps", "a/x", "d"], /--in-place "perhaps"/],
      [["sync", "s"], /a source and a target are needed/],
      [["hash"], /no file given/],
      [["hash", "-a", "sha0", "s"], /--algorithm "sha0"/],
    ];
    for (const [args, text] of misuses) {
      const { code, stderr } = aio(folder.path, ...args);
      assertEquals(code, 2, args.join(" "));
      assertMatch(stderr, text);
    }
    folder.write("list", "a/x\0s/f\0");
    assertEquals(aio(folder.path, "copy", "--files-from", "list", "-0", "d").code, 0);
    assertEquals(fs.readdirSync(folder.at("d")).sort(), ["f", "x"]);
    assertMatch(
      aio(folder.path, "copy", "a/x", "missing/x").stderr,
      /the folder "missing" of the target does not exist/,
    );
  });

  it("syncs only what is different, and deletes only when asked, and never for an empty source", () => {
    using folder = new TemporaryFolder();
    plant(folder);
    assertMatch(aio(folder.path, "sync", "s", "t").stdout, /2 files/);
    assertMatch(aio(folder.path, "sync", "s", "t").stdout, /: 0 files, 0 B, 3 skipped/);
    folder.write("t/extra", "x");
    assertEquals([aio(folder.path, "sync", "s", "t").code, fs.existsSync(folder.at("t/extra"))], [0, true]);
    assertMatch(aio(folder.path, "sync", "--delete", "s", "t").stdout, /1 deleted/);
    assertEquals(fs.existsSync(folder.at("t/extra")), false);
    fs.mkdirSync(folder.at("empty"));
    const refused = aio(folder.path, "sync", "--delete", "empty", "t");
    assertEquals([refused.code, fs.readdirSync(folder.at("t")).length], [1, 3]);
    assertMatch(refused.stderr, /nothing is deleted .* is empty/);
  });
});

describe("aio copy of files that meet", () => {
  it("refuses to put a second one where it has just put one", () => {
    using folder = new TemporaryFolder();
    plant(folder);
    const { code, stderr } = aio(folder.path, "copy", "a/x", "b/x", "d");
    assertEquals([code, fs.readFileSync(folder.at("d/x"), "utf8")], [1, "a/x\n"]);
    assertMatch(stderr, /another entry was copied there just now.*, copying "b\/x" to "d\/x"/);
  });

  itOnLinux("makes no file under another name where the name is no UTF-8, and says so", () => {
    using folder = new TemporaryFolder();
    plant(folder);
    const { code, stderr } = shell(folder.path, `aio copy a/x $'d/n\\xe9'; echo $? >&2; aio copy $'s\\xff' a/x d`);
    assertEquals([code, fs.readdirSync(folder.at("d"))], [1, ["x"]]);
    assertEquals(stderr.match(/is no UTF-8/g)?.length, 2);
    // a name with that very letter is a name
    assertEquals(aio(folder.path, "copy", "a/x", "d/\ufffd").code, 0);
    assertEquals(fs.readdirSync(folder.at("d")).sort(), ["x", "\ufffd"]);
  });

  itOnLinux("shows control characters as the shell reads them back", () => {
    using folder = new TemporaryFolder();
    plant(folder);
    const { stdout, stderr } = shell(folder.path, `aio copy a/x $'d/n\\n\\e[31m'; aio copy $'d/\\e]0;x\\a' d`);
    assertMatch(stdout, /d\/n'\$'\\n\\e''\[31m'/);
    assert(!["\x1b", "\x07"].some((one) => (stdout + stderr).includes(one)), JSON.stringify(stderr));
  });
});

describe("aio copy of several files, and of one with the options of many", () => {
  it("takes the options of trees, as cp and rsync do", () => {
    using folder = new TemporaryFolder();
    plant(folder);
    for (let index = 0; index < 20; index++) folder.write(`m${index}`, String(index));
    const all = fs.readdirSync(folder.path).filter((name) => /^m\d/.test(name)).sort();
    const parts = [0, 1, 2].map((index) => {
      fs.mkdirSync(folder.at(`part${index}`));
      assertEquals(aio(folder.path, "copy", "--shard", `${index}/3`, ...all, `part${index}`).code, 0);
      return fs.readdirSync(folder.at(`part${index}`));
    });
    assertEquals(parts.flat().sort(), all);
    assert(parts.every(({ length }) => length < 20), "each has a part");
    assertEquals(aio(folder.path, "copy", "--include", "m1*", "--exclude", "m11", ...all, "d").code, 0);
    assertEquals(fs.readdirSync(folder.at("d")).length, 10);
    // -u leaves what is not older alone, and -n what is there
    folder.write("d/m1", "newer");
    const later = new Date(Date.now() + 60_000);
    fs.utimesSync(folder.at("d/m1"), later, later);
    for (const args of [["-u", "m1", "d"], ["-u", "m1", "m2", "d"], ["-n", "m1", "m2", "d"], ["-u", "m1", "d/m1"]]) {
      const { code, stdout } = aio(folder.path, "copy", "-v", ...args);
      assertEquals([code, fs.readFileSync(folder.at("d/m1"), "utf8")], [0, "newer"], args.join(" "));
      assertMatch(stdout, /skipped d\/m1: /);
    }
    assertEquals(aio(folder.path, "copy", "m1", "m2", "d").code, 0);
    assertEquals(fs.readFileSync(folder.at("d/m1"), "utf8"), "1");
    const would = aio(folder.path, "copy", "--dry-run", "a/x", "new");
    assertEquals([would.code, fs.existsSync(folder.at("new"))], [0, false]);
    assertMatch(would.stdout, /copied a\/x -> new\n.*1 file, 4 B.*nothing was done/);
    assertMatch(aio(folder.path, "copy", "--verify", "-v", "a/x", "new").stdout, /copied a\/x -> new/);
    const refused = aio(folder.path, "copy", "--delete", "a/x", "new");
    assertEquals(refused.code, 2);
    assertMatch(refused.stderr, /--delete goes with folders only, and a\/x is none/);
    const stopped = aio(folder.path, "copy", "--stop-on-error", "missing", "m1", "m2", "-r", "s", "part0");
    assertEquals([stopped.code, fs.existsSync(folder.at("part0/s"))], [1, false]);
  });

  it("takes every name behind --, also one that is called as an option is", () => {
    using folder = new TemporaryFolder();
    for (const name of ["--in-place", "-r", "--help"]) {
      folder.write(name, name);
      assertEquals(aio(folder.path, "copy", "-q", "--", name, "out"), { code: 0, stdout: "", stderr: "" });
      assertEquals(fs.readFileSync(folder.at("out"), "utf8"), name);
    }
    fs.mkdirSync(folder.at("--in-place.d"));
    fs.renameSync(folder.at("--in-place"), folder.at("--in-place.d/f"));
    fs.renameSync(folder.at("--in-place.d"), folder.at("--in-place"));
    assertEquals(aio(folder.path, "sync", "-q", "--", "--in-place", "synced").code, 0);
    assertEquals(fs.readdirSync(folder.at("synced")), ["f"]);
  });

  itUnless(whyNoStore(), "fails with the copy made where -p could not keep the mode, as cp -p does", async () => {
    using folder = new TemporaryFolder();
    plant(folder);
    await using store = await ObjectStore.mount("nochmod");
    for (const args of [["-p", "a/x"], ["-p", "a/x", "s/f"], ["-rp", "a/."]]) {
      const { code, stderr } = aio(folder.path, "copy", ...args, store.path);
      assertMatch(stderr, /^aio: .* was copied, but its mode could not be kept: its file system refuses$/m);
      assertEquals(code, 1);
      fs.readFileSync(store.at("x"));
    }
    assertEquals(aio(folder.path, "copy", "a/x", "s/f", store.path).code, 0);
  });

  it("writes no manifest into what is copied", () => {
    using folder = new TemporaryFolder();
    plant(folder);
    fs.linkSync(folder.at("a/x"), folder.at("other name"));
    for (const manifest of ["a/x", "./a/x", "other name", "copied"]) {
      const { code, stderr } = aio(folder.path, "copy", "--manifest", manifest, "a/x", "copied");
      assertEquals(code, 2, manifest);
      assertMatch(stderr, /--manifest .* would be written into what is copied/);
    }
    assertEquals([fs.readFileSync(folder.at("a/x"), "utf8"), fs.existsSync(folder.at("copied"))], ["a/x\n", false]);
  });

  it("writes one manifest, whose names begin at the target", () => {
    using folder = new TemporaryFolder();
    plant(folder);
    fs.mkdirSync(folder.at("s2"));
    folder.write("s2/f", "another");
    assertEquals(aio(folder.path, "copy", "-r", "--manifest", "SUMS", "s", "s2", "a/x", "d").code, 0);
    const names = fs.readFileSync(folder.at("SUMS"), "utf8").trim().split("\n").map((line) => line.slice(66));
    assertEquals(names.sort(), ["s/deep/g", "s/f", "s2/f", "x"]);
    assertEquals(aio(folder.path, "verify", "-C", "d", "SUMS").code, 0);
    assertEquals(aio(folder.path, "copy", "--manifest", "SUMS", "a/x", "d/y").code, 0);
    assertMatch(fs.readFileSync(folder.at("SUMS"), "utf8"), /^[0-9a-f]{64} {2}y\n$/);
    assertEquals(aio(folder.path, "copy", "-r", "--manifest", "SUMS", "s/.", "b").code, 0);
    assertEquals(aio(folder.path, "verify", "-C", "b", "SUMS").code, 0);
  });

  it("says what is the matter where a folder is in the way, or is missing", () => {
    using folder = new TemporaryFolder();
    plant(folder);
    fs.mkdirSync(folder.at("d/q/x"), { recursive: true });
    folder.write("d/f", "file");
    const cases: [string[], RegExp][] = [
      [["a/x", "d/q"], /cannot put "a\/x" in the place of the folder "d\/q\/x" \(EISDIR\)/],
      [["a/x", "b/x", "d/q"], /the target is a folder, the source is none: remove it first/],
      [["-r", "s", "d/f"], /no folder, copying "s" to "d\/f"/],
      [["a/x", "no/such/y"], /the folder "no\/such" of the target does not exist \(ENOENT\)/],
      [["a/x", "no/"], /the folder "no\/" does not exist \(ENOENT\)/],
      [["a/x", "b/x", "no"], /the target "no" is no directory, and there are 2 sources/],
      [["s", "d"], /s is a folder \(EISDIR\): -r copies it/],
      [["-x", "a/x", "d"], /unknown option '-x'; -- comes before names/],
      [["a/x"], /no target given for "a\/x"/],
    ];
    for (const [args, text] of cases) {
      const { code, stderr } = aio(folder.path, "copy", ...args);
      assert(code === 1 || code === 2, `${args.join(" ")}: ${code}`);
      assertMatch(stderr, text);
    }
    assertEquals(fs.readdirSync(folder.at("d/q")), ["x"]);
    assertEquals([fs.readdirSync(folder.at("d/q/x")), fs.existsSync(folder.at("no"))], [[], false]);
    assertEquals(aio(folder.path, "copy", "-v", "a/x", "d/g").code, 0);
    folder.write("-dash", "dash");
    assertEquals(aio(folder.path, "copy", "--", "-dash", "d").code, 0);
    assertEquals(fs.readFileSync(folder.at("d/-dash"), "utf8"), "dash");
  });
});

describe("aio copy in a shell", () => {
  itOnLinux("copies all although nobody reads what it prints, and fails where that cannot be written", () => {
    using folder = new TemporaryFolder();
    plant(folder);
    for (let index = 0; index < 6; index++) folder.write(`m${index}`, String(index));
    const { stderr } = shell(folder.path, "aio copy m0 m1 m2 m3 m4 m5 d | head -1");
    assertEquals([fs.readdirSync(folder.at("d")).length, stderr], [6, ""]);
    const full = shell(folder.path, "aio copy m0 d > /dev/full");
    assertEquals(full.code, 1);
    assertMatch(full.stderr, /^aio: cannot write the results: [^\n]*(ENOSPC|os error 28)[^\n]*\n$/);
  });

  itOnLinux("keeps its words out of the data, and takes - for standard input and output", () => {
    using folder = new TemporaryFolder();
    plant(folder);
    const { stdout, stderr } = shell(
      folder.path,
      "aio copy a/x - | cat; aio copy b/x /dev/stdout | cat; cat a/x | aio copy - d/in",
    );
    assert(stdout.startsWith("a/x\nb/x\n"), stdout);
    assertMatch(stderr, /a\/x -> \/dev\/stdout/);
    assertEquals(fs.readFileSync(folder.at("d/in"), "utf8"), "a/x\n");
  });
});

describe("aio hash and verify", () => {
  const noSums = spawnSync("sha256sum", ["--version"]).status === 0 ? undefined : "there is no sha256sum";
  itUnless(noSums, "write what sha256sum reads, and read what it writes", () => {
    using folder = new TemporaryFolder();
    plant(folder);
    folder.write("s/back\\slash\nline\r", "odd");
    folder.write("s/big", knownBytes(5_000_001));
    folder.write("s/empty", "");
    const { stdout, code } = aio(folder.path, "hash", "s");
    assertEquals(code, 0);
    folder.write("SUMS", stdout);
    const checked = spawnSync("sha256sum", ["-c", "--strict", "SUMS"], { cwd: folder.path, encoding: "utf8" });
    assertEquals(checked.status, 0, checked.stderr);
    assertEquals(aio(folder.path, "hash", "s").stdout, stdout);
    for (
      const [program, ...options] of [["sha256sum"], ["sha512sum", "--tag"], ["md5sum", "--tag"], ["b2sum", "--tag"]]
    ) {
      if (program === "b2sum" && !getHashes().includes("blake2b512")) continue; // Bun and Deno lack some
      const made = spawnSync(program, [...options, "s/f", "s/big", "s/back\\slash\nline\r"], { cwd: folder.path });
      folder.write("THEIRS", made.stdout);
      const { code, stdout, stderr } = aio(folder.path, "verify", "THEIRS");
      assertEquals([code, stdout.match(/: OK$/gm)?.length], [0, 3], `${program}: ${stderr}`);
    }
  });

  it("tell what differs, is missing or is no line, in the exit status too", () => {
    using folder = new TemporaryFolder();
    plant(folder);
    folder.write("SUMS", aio(folder.path, "hash", "s", "a/x").stdout + "no line\n");
    assertEquals(aio(folder.path, "verify", "SUMS").code, 0);
    assertEquals(aio(folder.path, "verify", "--strict", "SUMS").code, 1);
    folder.write("s/f", "changed");
    fs.rmSync(folder.at("a/x"));
    const { code, stdout, stderr } = aio(folder.path, "verify", "--quiet", "SUMS");
    assertEquals([code, stdout], [1, "s/f: FAILED\ns/l: FAILED\na/x: FAILED open or read\n"]);
    assertMatch(stderr, /SUMS, line 5: no line[\s\S]*1 files could not be read[\s\S]*2 files have another digest/);
    assertEquals(aio(folder.path, "verify", "--status", "SUMS").stdout, "");
    assertMatch(aio(folder.path, "verify", "a").stderr, /EISDIR/);
    folder.write("EMPTY", "");
    assertEquals(aio(folder.path, "verify", "EMPTY").code, 2);
    const missing = aio(folder.path, "hash", "s/f", "missing", "b/x");
    assertEquals([missing.code, missing.stdout.trim().split("\n").length], [1, 2]);
    assertMatch(missing.stderr, /ENOENT.*missing/);
  });

  it("of shards make the manifest of the whole, and of a copy too", () => {
    using folder = new TemporaryFolder();
    plant(folder);
    for (let index = 0; index < 30; index++) folder.write(`s/deep/n${index}`, String(index));
    const whole = aio(folder.path, "hash", "s").stdout.split("\n").sort();
    const parts = [0, 1, 2].flatMap((index) =>
      aio(folder.path, "hash", "--shard", `${index}/3`, "s").stdout.split("\n")
    );
    assertEquals(parts.filter((line) => line !== "").sort(), whole.filter((line) => line !== ""));
    assertEquals(aio(folder.path, "copy", "-r", "--manifest", "SUMS", "s", "t").code, 0);
    assertEquals(aio(folder.path, "verify", "-C", "t", "SUMS").code, 0);
    assertEquals(fs.readFileSync(folder.at("SUMS"), "utf8").trim().split("\n").length, 32);
  });

  it("of shards that go on where they were interrupted make the manifest of the whole", () => {
    using folder = new TemporaryFolder();
    plant(folder);
    for (let index = 0; index < 30; index++) folder.write(`s/deep/n${index}`, String(index));
    const lines: string[] = [];
    for (const index of [0, 1, 2]) {
      const args = ["copy", "-a", "--resume", "--shard", `${index}/3`, "--manifest", `SUMS${index}`, "s/.", "t"];
      // what there is of an earlier attempt: a file of each shard, and a manifest that was not completed
      const [first] = fs.readdirSync(folder.at("s/deep")).filter((name) => shardOf(`deep/${name}`, 3) === index);
      fs.mkdirSync(folder.at("t/deep"), { recursive: true });
      spawnSync("cp", ["-a", folder.at(`s/deep/${first}`), folder.at(`t/deep/${first}`)]);
      folder.write(`SUMS${index}`, "torn");
      const { code, stdout, stderr } = aio(folder.path, ...args);
      assertEquals(code, 0, stderr);
      assertMatch(stdout, /, 1 skipped,/);
      lines.push(...fs.readFileSync(folder.at(`SUMS${index}`), "utf8").trim().split("\n"));
    }
    // `aio hash` has a line for what a symbolic link leads to, and a copy keeps the link
    const whole = aio(folder.path, "hash", "s").stdout.trim().split("\n").filter((line) => !line.endsWith("  s/l"));
    assertEquals(lines.toSorted(), whole.map((line) => line.replace("  s/", "  ")).toSorted());
    folder.write("SUMS", `${lines.sort().join("\n")}\n`);
    assertEquals(aio(folder.path, "verify", "-C", "t", "SUMS").code, 0);
  });

  it("of a copy that goes on, and of files with several names, lack nothing", () => {
    using folder = new TemporaryFolder();
    plant(folder);
    fs.linkSync(folder.at("s/f"), folder.at("s/deep/again"));
    const list = (...args: string[]) => {
      assertEquals(aio(folder.path, ...args, "--manifest", "SUMS").code, 0);
      return fs.readFileSync(folder.at("SUMS"), "utf8").split("\n").map((line) => line.slice(66)).sort();
    };
    const names = ["", "deep/again", "deep/g", "f"];
    assertEquals(list("copy", "-a", "--shard", "0/2", "s/.", "t").length < names.length, true);
    assertEquals(list("copy", "-a", "--resume", "s/.", "t"), names);
    assertEquals(list("copy", "-a", "--resume", "s/.", "t"), names);
    assertEquals(list("sync", "--checksum", "s", "t"), names);
    assertEquals(aio(folder.path, "verify", "-C", "t", "SUMS").code, 0);
    assertEquals(list("sync", "--dry-run", "s", "t"), [""]);
  });
});
