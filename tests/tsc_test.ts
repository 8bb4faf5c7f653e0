/**
 * The compiler of TypeScript over sources, tests and benchmark, with options that are stricter than Deno's: what a program
 * with the strictest options meets. Its declarations are made from each file alone, as JSR makes them. Runs on Node only.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT, TSC } from "./support/compiler.ts";

/** Runs the compiler; what it complains of, a line each, and its exit status. */
function tsc(...args: string[]): { complaints: string[]; status: number | null } {
  const { status, stdout, stderr, error } = spawnSync(TSC[0], [...TSC.slice(1), "--pretty", "false", ...args], {
    cwd: ROOT,
    encoding: "utf8",
  });
  if (error !== undefined) throw error;
  return { complaints: `${stdout}${stderr}`.split("\n").filter((line) => line !== ""), status };
}

describe("tsc", () => {
  it("has nothing to say about sources, tests and benchmark", () => {
    assertEquals(tsc("-p", "tsconfig.check.json"), { complaints: [], status: 0 });
  });

  it("looks at every file, and finds what is wrong in one", () => {
    const { complaints } = tsc("-p", "tsconfig.check.json", "--listFilesOnly");
    const seen = new Set(complaints.map((file) => path.relative(ROOT, path.resolve(ROOT, file))));
    for (const file of ["mod.ts", "sys.ts", "cli.ts", "ffi/libc.ts", "transfer/copy.ts", "bench/bench.ts"]) {
      assert(seen.has(file), `${file} is not looked at`);
    }
    assert(seen.has(path.relative(ROOT, fileURLToPath(import.meta.url))), "this file is not looked at");
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "aio-tsc-"));
    try {
      const wrong = path.join(folder, "wrong.ts");
      fs.writeFileSync(wrong, "interface Options { a?: number }\nexport const a: Options = { a: undefined };\n");
      const config = path.join(folder, "tsconfig.json");
      fs.writeFileSync(
        config,
        JSON.stringify({ extends: path.join(ROOT, "tsconfig.json"), compilerOptions: { types: [] }, files: [wrong] }),
      );
      const found = tsc("-p", config);
      assert(
        found.status !== 0 && found.complaints.some((line) => line.includes("TS2375")),
        found.complaints.join("\n"),
      );
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});
