/**
 * `aio info`, the help texts and the version.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import process from "node:process";
import { runChild } from "../support/child.ts";
import type { ChildResult } from "../support/child.ts";
import { itOnLinux } from "../support/platform.ts";

function aio(...args: string[]): Promise<ChildResult> {
  return runChild(new URL("../../cli.ts", import.meta.url), { args });
}

function packageVersion(file: string): string {
  return JSON.parse(fs.readFileSync(new URL(`../../${file}`, import.meta.url), "utf8")).version;
}

describe("aio info", () => {
  itOnLinux("tells runtime, C library, functions, limits and defaults", async () => {
    const { code, stdout, stderr } = await aio("info");
    assertEquals([code, stderr], [0, ""]);
    for (const word of ["runtime", "glibc", "libc.so", "aio_suspend", "AIO_LISTIO_MAX", "threads", "depth", "4096"]) {
      assert(stdout.includes(word), `${word} is not in\n${stdout}`);
    }
  });

  itOnLinux("tells the same as one JSON object", async () => {
    const { code, stdout } = await aio("info", "--json");
    assertEquals(code, 0);
    const info = JSON.parse(stdout);
    const { deno, bun, node } = process.versions;
    const expected = bun !== undefined ? ["bun", bun] : deno !== undefined ? ["deno", deno] : ["node", node];
    assertEquals([info.runtime.name, info.runtime.version], expected);
    const said = spawnSync("getconf", ["GNU_LIBC_VERSION"], { encoding: "utf8" }).stdout;
    if (said !== null && said !== "") assertEquals(`glibc ${info.libc.version}`, said.trim());
    for (const name of ["aio_read", "aio_write", "aio_fsync", "lio_listio", "aio_suspend", "aio_init"]) {
      assert(info.functions.found.includes(name), name);
    }
    assert(info.functions.missing.includes("aio_waitcomplete"));
    assertEquals(info.limits.controlBlockBytes, 168);
    assertEquals(info.queue.threads, 128);
  });
});

describe("aio", () => {
  it("explains itself and each command, on standard output and with 0", async () => {
    const overview = await aio();
    assertEquals([overview.code, overview.stderr], [0, ""]);
    assertMatch(overview.stdout, /Usage: aio COMMAND[^]*copy[^]*info/);
    for (const args of [["--help"], ["-h"], ["help"]]) assertEquals((await aio(...args)).stdout, overview.stdout);
    for (const name of ["copy", "info"]) {
      const help = await aio("help", name);
      assertEquals([help.code, help.stderr], [0, ""]);
      assertMatch(help.stdout, new RegExp(`Usage: aio ${name} `));
      assertEquals((await aio(name, "--help")).stdout, help.stdout);
    }
  });

  it("tells the version that the package has", async () => {
    const { code, stdout } = await aio("--version");
    assertEquals([code, stdout], [0, `aio ${packageVersion("deno.json")}\n`]);
    assertEquals(packageVersion("package.json"), packageVersion("deno.json"));
  });
});
