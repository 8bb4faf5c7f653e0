// What docs/permissions.md says of containers, tried with what confines them: a filter of system calls without io_uring, a root
// that is read-only, no capabilities, another user, few descriptors.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { EMULATOR, RUNTIME_ARGUMENTS } from "../support/child.ts";
import { TemporaryFolder } from "../support/files.ts";

const CHILD = fileURLToPath(new URL("./children/confined.ts", import.meta.url));
const CONFINE = fileURLToPath(new URL("./confine.c", import.meta.url));

/** What works everywhere. */
const WORKS = {
  posix: "200 reads by posix",
  file: "# @posix/aio",
  copy: true,
  "copy by aio": true,
  hash: 1,
};

function works(command: readonly string[]): boolean {
  return process.platform === "linux" && EMULATOR.length === 0 &&
    spawnSync(command[0], command.slice(1), { stdio: "ignore" }).status === 0;
}

const compiles = works(["cc", "--version"]);
const privileged = process.getuid?.() === 0 && works(["unshare", "-m", "true"]) && works(["setpriv", "--version"]);

/** A test that needs the filter, and one that needs to be root besides. */
const itConfined: typeof it = compiles
  ? it
  : ((name: string, body: () => void) => it.skip(`${name} (skipped: needs Linux and a C compiler)`, body)) as typeof it;
const itAsRoot: typeof it = compiles && privileged
  ? it
  : ((name: string, body: () => void) =>
    it.skip(`${name} (skipped: needs root, unshare, setpriv and a C compiler)`, body)) as typeof it;

function confine(folder: TemporaryFolder): string {
  const built = spawnSync("cc", ["-O1", "-o", folder.at("confine"), CONFINE], { encoding: "utf8" });
  assertEquals(built.status, 0, built.stderr);
  return folder.at("confine");
}

/** Runs the child under a program; what it printed. */
function run(under: readonly string[], args: readonly string[]): Record<string, unknown> {
  const [file, ...rest] = [...under, process.execPath, ...RUNTIME_ARGUMENTS, CHILD, ...args];
  const { status, stdout, stderr } = spawnSync(file, rest, {
    encoding: "utf8",
    env: { ...process.env, AIO_ENGINE: "", TMPDIR: args[0], NO_COLOR: "1" },
    timeout: 60_000,
  });
  assertEquals(status, 0, `${stdout}\n${stderr}`);
  return JSON.parse(stdout);
}

describe("in a container", () => {
  itConfined("without io_uring, POSIX AIO works, auto is that, and the refusal names the filter", () => {
    using folder = new TemporaryFolder();
    const { auto, io_uring, ...others } = run([confine(folder)], [folder.path]);
    assertEquals(others, WORKS);
    assertEquals(auto, "200 reads by posix");
    assertMatch(String(io_uring), /^EPERM: io_uring_setup: .*(seccomp filter|io_uring_disabled)/);
  });

  itAsRoot("with a read-only root, without capabilities, as nobody, everything works but what is written there", () => {
    using folder = new TemporaryFolder();
    const program = confine(folder);
    fs.mkdirSync(folder.at("tmp"));
    fs.chmodSync(folder.path, 0o755);
    const mounts =
      'mount --bind / / && mount -o remount,bind,ro / && mount -t tmpfs -o mode=1777 tmpfs "$0" && exec "$@"';
    const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all"];
    const under = [
      "unshare",
      "-m",
      "--propagation",
      "private",
      "sh",
      "-c",
      mounts,
      folder.at("tmp"),
      ...nobody,
      program,
    ];
    const found = run(under, [folder.at("tmp"), "/forbidden"]);
    const { auto: _, io_uring: __, "forbidden copy": copied, "forbidden file": opened, ...others } = found;
    assertEquals(others, WORKS);
    assertMatch(String(opened), /^(EROFS|EACCES): open: /);
    assertMatch(String(copied), /^(EROFS|EACCES): .*copying/);
    assert(!fs.existsSync("/forbidden"));
  });

  it("with 64 descriptors queues, files and copies work", () => {
    using folder = new TemporaryFolder();
    const { auto: _, io_uring: __, ...others } = run(["sh", "-c", 'ulimit -n 64; exec "$@"', "sh"], [folder.path]);
    assertEquals(others, WORKS);
  });
});
