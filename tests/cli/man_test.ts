/**
 * The texts about the command that come from one table, the exit statuses, colours, and what is said of mistakes.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { SPECS } from "../../cli/spec/all.ts";
import { helpText, optionForm } from "../../cli/spec/help.ts";
import { listed } from "../../cli/spec/spec.ts";
import { STATUSES } from "../../cli/spec/statuses.ts";
import { made } from "../../man/make.ts";
import { CHILD_ENVIRONMENT, EMULATOR, runChild, RUNTIME_ARGUMENTS } from "../support/child.ts";
import type { ChildOptions, ChildResult } from "../support/child.ts";
import { TemporaryFolder } from "../support/files.ts";
import { itOnLinux, itUnless } from "../support/platform.ts";

const CLI = new URL("../../cli.ts", import.meta.url);
const PAGE = fileURLToPath(new URL("../../man/aio.1", import.meta.url));
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What comes before a script that may do nothing; Bun has no permissions. */
const NOTHING_ALLOWED = process.versions.deno !== undefined
  ? ["run", "--no-prompt", "--no-lock", "--quiet", "--deny-run"]
  : process.versions.bun !== undefined
  ? []
  : ["--disable-warning=SecurityWarning", "--permission", `--allow-fs-read=${ROOT}`];

const ESCAPE = "\u001b[";

function aio(args: readonly string[], options: ChildOptions = {}): Promise<ChildResult> {
  return runChild(CLI, { args, ...options });
}

function missing(program: string): string | undefined {
  return spawnSync(program, ["-V"], { stdio: "ignore" }).error === undefined ? undefined : `there is no ${program}`;
}

describe("the texts about the command", () => {
  it("are in the repository as the table gives them: node man/make.ts writes them", () => {
    for (const [path, text] of Object.entries(made())) {
      assertEquals(fs.readFileSync(new URL(`../../${path}`, import.meta.url), "utf8"), text, path);
    }
  });

  it("tell every command and option, in help and manual page", async () => {
    const { code, stdout: page, stderr } = await aio(["man"]);
    assertEquals([code, stderr, page], [0, "", fs.readFileSync(PAGE, "utf8")]);
    const shown = page.replaceAll("\\-", "-");
    for (const [name, spec] of Object.entries(SPECS)) {
      assertEquals((await aio([name, "--help"])).stdout, helpText(spec));
      assert(shown.includes(`\n.SS aio ${name}\n`), name);
      for (const option of listed(spec)) {
        assert(shown.includes(`\n.B ${optionForm(option)}\n`), `${name} ${option.name}`);
        assert(helpText(spec).includes(optionForm(option)), `${name} ${option.name}`);
      }
    }
  });

  itUnless(missing("mandoc"), "are a manual page without a fault for mandoc", () => {
    const { stdout } = spawnSync("mandoc", ["-T", "lint", "-W", "warning", PAGE], { encoding: "utf8" });
    assertEquals(stdout, "");
  });

  itUnless(missing("groff"), "are a manual page without a fault for groff", () => {
    const { status, stderr } = spawnSync("groff", ["-man", "-Tutf8", "-ww", "-z", PAGE], { encoding: "utf8" });
    assertEquals([status, stderr], [0, ""]);
  });

  it("need no permission, but for Node's to read the program", () => {
    for (const args of [["--help"], ["--version"], ["copy", "--help"], ["man"], ["completions", "zsh"]]) {
      const { status, stderr } = spawnSync(process.execPath, [...NOTHING_ALLOWED, fileURLToPath(CLI), ...args], {
        encoding: "utf8",
      });
      assertEquals([status, stderr], [0, ""], args.join(" "));
    }
  });
});

/** The files that are loaded with a file: the imports at its top, and theirs, without those of types. */
function loadedWith(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  const text = fs.readFileSync(path.join(ROOT, file), "utf8");
  for (const [, from] of text.matchAll(/^(?:import|export) (?!type\b)[^;]*? from "(\.[^"]+)";$/gm)) {
    loadedWith(path.join(path.dirname(file), from), found);
  }
  return found;
}

describe("help and version", () => {
  it("load nothing of what reads and writes", () => {
    const loaded = ["cli.ts", "cli/commands.ts", "cli/spec/help.ts", "cli/spec/all.ts"].flatMap((file) => [
      ...loadedWith(file),
    ]);
    const rooms = new Set(loaded.filter((file) => file.includes("/") && !file.startsWith("cli/")));
    assertEquals([...rooms].sort(), ["ffi/environment.ts", "ffi/start.ts", "transfer/defaults.ts"]);
    assert(!loaded.includes("cli/usage.ts") && !loaded.includes("cli/copy.ts"));
  });
});

describe("what is loaded", () => {
  const isEngine = (file: string) => /^(engine|queue\/queue|transfer\/tree\/(many|whole|copier))/.test(file);

  it("for a copy of a small file is no engine, and nothing of trees", () => {
    const loaded = ["cli/copy.ts", "transfer/single/copy_file.ts"].flatMap((file) => [...loadedWith(file)]);
    assertEquals(loaded.filter(isEngine), []);
    assert(!loaded.includes("cli/transfer_report.ts"));
    assert(loadedWith("transfer/single/ways.ts").has("engine/engine.ts")); // so the search finds what there is
  });

  it("with the library is nothing of what copies and hashes, before it is called", () => {
    const loaded = [...loadedWith("mod.ts")];
    assert(loaded.includes("engine/engine.ts") && loaded.includes("transfer/copy.ts"));
    const early =
      /^transfer\/(single\/(copy_|ways|source|target|commit)|threads\/|sums\/(hashing|digests)|tree\/(many|whole|copier|files))/;
    assertEquals(loaded.filter((file) => early.test(file)), []);
  });
});

