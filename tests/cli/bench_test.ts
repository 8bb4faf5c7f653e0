/**
 * `aio bench`: every way of reading is measured or says why not, and what cannot be measured at all is told in a sentence.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fs from "node:fs";
import { runChild } from "../support/child.ts";
import type { ChildResult } from "../support/child.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itUnless } from "../support/platform.ts";

const CLI = new URL("../../cli.ts", import.meta.url);
const MIB = 1 << 20;

function bench(...args: string[]): Promise<ChildResult> {
  return runChild(CLI, { args: ["bench", "--seconds", "0.02", ...args] });
}

interface Row {
  readonly name: string;
  readonly blockBytes: number;
  readonly depth: number;
  readonly rate: number | string;
}

const rowsOf = ({ stdout }: ChildResult): Row[] => stdout.trimEnd().split("\n").map((line) => JSON.parse(line));

/** The depths that are measured, from the page cache, by node:fs, and past the cache. */
const ROWS = [
  ...[1, 4, 32, 128].map((depth) => `aio, page cache, ${depth} in flight`),
  "node:fs, page cache, 32 in flight",
  "aio, page cache, 8 in flight",
  ...[1, 32, 128, 8].map((depth) => `aio, O_DIRECT, ${depth} in flight`),
];

describe("aio bench", () => {
  it("shows a table with a bar for each way, the fastest of a group with the longest, and leaves the file alone", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(2 * MIB + 5);
    const file = folder.write("file", content);
    const { code, stdout, stderr } = await bench(file);
    assertEquals([code, stderr], [0, ""]);
    assert(stdout.startsWith(`${file}: 2.00 MiB; reading ...\n\nrandom reads of 4.00 KiB\n`), stdout);
    assertMatch(stdout, /\n\nsequential reads of 1\.00 MiB\n/);
    const lines = stdout.split("\n").filter((line) => /^ {2}\w/.test(line));
    assertEquals(lines.map((line) => line.trim().split(/ {2,}/)[0]).sort(), ROWS.toSorted());
    for (const line of lines) {
      assertMatch(line, / {2,}(\d+(\.\d)?( k)?\/s|\d+ \/s|[\d.]+ k\/s) {2,}[\d.]+ \wi?B\/s {2}█+$|left out: \w/);
    }
    assertEquals(Math.max(...lines.map((line) => line.split("█").length - 1)), 36);
    assertEquals(fs.readFileSync(file).equals(content), true);
  });

  it("gives a JSON object for each way and nothing else with --json", async () => {
    using folder = new TemporaryFolder();
    const found = await bench("--json", folder.write("file", new Uint8Array(MIB)));
    assertEquals([found.code, found.stderr], [0, ""]);
    const rows = rowsOf(found);
    assertEquals(rows.map(({ name }) => name), ROWS);
    for (const { name, blockBytes, depth, rate } of rows) {
      assert(name.includes(` ${depth} in flight`), name);
      assertEquals(blockBytes, depth === 8 ? MIB : 4096);
      assert(typeof rate === "string" ? rate.startsWith("left out: ") : rate > 0, `${name}: ${rate}`);
    }
  });

  it("reads a file that may only be read", async () => {
    using folder = new TemporaryFolder();
    const file = folder.write("file", new Uint8Array(MIB));
    fs.chmodSync(file, 0o444);
    const found = await bench("--json", file);
    assertEquals([found.code, found.stderr], [0, ""]);
    assertEquals(rowsOf(found).filter(({ rate }) => typeof rate === "number" && !(rate > 0)), []);
  });

  const odd = "/sys/kernel/btf/vmlinux";

  itUnless(
    fs.existsSync(odd) ? undefined : `there is no ${odd}`,
    "leaves out O_DIRECT where there is none, and what comes in pieces, and measures the rest",
    async () => {
      const found = await bench("--json", odd);
      assertEquals([found.code, found.stderr], [0, ""]);
      const rows = rowsOf(found);
      assertEquals(rows.map(({ name }) => name), ROWS);
      for (const { name, blockBytes, rate } of rows) {
        if (name.includes("O_DIRECT")) assertMatch(String(rate), /^left out: the file system cannot: EINVAL/);
        else if (blockBytes === MIB) assertMatch(String(rate), /^left out: .*moved 4096 of 1048576 bytes/);
        else assert(typeof rate === "number" && rate > 0, `${name}: ${rate}`);
      }
      const shown = await bench(odd);
      assertEquals([shown.code, shown.stderr], [0, ""]);
      assertEquals(shown.stdout.split("left out: ").length - 1, 5, shown.stdout);
    },
  );

  const complaints: readonly [string, (folder: TemporaryFolder) => string, RegExp][] = [
    ["is missing", (folder) => folder.at("missing"), /^aio: open: ENOENT, .*: .*\/missing\n$/],
    [
      "is a directory",
      (folder) => folder.path,
      /^aio: Cannot measure .*: it is no regular file; expected .* 1\.00 MiB\n$/,
    ],
    ["is empty", (folder) => folder.write("empty", ""), /^aio: Cannot measure .*: it is only 0 B large; expected /],
    [
      "is too small",
      (folder) => folder.write("small", new Uint8Array(MIB - 1)),
      /^aio: Cannot measure .*\/small: it is only 1\S+ \wi?B large; expected /,
    ],
    ["is a device", () => "/dev/zero", /^aio: Cannot measure \/dev\/zero: it is no regular file; /],
    [
      "is a FIFO that nobody writes to",
      (folder) => folder.fifo("fifo"),
      /^aio: Cannot measure .*: it is no regular file; /,
    ],
  ];
  for (const [what, make, complaint] of complaints) {
    it(`says in one sentence that a file ${what}, and exits with 1`, async () => {
      using folder = new TemporaryFolder();
      const { code, signal, stdout, stderr } = await bench(make(folder));
      assertEquals([code, signal, stdout], [1, null, ""], stderr);
      assertMatch(stderr, complaint);
    });
  }

  it("says what is wrong with the arguments, and exits with 2", async () => {
    const wrong: readonly [string[], RegExp][] = [
      [[], /^aio: expected one FILE, got 0\n/],
      [["a", "b"], /^aio: expected one FILE, got 2\n/],
      ...["0", "-1", "61", "x", ""].map((seconds): [string[], RegExp] => [
        [`--seconds=${seconds}`, "file"],
        new RegExp(`^aio: --seconds "${seconds}": expected a number above 0, up to 60\n`),
      ]),
      [["--fast", "file"], /^aio: unknown option '--fast'/],
    ];
    await Promise.all(wrong.map(async ([args, complaint]) => {
      const { code, stdout, stderr } = await runChild(CLI, { args: ["bench", ...args] });
      assertEquals([code, stdout], [2, ""], stderr);
      assertMatch(stderr, complaint);
      assertMatch(stderr, /\nTry "aio bench --help"\.\n$/);
    }));
  });
});

describe("the benchmark of the repository", () => {
  it("says what is wrong with its options in one sentence, and removes no folder of others", async () => {
    using folder = new TemporaryFolder();
    const kept = folder.write("kept", "");
    const wrong: readonly [string[], number, RegExp][] = [
      [["--rounds", "x"], 2, /^bench: --rounds "x": expected a whole number above 0\n$/],
      [["--seconds", "0"], 2, /^bench: --seconds "0": expected a number above 0\n$/],
      [["--fast"], 2, /^bench: Unknown option '--fast'/],
      [["--case", "nothing"], 2, /^bench: no case has "nothing" in its name: see --list\n$/],
      [["--dir", folder.at("missing")], 1, /^bench: ENOENT: .*missing/],
      [["--dir", kept], 1, /^bench: ENOTDIR: /],
    ];
    await Promise.all(wrong.map(async ([args, status, complaint]) => {
      const { code, stdout, stderr } = await runChild(new URL("../../bench/bench.ts", import.meta.url), { args });
      assertEquals([code, stdout], [status, ""], stderr);
      assertMatch(stderr, complaint);
      assertEquals(stderr.trimEnd().split("\n").length, 1, stderr);
    }));
    assertEquals(fs.readdirSync(folder.path), ["kept"]);
  });
});
