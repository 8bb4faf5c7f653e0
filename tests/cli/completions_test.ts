/**
 * `aio completions`, in the shells themselves: bash and zsh get keys typed on a terminal and run what became of the line,
 * fish is asked for its candidates.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { runChild } from "../support/child.ts";
import type { ChildResult } from "../support/child.ts";
import { TemporaryFolder } from "../support/files.ts";
import { itUnless } from "../support/platform.ts";

/** What is typed with the TAB key at the end of words, and the words that arrive. */
const TYPED: readonly (readonly [line: string, words: readonly string[]])[] = [
  ["cop\t", ["copy"]],
  ["copy --no-o\t", ["copy", "--no-overwrite"]],
  ["copy --method=ker\t", ["copy", "--method=kernel"]],
  ["copy -m ker\t unu\t", ["copy", "-m", "kernel", "unusual name"]],
  ["copy --files-from unu\t --js\t", ["copy", "--files-from", "unusual name", "--json"]],
  ["copy -- --no\t", ["copy", "--", "--notes"]],
  ["sync --del\t fold\t", ["sync", "--delete", "folder"]],
  ["verify -C fol\t", ["verify", "-C", "folder"]],
  ["completions fi\t", ["completions", "fish"]],
  ["--color nev\t has\t --ta\t", ["--color", "never", "hash", "--tag"]],
  ["help ver\t", ["help", "verify"]],
  ["info --waiter kq\t", ["info", "--waiter", "kqueue"]],
];

/** What fish offers for a line. */
const OFFERED: readonly (readonly [line: string, candidates: readonly string[]])[] = [
  ["cop", ["copy"]],
  ["copy --no-o", ["--no-overwrite"]],
  ["copy --method=ker", ["--method=kernel"]],
  ["copy -m ker", ["kernel"]],
  ["copy unu", ["unusual name"]],
  ["copy --files-from unu", ["unusual name"]],
  ["verify -C fol", ["folder/"]],
  ["completions ", ["bash", "zsh", "fish"]],
  ["info unu", []],
  ["--color ", ["auto", "always", "never"]],
  ["--color never has", ["hash"]],
  ["hash copy --ta", ["--tag"]],
  ["hash copy --dry", []],
  ["help ver", ["verify"]],
];

function aio(...args: string[]): Promise<ChildResult> {
  return runChild(new URL("../../cli.ts", import.meta.url), { args });
}

function missing(program: string): string | undefined {
  const { status } = spawnSync(program, ["--version"], { stdio: "ignore" });
  return status === 0 ? undefined : `there is no ${program}; .ci/tools installs it`;
}

/** Names to complete: one with a space, one that looks like an option, and a folder beside a file. */
async function plant(folder: TemporaryFolder, shell: string): Promise<void> {
  for (const name of ["unusual name", "--notes", "folly"]) folder.write(name, "");
  fs.mkdirSync(folder.at("folder"));
  const { code, stdout, stderr } = await aio("completions", shell);
  assertEquals([code, stderr], [0, ""]);
  folder.write("completions", stdout);
}

/** Types lines on a terminal on which a shell runs; `aio` is a function that writes its arguments down. */
function type(folder: TemporaryFolder, shell: readonly string[], begin: string): string[][] {
  const setup = `${begin}\n. ./completions\naio() { printf '%s\\0' "$@" >>words; printf '\\n' >>words; }\n`;
  folder.write("setup", setup);
  folder.write(".zshrc", setup);
  const lines = [...TYPED.map(([line]) => `aio ${line}`), "exit"].map((line) => `${line}\n`).join("");
  const { status, stdout } = spawnSync("script", ["-qec", shell.join(" "), "/dev/null"], {
    cwd: folder.path,
    input: lines,
    encoding: "utf8",
    env: { PATH: "/usr/bin:/bin", HOME: folder.path, ZDOTDIR: folder.path, TERM: "dumb", LC_ALL: "C.UTF-8" },
    timeout: 30_000,
    killSignal: "SIGKILL",
  });
  assert(fs.existsSync(folder.at("words")), `exit status ${status}:\n${stdout}`);
  return fs.readFileSync(folder.at("words"), "utf8").trimEnd().split("\n")
    .map((words) => words.split("\0").slice(0, -1).map((word) => word.replace(/\/$/, "")));
}

describe("aio completions", () => {
  const terminal = missing("script");

  itUnless(terminal ?? missing("bash"), "complete commands, options, their words and files in bash", async () => {
    using folder = new TemporaryFolder();
    await plant(folder, "bash");
    assertEquals(type(folder, ["bash", "--rcfile", "setup", "-i"], ""), TYPED.map(([, words]) => [...words]));
  });

  itUnless(terminal ?? missing("zsh"), "complete commands, options, their words and files in zsh", async () => {
    using folder = new TemporaryFolder();
    await plant(folder, "zsh");
    const begin = "autoload -Uz compinit && compinit -u -D";
    assertEquals(type(folder, ["zsh", "-i"], begin), TYPED.map(([, words]) => [...words]));
  });

  itUnless(missing("fish"), "complete commands, options, their words and files in fish", async () => {
    using folder = new TemporaryFolder();
    await plant(folder, "fish");
    for (const [line, candidates] of OFFERED) {
      const { status, stdout, stderr } = spawnSync("fish", [
        "-c",
        "source ./completions; complete -C $argv",
        `aio ${line}`,
      ], {
        cwd: folder.path,
        encoding: "utf8",
        env: { PATH: "/usr/bin:/bin", HOME: folder.path, LC_ALL: "C.UTF-8" },
      });
      assertEquals([status, stderr], [0, ""], line);
      const offered = stdout.split("\n").filter((one) => one !== "").map((one) => one.split("\t")[0]);
      assertEquals(offered.sort(), [...candidates].sort(), line);
    }
  });

  it("say which shells there are", async () => {
    const wrong: readonly (readonly [string[], RegExp])[] = [
      [["tcsh"], /^aio: no completions for "tcsh": expected bash, zsh or fish\n/],
      [["toString"], /^aio: no completions for "toString": expected bash, zsh or fish\n/],
      [[], /^aio: expected one shell, bash, zsh or fish; got 0\n/],
      [["bash", "zsh"], /^aio: expected one shell, bash, zsh or fish; got 2\n/],
    ];
    for (const [args, complaint] of wrong) {
      const { code, stdout, stderr } = await aio("completions", ...args);
      assertEquals([code, stdout], [2, ""]);
      assertMatch(stderr, complaint);
      assertMatch(stderr, /^.*\nTry "aio completions --help"\.\n$/);
    }
  });
});
