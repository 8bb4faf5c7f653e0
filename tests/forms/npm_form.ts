/**
 * The package as JSR gives it to npm: `.ts` made to `.js`, declarations beside, nothing else changed.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import { ROOT, TSC } from "../support/compiler.ts";
import { runWell } from "./forms.ts";

/** What of package.json and deno.json the form is made from. */
interface Manifest {
  readonly version: string;
  readonly license: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string>>;
}

function manifest(file: string): Manifest {
  return JSON.parse(fs.readFileSync(file, "utf8"));
}

/** Makes the form in a folder that is not there yet. */
export function makeNpmForm(folder: string): void {
  fs.mkdirSync(folder, { recursive: true });
  const config = path.join(folder, "..", "tsconfig.emit.json");
  const compilerOptions = {
    ...{
      noEmit: false,
      allowImportingTsExtensions: false,
      rewriteRelativeImportExtensions: true,
      removeComments: false,
    },
    ...{
      rootDir: ROOT,
      outDir: folder,
      paths: {},
      types: ["node"],
      typeRoots: [path.join(ROOT, "node_modules/@types")],
    },
  };
  const files = ["mod.ts", "sys.ts", "cli.ts"].map((name) => path.join(ROOT, name));
  fs.writeFileSync(config, JSON.stringify({ extends: path.join(ROOT, "tsconfig.json"), compilerOptions, files }));
  runWell(ROOT, [...TSC, "-p", config]);
  const { version, license, dependencies } = manifest(path.join(ROOT, "package.json"));
  const exports = Object.entries(manifest(path.join(ROOT, "deno.json")).exports).map(([name, file]) => [
    name,
    { types: file.replace(/\.ts$/, ".d.ts"), default: file.replace(/\.ts$/, ".js") },
  ]);
  const made = { ...{ name: "@posix/aio", version, license, type: "module", dependencies } };
  fs.writeFileSync(
    path.join(folder, "package.json"),
    JSON.stringify({ ...made, exports: Object.fromEntries(exports) }, undefined, 2),
  );
  for (const name of ["README.md", "LICENSE"]) fs.copyFileSync(path.join(ROOT, name), path.join(folder, name));
}

/** A package's folder in node_modules, and those of all that it needs. */
export function withDependencies(name: string, seen: Set<string> = new Set()): Set<string> {
  const folder = path.join(ROOT, "node_modules", name);
  if (seen.has(folder)) return seen;
  seen.add(folder);
  const { dependencies = {} } = manifest(path.join(folder, "package.json"));
  for (const needed of Object.keys(dependencies)) withDependencies(needed, seen);
  return seen;
}

/** Makes tarballs of packages; their paths. */
export function pack(into: string, folders: readonly string[]): string[] {
  const told = runWell(into, ["npm", "pack", "--json", "--ignore-scripts", "--offline", ...folders]);
  // npm's own notices follow the list
  const list: unknown = JSON.parse(told.slice(0, told.lastIndexOf("]") + 1));
  return (list as { readonly filename: string }[]).map(({ filename }) => path.join(into, filename));
}

/** Installs tarballs into a fresh folder, without a network. */
export function installOffline(into: string, tarballs: readonly string[]): void {
  fs.mkdirSync(into);
  fs.writeFileSync(
    path.join(into, "package.json"),
    JSON.stringify({ name: "consumer", private: true, type: "module" }),
  );
  const flags = ["--offline", "--ignore-scripts", "--no-audit", "--no-fund", "--cache", path.join(into, ".npm")];
  runWell(into, ["npm", "install", ...flags, ...tarballs]);
}
