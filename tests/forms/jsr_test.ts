/**
 * What `deno publish` would upload, nothing else, used from another folder by Deno's "links", without a network: the README's
 * examples with exactly the permissions that the README names, and the installed command. Runs on Deno only.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { examples, rows } from "../permissions/readme.ts";
import { ROOT } from "../support/compiler.ts";
import { TemporaryFolder } from "../support/files.ts";
import { BEFORE, runIn, runtimeFile, runWell } from "./forms.ts";

const PROGRAMS = path.join(ROOT, "tests/forms/programs");

/** The files that would be published, by their paths in the package. */
function published(): string[] {
  const command = [runtimeFile("deno"), "publish", "--dry-run", "--allow-dirty", "--no-check"];
  const found = runWell(ROOT, command).matchAll(/^ +(file:\/\/\S+) \(/gm);
  return [...found].map(([, url]) => path.relative(ROOT, fileURLToPath(url)));
}

describe("what is published", () => {
  let folder: TemporaryFolder;
  let consumer: string;
  let files: string[];
  /** Nothing is there to be fetched from. */
  let alone: Record<string, string>;

  beforeAll(() => {
    folder = new TemporaryFolder();
    files = published();
    for (const file of files) {
      fs.mkdirSync(path.dirname(folder.at(`published/${file}`)), { recursive: true });
      fs.copyFileSync(path.join(ROOT, file), folder.at(`published/${file}`));
    }
    const nowhere = "http://127.0.0.1:9/";
    alone = { DENO_DIR: folder.at("cache"), NPM_CONFIG_REGISTRY: nowhere, JSR_URL: nowhere };
    consumer = folder.at("consumer");
    fs.mkdirSync(path.join(consumer, "docs"), { recursive: true });
    fs.mkdirSync(path.join(consumer, "directory"));
    fs.copyFileSync(path.join(ROOT, "README.md"), path.join(consumer, "README.md"));
    fs.writeFileSync(path.join(consumer, "docs/page"), "text");
    const { version } = JSON.parse(fs.readFileSync(path.join(ROOT, "deno.json"), "utf8"));
    const imports = Object.fromEntries(
      ["", "/sys", "/cli"].map((name) => [`@posix/aio${name}`, `jsr:@posix/aio@^${version}${name}`]),
    );
    fs.writeFileSync(
      path.join(consumer, "deno.json"),
      JSON.stringify({ links: ["../published"], lock: false, imports }),
    );
  });

  afterAll(() => folder[Symbol.dispose]());

  it("is the package with its papers, and nothing of its workshop", () => {
    for (const name of ["mod.ts", "sys.ts", "cli.ts", "deno.json", "README.md", "LICENSE"]) {
      assert(files.includes(name), name);
    }
    const rooms = new Set(files.filter((name) => name.includes("/")).map((name) => name.split("/")[0]));
    for (const name of ["tests", "bench", "bin", "node_modules", ".ci", ".git"]) assert(!rooms.has(name), name);
    assertEquals(files.filter((name) => name.startsWith(".")), []);
  });

  it("runs the README's examples with the README's permissions, types and all", () => {
    let count = 0;
    for (const { what, flags } of rows()) {
      const source = examples().get(what);
      if (source === undefined) continue;
      fs.writeFileSync(
        path.join(consumer, "example.ts"),
        source.replaceAll('"/tmp/', `"${consumer}/directory/${count++}-`),
      );
      const given = flags.map((flag) => flag.replaceAll("FOLDER", path.join(consumer, "directory")));
      const before = ["run", "--no-prompt", "--quiet", "--check", "--deny-run"];
      runWell(consumer, [runtimeFile("deno"), ...before, ...given, "example.ts"], alone);
    }
    assert(count >= 4, `${count} examples were run`);
  });

  it("works with queue, copies and a Worker", () => {
    for (const name of fs.readdirSync(PROGRAMS)) {
      const source = fs.readFileSync(path.join(PROGRAMS, name), "utf8");
      const there = source.replace(
        /"..\/..\/..\/(mod|sys|cli).ts"/g,
        (_, file) => file === "mod" ? '"@posix/aio"' : `"@posix/aio/${file}"`,
      );
      fs.writeFileSync(path.join(consumer, name), there);
    }
    const fresh = fs.mkdtempSync(path.join(folder.path, "fresh-"));
    const command = [runtimeFile("deno"), ...BEFORE.deno, "main.ts", fresh, path.join(consumer, "worker.ts")];
    assertEquals(runWell(consumer, command, alone), "all done\n");
    runWell(consumer, [runtimeFile("deno"), "check", "--quiet", "main.ts", "worker.ts", "strict.ts"], alone);
  });

  it("is installed as the command aio, which copies", () => {
    const cli = folder.at("published/cli.ts");
    const flags = [
      "--global",
      "--quiet",
      "--name",
      "aio",
      "--root",
      folder.at("root"),
      "--config",
      folder.at("published/deno.json"),
    ];
    const permissions = ["--allow-ffi", "--allow-read", "--allow-write", "--allow-env"];
    runWell(consumer, [runtimeFile("deno"), "install", ...flags, ...permissions, cli], alone);
    const env = { ...alone, PATH: `${path.dirname(runtimeFile("deno"))}:${folder.at("root/bin")}:/usr/bin:/bin` };
    const target = path.join(consumer, "directory/by-aio");
    runWell(consumer, ["aio", "copy", "README.md", target], env);
    assertEquals(fs.readFileSync(target, "utf8"), fs.readFileSync(path.join(ROOT, "README.md"), "utf8"));
    assertEquals(runIn(consumer, ["aio", "copy", "missing", target], env).status, 1);
  });
});
