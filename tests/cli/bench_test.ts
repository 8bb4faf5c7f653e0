/**
 * `aio bench`: every way of reading is measured or says why not, and what cannot be measured at all is told in a sentence.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fs from "node:fs";
import { formatMicroseconds, rateText } from "../../cli/bench_table.ts";
import { Latencies } from "../../cli/latencies.ts";
import { runChild } from "../support/child.ts";
import type { ChildResult } from "../support/child.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itUnless } from "../support/platform.ts";
import { textsOf } from "../support/svg.ts";

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
  readonly latency?: Readonly<Record<string, number>>;
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
    assert(stdout.startsWith(`${file}: 2.00 MiB; reading ...\n\nrandom reads of 4.00 KiB `), stdout);
    assertMatch(stdout, /\n\nsequential reads of 1\.00 MiB +rate +median +99 %\n/);
    const lines = stdout.split("\n").filter((line) => /^ {2}\w/.test(line));
    assertEquals(lines.map((line) => line.trim().split(/ {2,}/)[0]).sort(), ROWS.toSorted());
    for (const line of lines) {
      assertMatch(line, / {2,}[\d.]+ (k?|\wi?B)\/s( {2,}[\d.]+ (µs|ms|s)){2} █+$|left out: \w/);
      assert(line.length <= 80 || line.includes("left out"), line);
    }
    assertEquals(Math.max(...lines.map((line) => line.split("█").length - 1)), 12);
    assertEquals(fs.readFileSync(file).equals(content), true);
  });

  it("gives a JSON object for each way and nothing else with --json", async () => {
    using folder = new TemporaryFolder();
    const found = await bench("--json", folder.write("file", new Uint8Array(MIB)));
    assertEquals([found.code, found.stderr], [0, ""]);
    const rows = rowsOf(found);
    assertEquals(rows.map(({ name }) => name), ROWS);
    for (const { name, blockBytes, depth, rate, latency } of rows) {
      assert(name.includes(` ${depth} in flight`), name);
      assertEquals(blockBytes, depth === 8 ? MIB : 4096);
      assert(typeof rate === "string" ? rate.startsWith("left out: ") : rate > 0, `${name}: ${rate}`);
      if (typeof rate === "string") continue;
      const times = Object.values(latency ?? {});
      assertEquals(Object.keys(latency ?? {}), ["p50", "p90", "p99", "p99.9", "p99.99", "max"]);
      assert(times[0] > 0, name);
      assertEquals(times, times.toSorted((a, b) => a - b));
    }
  });

  it("draws with --svg what --json tells, whatever the file is called, over what was there before", async () => {
    using folder = new TemporaryFolder();
    const file = folder.write("a<b>&\"c\u0001'", new Uint8Array(MIB));
    const svg = folder.write("chart.svg", "x".repeat(100_000));
    const found = await bench("--json", "--svg", svg, file);
    assertEquals([found.code, found.stderr], [0, ""]);
    const text = fs.readFileSync(svg, "utf8");
    const texts = textsOf(text);
    assert(texts.some((one) => one.includes(`a<b>&"c`)), texts.join("\n"));
    for (const row of rowsOf(found)) {
      if (typeof row.rate === "string") {
        assert(texts.includes(`${row.name}: ${row.rate}`), row.name);
      } else {
        const rate = rateText({ blockBytes: row.blockBytes, rate: row.rate });
        const told = texts.filter((one) => one.startsWith(row.name) || one.startsWith(rate)).join("\n");
        assert(told.includes(rate), `${row.name}: ${rate}\n${told}`);
        for (const time of ["p50", "p99"]) {
          assert(told.includes(formatMicroseconds(row.latency?.[time])), `${row.name}: ${time}\n${told}`);
        }
      }
    }
  });

  const unwritable: readonly [string, (folder: TemporaryFolder) => string, RegExp][] = [
    ["in no folder", (folder) => folder.at("missing/out.svg"), /^aio: open: ENOENT, .*\/missing\/out\.svg\n$/],
    ["below a file", (folder) => folder.at("file/out.svg"), /^aio: open: ENOTDIR, .*\/file\/out\.svg\n$/],
    ["a folder", (folder) => folder.path, /^aio: open: EISDIR, .*\n$/],
    ["empty", () => "", /^aio: open: ENOENT, .*\n$/],
    ["a FIFO that nobody reads", (folder) => folder.fifo("fifo"), /^aio: open: ENXIO, .*\/fifo\n$/],
    [
      "the file that is measured",
      (folder) => folder.at("file"),
      /^aio: Cannot write the chart to .*: it is the file that/,
    ],
    [
      "the same by another name",
      (folder) => {
        fs.linkSync(folder.at("file"), folder.at("link"));
        return folder.at("link");
      },
      /^aio: Cannot write the chart to .*link: it is the file that is measured\n$/,
    ],
  ];
  it("says before it measures that a chart cannot be written, leaves everything as it was, and exits with 1", async () => {
    await Promise.all(unwritable.map(async ([what, make, complaint]) => {
      using folder = new TemporaryFolder();
      const content = knownBytes(MIB);
      const file = folder.write("file", content);
      const out = make(folder);
      const before = fs.readdirSync(folder.path);
      const { code, stdout, stderr } = await bench("--svg", out, file);
      assertEquals([code, stdout], [1, ""], `${what}: ${stderr}`);
      assertMatch(stderr, complaint);
      assertEquals(stderr.trimEnd().split("\n").length, 1, stderr);
      assertEquals(fs.readdirSync(folder.path), before);
      assertEquals(fs.readFileSync(file).equals(content), true);
    }));
  });

  it("says that a chart could not be written in the end, and exits with 1", async () => {
    using folder = new TemporaryFolder();
    const { code, stderr } = await bench("--svg", "/dev/full", folder.write("file", new Uint8Array(MIB)));
    assertEquals(code, 1);
    assertMatch(stderr, /^aio: write: ENOSPC, .*\/dev\/full.*\n$/);
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

describe("the percentiles of latencies", () => {
  it("are at most a class above the true ones, and the greatest is exact", () => {
    const latencies = new Latencies();
    assertEquals(latencies.percentiles(), undefined);
    latencies.add(1e9);
    latencies.clear();
    for (let microseconds = 10_000; microseconds > 0; microseconds--) latencies.add(microseconds / 1000);
    const { max, ...others } = latencies.percentiles()!;
    assertEquals(max, 10_000);
    for (const [name, found] of Object.entries(others)) {
      const exact = Number(name.slice(1)) * 100;
      assert(found >= exact - 0.5 && found <= exact * 2 ** (1 / 32) + 0.5, `${name}: ${found}, ${exact}`);
    }
  });

  it("are there for one request, for none that took any time, and for one of a day", () => {
    for (const milliseconds of [0, 0.00005, 5, 86_400_000]) {
      const latencies = new Latencies();
      latencies.add(milliseconds);
      const times = Object.values(latencies.percentiles()!);
      assertEquals(times.at(-1), milliseconds * 1000);
      assert(times.every((time) => time <= milliseconds * 1000 && time >= 0), times.join());
    }
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
