/**
 * What the sandboxes of Deno and Node allow: nothing that the flags do not say, and with the README's flags everything in
 * the README works. Bun has no permissions: there the same is run without any.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { EMULATOR } from "../support/child.ts";
import { SPECS } from "../../cli/spec/all.ts";
import { helpText } from "../../cli/spec/help.ts";
import { TemporaryFolder } from "../support/files.ts";
import { commands, exampleCount, examples, rows, runtime } from "./readme.ts";
import type { Row } from "./readme.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const CLI = path.join(ROOT, "cli.ts");

/** What comes before the permissions. Node cannot read even the program without one. */
function runtimeArguments(folder: string): string[] {
  // a Deno that Deno starts gets every permission if its arguments name none at all: one that is refused is named
  if (runtime === "deno") return ["run", "--no-prompt", "--no-lock", "--quiet", "--no-check", "--deny-run"];
  if (runtime === "bun") return [];
  const program = [ROOT, path.join(folder, "example.ts")].map((name) => `--allow-fs-read=${name}`);
  return ["--disable-warning=ExperimentalWarning", "--disable-warning=SecurityWarning", "--permission", ...program];
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a script with some permissions and no others. */
function run(folder: string, flags: readonly string[], args: readonly string[], fd?: number): Promise<Ended> {
  const { TMPDIR: _, TMP: __, TEMP: ___, ...env } = process.env;
  const [file, ...before] = [...EMULATOR, process.execPath, ...runtimeArguments(folder)];
  const child = spawn(file, [...before, ...flags, ...args], {
    cwd: folder,
    env: { ...env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe", ...fd === undefined ? [] : [fd]],
  });
  let output = "";
  for (const stream of [child.stdout!, child.stderr!]) stream.on("data", (data) => output += data);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output }));
  });
}

/** A folder with what the examples and commands work on. */
function makeStage(): TemporaryFolder {
  const folder = new TemporaryFolder();
  folder.write("README.md", fs.readFileSync(path.join(ROOT, "README.md")));
  folder.write("file", new Uint8Array(1 << 20));
  fs.mkdirSync(folder.at("directory"));
  fs.mkdirSync(folder.at("tree/inner"), { recursive: true });
  folder.write("tree/inner/leaf", "x");
  fs.mkdirSync(folder.at("docs"));
  folder.write("docs/page", "text");
  const digest = createHash("sha256").update(new Uint8Array(1 << 20)).digest("hex");
  folder.write("list", `${digest}  ${folder.at("file")}\n`);
  return folder;
}

/** How each command of the README is called. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  "aio copy SOURCE TARGET": ["copy", "SOURCE", "TARGET"],
  "aio info": ["info"],
  "aio info --check": ["info", "--check"],
  "aio bench FILE": ["bench", "--seconds", "0.01", "FILE"],
  "aio sync TREE FOLDER": ["sync", "TREE", "FRESH"],
  "aio hash FILE": ["hash", "FILE"],
  "aio verify LIST": ["verify", "LIST"],
};

/** A target that was there before would need less. */
let fresh = 0;

function named(text: string, folder: string): string {
  return text.replace("SOURCE", path.join(folder, "file")).replace("TARGET", path.join(folder, "directory/target"))
    .replaceAll("FRESH", path.join(folder, `directory/fresh${fresh++}`)).replaceAll("TREE", path.join(folder, "tree"))
    .replaceAll("LIST", path.join(folder, "list"))
    .replaceAll("FILE", path.join(folder, "file")).replaceAll("FOLDER", path.join(folder, "directory"))
    .replaceAll("=README.md", `=${path.join(folder, "README.md")}`).replaceAll(
      "=docs",
      `=${path.join(folder, "docs")}`,
    );
}

/** The script and its arguments, its names replaced. */
function programOf(what: string, folder: string): string[] {
  if (what in CALLS) return [CLI, ...CALLS[what].map((word) => named(word, folder))];
  const source = examples().get(what);
  assert(source !== undefined, `${what}: neither the commands here nor the README's examples have it`);
  const script = path.join(folder, "example.ts");
  fs.writeFileSync(
    script,
    source.replaceAll('"/tmp/', `"${folder}/directory/${fresh++}-`).replaceAll('"@posix/aio"', `"${ROOT}mod.ts"`)
      .replaceAll('"@posix/aio/sys"', `"${ROOT}sys.ts"`),
  );
  return [script];
}

/** The flags with one flag, or one name of a flag's list, fewer; and which flag that is. */
function fewer(flags: readonly string[]): { readonly less: string[]; readonly flag: string }[] {
  return flags.flatMap((whole, index) => {
    const [flag, list] = whole.split("=");
    const names = list?.split(",") ?? [];
    const shorter = names.length < 2 ? [] : names.map((name) => [`${flag}=${names.filter((one) => one !== name)}`]);
    return [[], ...shorter].map((instead) => ({ less: flags.toSpliced(index, 1, ...instead), flag }));
  });
}

async function checkRow({ what, flags, impossible }: Row): Promise<void> {
  using stage = makeStage();
  const program = programOf(what, stage.path);
  const exact = flags.map((flag) => named(flag, stage.path));
  if (impossible !== undefined) {
    const all = ["--allow-ffi", "--allow-worker", "--allow-fs-read=*", "--allow-fs-write=*"];
    const { code, output } = await run(stage.path, all, program);
    assertEquals(code, 1, output);
    return assertMatch(output, /fsync/, impossible);
  }
  const { code, output } = await run(stage.path, exact, program);
  assertEquals(code, 0, output);
  // one after the other: each writes its script under the name that the flags allow
  for (const { less, flag } of fewer(exact)) {
    const { code, output } = await run(stage.path, less, programOf(what, stage.path));
    assert(code !== 0 || output.includes("left out"), `${what} works with ${less.join(" ")} alone\n${output}`);
    assert(output.includes(flag), `${what} with ${less.join(" ")} does not name ${flag}\n${output}`);
  }
}

