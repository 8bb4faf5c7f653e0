/**
 * The npm form that JSR makes of the package: packed, installed from tarballs into a fresh folder without a network, looked
 * at by the strictest compilers, and run on Node and Bun. Runs on Node only.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { examples } from "../permissions/readme.ts";
import { ROOT, TSC } from "../support/compiler.ts";
import { TemporaryFolder } from "../support/files.ts";
import { itUnless } from "../support/platform.ts";
import { BEFORE, runIn, runtimeFile, runWell } from "./forms.ts";
import { installOffline, makeNpmForm, pack, withDependencies } from "./npm_form.ts";

const RUNTIMES = ["node", "bun"] as const;

/** How a consumer's compiler finds modules. */
const FINDERS = {
  nodenext: { module: "nodenext", moduleResolution: "nodenext" },
  bundler: { module: "preserve", moduleResolution: "bundler" },
} as const;

let folder: TemporaryFolder;
let consumer: string;
/** The README's examples by their files' names, without the ending. */
let scripts: string[];

function at(...names: string[]): string {
  return path.join(consumer, ...names);
}

/** A program of this checkout, as one that has installed the package writes it. */
function asConsumer(source: string): string {
  return source.replaceAll('"../../../mod.ts"', '"@posix/aio"').replaceAll('"../../../sys.ts"', '"@posix/aio/sys"');
}

function config(name: string, compilerOptions: object, files: readonly string[]): string {
  const usual = { target: "esnext", lib: ["esnext"], types: ["node"], strict: true, skipLibCheck: false };
  const all = {
    ...usual,
    noUncheckedIndexedAccess: false,
    noPropertyAccessFromIndexSignature: true,
    ...compilerOptions,
  };
  fs.writeFileSync(at(name), JSON.stringify({ compilerOptions: all, files }));
  return at(name);
}

/** An empty folder, for what a program writes. */
function fresh(): string {
  return fs.mkdtempSync(path.join(folder.path, "fresh-"));
}

const missing = spawnSync("npm", ["--version"]).status === 0 ? undefined : "there is no npm";

function itWithNpm(name: string, run: () => void): void {
  itUnless(missing, name, run);
}

describe("the npm form", () => {
  beforeAll(() => {
    folder = new TemporaryFolder();
    const made = folder.at("made");
    makeNpmForm(path.join(made, "package"));
    consumer = folder.at("consumer");
    const needed = ["cli-progress", "@types/node"].flatMap((name) => [...withDependencies(name)]);
    installOffline(consumer, pack(made, [path.join(made, "package"), ...new Set(needed)]));
    fs.copyFileSync(path.join(ROOT, "README.md"), at("README.md"));
    fs.mkdirSync(at("docs"));
    fs.writeFileSync(at("docs/page"), "text");
    for (const name of fs.readdirSync(path.join(ROOT, "tests/forms/programs"))) {
      fs.writeFileSync(at(name), asConsumer(fs.readFileSync(path.join(ROOT, "tests/forms/programs", name), "utf8")));
    }
    scripts = [...examples().values()].map((source, index) => {
      fs.writeFileSync(at(`example${index}.ts`), source.replaceAll('"/tmp/', `"${fresh()}/`));
      return `example${index}`;
    });
  });

  afterAll(() => folder[Symbol.dispose]());

  itWithNpm("has a declaration beside each module, and no TypeScript else", () => {
    const files = fs.readdirSync(at("node_modules/@posix/aio"), { recursive: true, encoding: "utf8" });
    const modules = files.filter((name) => name.endsWith(".js"));
    assert(modules.includes("mod.js") && modules.includes("sys.js") && modules.includes("cli.js"));
    assertEquals(modules.filter((name) => !files.includes(name.replace(/\.js$/, ".d.ts"))), []);
    assertEquals(files.filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts")), []);
  });

  for (const [name, finder] of Object.entries(FINDERS)) {
    for (const exactOptionalPropertyTypes of [true, false]) {
      itWithNpm(`suits a strict consumer: ${name}, exactOptionalPropertyTypes ${exactOptionalPropertyTypes}`, () => {
        const options = { ...finder, exactOptionalPropertyTypes, noEmit: true, allowImportingTsExtensions: true };
        const files = ["strict.ts", "main.ts", "worker.ts", ...scripts.map((script) => `${script}.ts`)];
        const { status, output } = runIn(consumer, [
          ...TSC,
          "--pretty",
          "false",
          "-p",
          config("check.json", options, files),
        ]);
        assertEquals([status, output], [0, ""]);
      });
    }
  }

  for (const runtime of RUNTIMES) {
    itWithNpm(`runs the README's examples as TypeScript and as JavaScript on ${runtime}`, () => {
      const options = { ...FINDERS.nodenext, outDir: at("js"), rewriteRelativeImportExtensions: true };
      runWell(consumer, [...TSC, "-p", config("emit.json", options, scripts.map((script) => `${script}.ts`))]);
      assert(scripts.length >= 4, `${scripts.length} examples were found`);
      for (const file of scripts.flatMap((script) => [`${script}.ts`, `js/${script}.js`])) {
        const output = runWell(consumer, [runtimeFile(runtime), ...BEFORE[runtime], file]);
        assert(output !== "", `${file} printed nothing`);
      }
    });

    itWithNpm(`works with queue, copies and a Worker on ${runtime}`, () => {
      const command = [runtimeFile(runtime), ...BEFORE[runtime], at("main.ts"), fresh(), at("worker.ts")];
      assertEquals(runWell(consumer, command), "all done\n");
    });

    itWithNpm(`is loaded by require() on ${runtime}`, () => {
      fs.writeFileSync(
        at("required.cjs"),
        `const { copy } = require("@posix/aio");
const { aio_read } = require("@posix/aio/sys");
const { main } = require("@posix/aio/cli");
copy("README.md", process.argv[2]).then(({ bytes }) => console.log(bytes, typeof aio_read, typeof main));
`,
      );
      const target = path.join(fresh(), "copy");
      const output = runWell(consumer, [runtimeFile(runtime), ...BEFORE[runtime], "required.cjs", target]);
      assertEquals(output, `${fs.statSync(at("README.md")).size} function function\n`);
      assertEquals(fs.readFileSync(target, "utf8"), fs.readFileSync(at("README.md"), "utf8"));
    });

    itWithNpm(`has the command on ${runtime}`, () => {
      const target = path.join(fresh(), "copy");
      const command = [runtimeFile(runtime), ...BEFORE[runtime], "node_modules/@posix/aio/cli.js"];
      runWell(consumer, [...command, "copy", "README.md", target]);
      assertEquals(fs.readFileSync(target, "utf8"), fs.readFileSync(at("README.md"), "utf8"));
      assert(runWell(consumer, [...command, "--version"]).startsWith("aio "));
      assertEquals(runIn(consumer, [...command, "copy", "not-there", target]).status, 1);
    });
  }
});
