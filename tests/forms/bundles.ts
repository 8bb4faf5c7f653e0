/**
 * How bundles of the package's programs are made.
 *
 * @module
 */

import path from "node:path";
import { ROOT } from "../support/compiler.ts";
import { BEFORE, runtimeFile, runWell } from "./forms.ts";

const PROGRAMS = path.join(ROOT, "tests/forms/programs");

/** A way to make bundles, and who runs them. */
export interface Bundler {
  readonly name: string;
  readonly runtimes: readonly ("deno" | "bun" | "node")[];
  /** What each made file is called instead of `main.ts`. */
  readonly ending: string;
  /** Makes a bundle of each file in a folder. */
  make(into: string, files: readonly string[]): void;
  /** Whether `import.meta` is kept, by which cli.ts knows that it is the program. */
  readonly meta: boolean;
}

function esbuild(format: "esm" | "cjs", ...flags: string[]): Bundler {
  const ending = format === "esm" ? ".mjs" : ".cjs";
  return {
    name: ["esbuild", format, ...flags].join(" "),
    runtimes: ["node", "bun", "deno"],
    ending,
    meta: format === "esm",
    make(into, files) {
      // a script of Node, or, where npm may run the package's own, the program itself
      const command = [path.join(ROOT, "node_modules/esbuild/bin/esbuild"), ...files];
      const usual = ["--bundle", "--platform=node", "--log-level=error", `--out-extension:.js=${ending}`];
      runWell(ROOT, [...command, ...usual, `--format=${format}`, `--outdir=${into}`, ...flags]);
    },
  };
}

function bunBuild(target: "bun" | "node", ...flags: string[]): Bundler {
  return {
    name: ["bun build", `--target=${target}`, ...flags].join(" "),
    runtimes: target === "bun" ? ["bun"] : ["node"],
    ending: ".js",
    meta: !flags.includes("--bytecode"),
    make(into, files) {
      for (const file of files) {
        runWell(ROOT, [runtimeFile("bun"), "build", file, `--target=${target}`, `--outdir=${into}`, ...flags]);
      }
    },
  };
}

const denoBundle: Bundler = {
  name: "deno bundle",
  runtimes: ["deno"],
  ending: ".js",
  meta: true,
  make(into, files) {
    for (const file of files) {
      const output = path.join(into, path.basename(file).replace(/\.ts$/, ".js"));
      runWell(ROOT, [runtimeFile("deno"), "bundle", "--quiet", "--no-lock", "--platform=deno", "-o", output, file]);
    }
  },
};

/** All but `deno bundle`, whose esbuild is fetched by Deno itself. */
export const BUNDLERS: readonly Bundler[] = [
  esbuild("esm"),
  esbuild("esm", "--minify"),
  esbuild("cjs"),
  esbuild("cjs", "--minify"),
  bunBuild("bun"),
  bunBuild("bun", "--minify"),
  bunBuild("bun", "--bytecode"),
  bunBuild("bun", "--minify", "--bytecode"),
  bunBuild("node"),
  bunBuild("node", "--minify"),
];

/** `deno bundle`; why it cannot be had, if so. */
export function findDenoBundle(probe: string): { bundler: Bundler; missing: string | undefined } {
  try {
    denoBundle.make(probe, [path.join(ROOT, "structs/view.ts")]);
    return { bundler: denoBundle, missing: undefined };
  } catch (error) {
    if (/npmjs|registry|npm package/i.test(String(error))) {
      return { bundler: denoBundle, missing: "Deno cannot fetch its esbuild from the registry of npm" };
    }
    throw error;
  }
}

/** Flags of `bun build` for programs that need no runtime. */
export const COMPILED: readonly (readonly string[])[] = [[], ["--minify"], ["--bytecode"], ["--minify", "--bytecode"]];

/** The program with a Worker: its main file and the Worker's. */
export const WORKING: readonly string[] = [path.join(PROGRAMS, "main.ts"), path.join(PROGRAMS, "worker.ts")];

/** The command's file: cli.ts itself, or a program that calls it. */
export function commandFile(meta: boolean): string {
  return meta ? path.join(ROOT, "cli.ts") : path.join(PROGRAMS, "command.ts");
}

/** Makes one program that needs no runtime. */
export function compile(output: string, files: readonly string[], flags: readonly string[]): void {
  // a Worker is found by the name that it has beside the main file
  const names = files.map((file) => `./${path.relative(path.dirname(files[0]), file)}`);
  runWell(path.dirname(files[0]), [runtimeFile("bun"), "build", "--compile", ...flags, ...names, "--outfile", output]);
}

/** What runs a made file. */
export function runner(runtime: "deno" | "bun" | "node", file: string): string[] {
  return [runtimeFile(runtime), ...BEFORE[runtime], file];
}