describe("the README's permissions", () => {
  for (const row of rows()) {
    it(`are enough for ${row.what}, and not one is too many`, () => checkRow(row));
  }

  it("are told for each command that there is, and each example that it shows", () => {
    const told = rows().map(({ what }) => what.replace(/ [A-Z].*/, ""));
    assert(commands().size >= 3, [...commands()].join());
    assertEquals(examples().size, exampleCount());
    // these two print texts, without any permission: tests/cli/man_test.ts
    const names = Object.keys(SPECS).filter((name) => name !== "completions" && name !== "man");
    assert(names.length >= 6, names.join());
    for (const name of names) assert(told.includes(`aio ${name}`), `the table lacks ${name}`);
    const interfaces = rows().map(({ what }) => what);
    for (const what of commands()) assert(told.includes(what), `the table lacks ${what}`);
    for (const what of examples().keys()) assert(interfaces.includes(what), `the table lacks ${what}`);
  });

  it("are the same in the help of each command", () => {
    for (const name of ["copy", "info", "bench"] as const) {
      const help = helpText(SPECS[name]);
      assertMatch(help, /deno run --allow-ffi( --allow-\w+)* cli\.ts/);
      const flags = help.match(/deno run ((?:--allow-\w+ )+)/)![1].trim().split(" ");
      const row = rows().find(({ what }) => what.startsWith(`aio ${name}`))!;
      if (runtime === "deno") assertEquals(flags, row.flags.map((flag) => flag.split("=")[0]));
    }
  });
});

describe("aio bench --svg", () => {
  it("needs leave to write the chart, asks for it before it measures, and needs no more where there is none yet", async () => {
    using stage = makeStage();
    const [file, svg] = [stage.at("file"), stage.at("chart.svg")];
    const measuring = runtime === "bun"
      ? []
      : runtime === "deno"
      ? ["--allow-ffi", `--allow-read=${file}`]
      : ["--allow-ffi", "--allow-worker", `--allow-fs-read=${file}`];
    const flag = runtime === "deno" ? "--allow-write" : "--allow-fs-write";
    const program = [CLI, "bench", "--seconds", "0.01", "--svg", svg, file];
    if (runtime !== "bun") {
      const { code, output } = await run(stage.path, measuring, program);
      assertEquals(code, 1, output);
      assertMatch(output, new RegExp(`^aio: .*${flag}.*\\n$`));
      assertEquals(fs.existsSync(svg), false);
    }
    const allowed = runtime === "bun" ? [] : [...measuring, `${flag}=${svg}`];
    const { code, output } = await run(stage.path, allowed, program);
    assertEquals(code, 0, output);
    assertMatch(fs.readFileSync(svg, "utf8"), /<\/svg>\n$/);
  });
});

/** Each tries what it must not; the words that it prints say what was done. */
const ATTEMPTS = `
import { AioFile, copy } from "${ROOT}mod.ts";
const attempts = {
  read: () => AioFile.open("file"),
  write: () => AioFile.open("file", { flags: "r+" }),
  make: () => AioFile.open("made", { flags: "w" }),
  copy: () => copy("file", "directory/made"),
  replace: () => copy("file", "README.md"),
  url: () => AioFile.open(new URL("file", import.meta.url)),
};
for (const [name, attempt] of Object.entries(attempts)) {
  await attempt().then(() => console.log("DID " + name), (error) => console.log(name + ": " + error.message));
}
`;

describe("--allow-ffi alone", () => {
  const alone = runtime === "bun" ? [] : runtime === "deno" ? ["--allow-ffi"] : ["--allow-ffi", "--allow-worker"];

  it("opens, makes and copies nothing, where there are permissions", async () => {
    using stage = makeStage();
    const script = stage.write("example.ts", ATTEMPTS);
    const { code, output } = await run(stage.path, alone, [script]);
    assertEquals(code, 0, output);
    if (runtime === "bun") return assertMatch(output, /DID read\n/);
    assert(!output.includes("DID"), output);
    assertEquals(output.match(/--allow-(fs-)?(read|write)/g)?.length, 6, output);
    const names = ["README.md", "directory", "docs", "example.ts", "file", "list", "tree"];
    assertEquals(fs.readdirSync(stage.path).sort(), names);
    assertEquals(fs.readdirSync(stage.at("directory")), []);
  });

  it("copies nothing on the command line, where there are permissions", async () => {
    using stage = makeStage();
    const { code, output } = await run(stage.path, alone, [CLI, "copy", stage.at("file"), stage.at("directory/made")]);
    if (runtime === "bun") return assertEquals(code, 0, output);
    assertEquals(code, 1, output);
    assertMatch(output, /^aio: .*--allow-(fs-)?read/);
    assertEquals(fs.readdirSync(stage.at("directory")), []);
  });

  it("reads and writes what a descriptor number stands for, as documented", async () => {
    using stage = makeStage();
    stage.write("inherited", "secret");
    const script = stage.write(
      "example.ts",
      `import { AioQueue } from "${ROOT}mod.ts";
      await using queue = new AioQueue();
      await queue.write(3, new TextEncoder().encode("S"));
      console.log(new TextDecoder().decode((await queue.read(3, { length: 100 })).buffer.subarray(0, 6)));`,
    );
    const { code, output } = await run(stage.path, alone, [script], stage.open("inherited", "r+"));
    assertEquals([code, output], [0, "Secret\n"]);
  });
});
