/**
 * `aio info --check`: all holds here, and on what stands in for FreeBSD; a failure shows, and in the exit status.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fs from "node:fs";
import process from "node:process";
import { standInMissing } from "../freebsd/stand_in.ts";
import { runChild } from "../support/child.ts";
import type { ChildResult } from "../support/child.ts";
import { TemporaryFolder } from "../support/files.ts";

const HERE = new URL("../../cli.ts", import.meta.url);
const FREEBSD = new URL("../freebsd/cli.ts", import.meta.url);

interface Report {
  readonly system: string;
  readonly summary: { readonly ok: number; readonly failed: number; readonly absent: number };
  readonly findings: readonly { readonly name: string; readonly result: string; readonly seen: string }[];
}

function check(script: URL, args: string[] = [], env: Record<string, string> = {}): Promise<ChildResult> {
  return runChild(script, { args: ["info", "--check", ...args], env, killAfterMs: 60_000 });
}

/** The report of a check that has found nothing wrong. */
async function report(script: URL, args: string[] = [], env: Record<string, string> = {}): Promise<Report> {
  const { code, stdout, stderr } = await check(script, ["--json", ...args], env);
  assertEquals([code, stderr], [0, ""], stdout);
  const found: Report = JSON.parse(stdout);
  assertEquals(found.findings.filter(({ result }) => result === "failed"), []);
  return found;
}

const absent = ({ findings }: Report) =>
  findings.filter(({ result }) => result === "absent").map(({ name }) => name.split(" ").slice(0, 2).join(" "));

describe("aio info --check", () => {
  it("finds that everything holds here, in a table", async () => {
    const { code, stdout, stderr } = await check(HERE);
    assertEquals([code, stderr], [0, ""], stdout);
    assert(!stdout.includes("FAILED"), stdout);
    for (const word of ["aio_read reads", "aio_cancel", "LIO_NOWAIT", "SIGEV_SIGNAL", "queue", "by the kernel"]) {
      assert(stdout.includes(word), `${word} is not in\n${stdout}`);
    }
    assertMatch(stdout, /\n\n\d\d hold, 0 failed, \d+ not offered here\n$/);
  });

  it("tells the same as one JSON object, and leaves no file behind", async () => {
    using folder = new TemporaryFolder();
    const { summary, findings } = await report(HERE, [], { TMPDIR: folder.path });
    assert(summary.ok >= 30, JSON.stringify(summary));
    assertEquals(summary.ok + summary.absent, findings.length);
    assertEquals(fs.readdirSync(folder.path).filter((name) => name.startsWith("aio-check-")), []);
  });

  it("refuses a waiter that the platform lacks, and one that there is not", async () => {
    const unknown = await check(HERE, ["--waiter", "epoll"]);
    assertEquals([unknown.code, unknown.stdout], [2, ""]);
    assertMatch(unknown.stderr, /--waiter is auto, kqueue or suspend, not "epoll"/);
    if (process.platform === "freebsd") return;
    const lacking = await check(HERE, ["--waiter", "kqueue"]);
    assertEquals([lacking.code, lacking.stdout], [1, ""]);
    assertMatch(lacking.stderr, /has no waiter "kqueue", only FreeBSD has: use "suspend" or "auto"/);
  });
});

const missing = standInMissing();
const describeStandIn = missing === undefined ? describe : describe.skip;

describeStandIn(`aio info --check on FreeBSD${missing === undefined ? "" : ` (skipped: ${missing})`}`, () => {
  it("finds that everything holds, by each waiter", async () => {
    for (const waiter of ["kqueue", "suspend"]) {
      const found = await report(FREEBSD, ["--waiter", waiter]);
      assertMatch(found.system, /^freebsd-/);
      assertEquals(absent(found), ["has aio_init", "SIGEV_THREAD calls", "io_uring writes"]);
      assert(found.findings.some(({ seen }) => seen.endsWith(`waiter ${waiter}`)));
    }
  });

  it("finds what older releases lack", async () => {
    const position = ["has aio_read2", "has aio_write2", "lio_listio takes", "aio_read2 with"];
    const thirteen = await report(FREEBSD, [], { STAND_IN_RELEASE: "1300" });
    assertEquals(
      absent(thirteen).sort(),
      [...position, "has aio_init", "SIGEV_THREAD calls", "io_uring writes"].sort(),
    );
    const twelve = await report(FREEBSD, [], { STAND_IN_RELEASE: "1200" });
    const vectors = ["has aio_readv", "has aio_writev", "aio_readv reads", "aio_writev writes"];
    assertEquals(
      absent(twelve).sort(),
      [...position, ...vectors, "has aio_init", "SIGEV_THREAD calls", "io_uring writes"].sort(),
    );
  });

  it("shows what fails, goes on, and exits with 1", async () => {
    const { code, stdout } = await check(FREEBSD, [], { STAND_IN_FAIL: "5" });
    assertEquals(code, 1, stdout);
    assertEquals(stdout.split("\n").filter((line) => line.startsWith("FAILED")).length, 1, stdout);
    assertMatch(stdout, /FAILED .*aio_error gives 5\n/);
    assertMatch(stdout, /\d+ hold, 1 failed/);
  });
});