describe("the exit status", () => {
  it("is one of the table, which help, manual page and docs share", async () => {
    assertEquals((await aio(["--version"])).code, STATUSES.done.status);
    assertEquals((await aio(["hash", "/nowhere"])).code, STATUSES.failed.status);
    assertEquals((await aio(["hash"])).code, STATUSES.usage.status);
    const texts = Object.values(made()).map((text) => text.replaceAll("\\-", "-").replaceAll(/\s+/g, " "));
    for (const { status, meaning } of Object.values(STATUSES)) {
      for (const text of texts) {
        assert(text.includes(String(status)) && text.includes(meaning.slice(1)), meaning);
      }
    }
  });
});

describe("what is said of mistakes", () => {
  it("names what was meant where that is near", async () => {
    const mistakes: readonly (readonly [string[], RegExp])[] = [
      [["cpoy"], /^aio: there is no command "cpoy"; did you mean "copy"\? The commands are copy, /],
      [["delete"], /^aio: there is no command "delete": the commands are copy, /],
      [["toString"], /^aio: there is no command "toString": the commands are copy, /],
      [["copy", "--metod", "aio", "a", "b"], /^aio: unknown option '--metod'; did you mean --method\?\n/],
      [["copy", "--bad", "a", "b"], /^aio: unknown option '--bad'; -- comes before names/],
      [["--color", "red", "info"], /^aio: --color "red": expected auto, always or never\n/],
      [["info", "--color"], /^aio: --color : expected auto, always or never\n/],
      [["man", "copy"], /^aio: man takes no argument "copy"\n/],
    ];
    for (const [args, complaint] of mistakes) {
      const { code, stdout, stderr } = await aio(args);
      assertEquals([code, stdout], [2, ""], args.join(" "));
      assertMatch(stderr, complaint);
    }
  });

  itOnLinux("says what to do about a full disk", async () => {
    using folder = new TemporaryFolder();
    const { code, stderr } = await aio(["copy", "-q", folder.write("file", "content"), "/dev/full"]);
    assertEquals(code, 1);
    assertMatch(stderr, /^aio: .*ENOSPC.*; df -h and df -i show what is left there\n$/);
  });
});

/** Runs the command on a terminal, and gives what it printed there. */
function onTerminal(args: readonly string[], env: Readonly<Record<string, string>>, flags = RUNTIME_ARGUMENTS): string {
  const words = [...EMULATOR, process.execPath, ...flags, fileURLToPath(CLI), ...args];
  const { stdout } = spawnSync("script", ["-qec", words.map((word) => `'${word}'`).join(" "), "/dev/null"], {
    encoding: "utf8",
    env: { ...CHILD_ENVIRONMENT, NO_COLOR: "", TERM: "xterm", ...env },
    input: "",
    timeout: 30_000,
  });
  return stdout;
}

describe("colours", () => {
  it("are there with --color always only, where output is no terminal", async () => {
    for (const [args, there] of [[["--color=always"], true], [["--color", "never"], false], [[], false]] as const) {
      const { stderr } = await aio(["hash", "/nowhere", ...args]);
      assertEquals(stderr.includes(ESCAPE), there, stderr);
      assertMatch(stderr, /aio:.* .*ENOENT/);
    }
  });

  it("are left to names after --", async () => {
    const { stderr } = await aio(["hash", "--", "--color=always"]);
    assertMatch(stderr, /^aio: .*ENOENT.*--color=always/);
  });

  itOnLinux("are there on a terminal, unless NO_COLOR, a dumb terminal or --color never says otherwise", () => {
    const cases: readonly (readonly [string[], Record<string, string>, boolean])[] = [
      [[], {}, true],
      [[], { NO_COLOR: "1" }, false],
      [[], { TERM: "dumb" }, false],
      [["--color", "never"], {}, false],
      [["--color", "always"], { NO_COLOR: "1" }, true],
    ];
    for (const [args, env, there] of cases) {
      const shown = onTerminal(["hash", "/nowhere", ...args], env);
      assertMatch(shown, /ENOENT/);
      assertEquals(shown.includes(`${ESCAPE}1;31maio:`), there, `${JSON.stringify([args, env])}\n${shown}`);
    }
  });

  itOnLinux("make no sandbox ask on a terminal", () => {
    using folder = new TemporaryFolder();
    const flags = process.versions.deno === undefined ? RUNTIME_ARGUMENTS : [
      "run",
      "--allow-ffi",
      `--allow-read=${folder.path}`,
      `--allow-write=${folder.path}`,
      "--no-lock",
      "--deny-run",
    ];
    const shown = onTerminal(["copy", folder.write("file", "content"), folder.at("copy")], {}, flags);
    assertMatch(shown, /7 B/);
    assert(!shown.includes("requests"), shown);
    assertEquals(fs.readFileSync(folder.at("copy"), "utf8"), "content");
  });
});
