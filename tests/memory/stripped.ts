/**
 * The package's sources and those of the stress run without their types. Node takes them off in WebAssembly, which under
 * valgrind takes longer than the run.
 *
 * @module
 */

import fs from "node:fs";
import * as module from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const SOURCES = [
  "mod.ts",
  "sys.ts",
  "structs",
  "ffi",
  "sys",
  "engine",
  "queue",
  "file",
  "transfer",
  "tests/memory",
  "tests/support",
];
const EXPORTS = { ".": "./mod.js", "./sys": "./sys.js" };

function files(name: string): string[] {
  if (name.endsWith(".ts")) return [name];
  const found = fs.readdirSync(path.join(ROOT, name), { recursive: true, encoding: "utf8" });
  return found.filter((file) => file.endsWith(".ts")).map((file) => path.join(name, file));
}

/** Writes the JavaScript of a folder of sources; the stress run is at the same place in it. */
export function writeStripped(folder: string): void {
  for (const file of SOURCES.flatMap(files)) {
    const source = fs.readFileSync(path.join(ROOT, file), "utf8");
    const target = path.join(folder, file.replace(/ts$/, "js"));
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, module.stripTypeScriptTypes(source).replaceAll(/( from "\.[^"]+)\.ts"/g, '$1.js"'));
  }
  const description = { name: "@posix/aio", type: "module", exports: EXPORTS };
  fs.writeFileSync(path.join(folder, "package.json"), JSON.stringify(description));
}
