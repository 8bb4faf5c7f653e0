/**
 * Trees and digests against their peers, in the running runtime: every contestant once a round, one after the other, and
 * medians of the ratios within a round. Above 1 this package is faster.
 *
 *   bun bench/trees.ts [--rounds 5] [--folder /dev/shm] [--case text]
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { copyTree, hash } from "../mod.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    folder: { type: "string", default: "/dev/shm" },
    case: { type: "string", default: "" },
  },
});

const root = fs.mkdtempSync(path.join(values.folder, "aio-bench-trees-"));
const source = path.join(root, "source"), target = path.join(root, "target");
const MEBIBYTE = 1 << 20;

/** Timers of the same program: the longest time that one was late, in milliseconds. */
let late = 0;
let last = performance.now();
const timer = setInterval(() => {
  const now = performance.now();
  late = Math.max(late, now - last - 2);
  last = now;
}, 2);

type Contestant = () => unknown;

interface Case {
  readonly name: string;
  readonly make: () => void;
  /** What is done before each contestant's turn. */
  readonly before: () => void;
  readonly ours: Contestant;
  readonly peers: Readonly<Record<string, Contestant>>;
}

function command(file: string, ...args: string[]): Contestant {
  return () => {
    const { status, error } = spawnSync(file, args, { stdio: "ignore" });
    if (status !== 0) throw error ?? new Error(`${file}: exit status ${status}`);
  };
}

function plant(count: number, bytes: number): void {
  const content = new Uint8Array(bytes).fill(7);
  for (let index = 0; index < count; index++) {
    const folder = path.join(source, `d${index % 100}`);
    if (index < 100) fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, `f${index}`), content);
  }
}

const clear = () => fs.rmSync(target, { recursive: true, force: true });

const fresh = (name: string, make: () => void): Case => ({
  name,
  make,
  before: clear,
  ours: () => copyTree(source, target).summary,
  peers: {
    "cp -r": command("cp", "-r", source, target),
    "rsync -a": command("rsync", "-a", `${source}/`, target),
    "rclone": command("rclone", "copy", "--transfers", "4", source, target),
    "fs.cp": () => fs.promises.cp(source, target, { recursive: true }),
  },
});

const CASES: readonly Case[] = [
  fresh("10,000 files of 8 KiB", () => plant(10_000, 8192)),
  fresh("20 files of 200 MiB, cached", () => plant(20, 200 * MEBIBYTE)),
  {
    name: "nothing changed, 10,000 files",
    make() {
      plant(10_000, 8192);
      command("cp", "-a", source, target)();
    },
    before() {},
    ours: () => copyTree(source, target, { overwrite: "different" }).summary,
    peers: { "rsync -a": command("rsync", "-a", `${source}/`, target) },
  },
  {
    name: "sha256 of 20 files of 200 MiB",
    make: () => plant(20, 200 * MEBIBYTE),
    before() {},
    ours: () => hash(source).summary,
    peers: {
      openssl: command("sh", "-c", `find ${source} -type f | xargs openssl dgst -sha256`),
      sha256sum: command("sh", "-c", `find ${source} -type f | xargs sha256sum`),
    },
  },
];

const median = (list: readonly number[]) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];

async function time(before: () => void, contestant: Contestant): Promise<number> {
  before();
  const began = performance.now();
  await contestant();
  return performance.now() - began;
}

try {
  for (const { name, make, before, ours, peers } of CASES) {
    if (!name.includes(values.case)) continue;
    make();
    const present = Object.entries(peers).filter(([peer]) =>
      peer === "fs.cp" || spawnSync(peer.split(" ")[0], ["--version"]).error === undefined
    );
    const ratios: Record<string, number[]> = {};
    const times: number[] = [];
    let latest = 0;
    for (let round = 0; round <= Number(values.rounds); round++) {
      late = 0;
      last = performance.now();
      const own = await time(before, ours);
      if (round > 0) latest = Math.max(latest, late);
      for (const [peer, contestant] of present) {
        const other = await time(before, contestant);
        if (round > 0) (ratios[peer] ??= []).push(other / own); // the first round warms up
      }
      if (round > 0) times.push(own);
    }
    console.log(`${name}: ${median(times).toFixed(0)} ms, timers late by ${latest.toFixed(0)} ms at most`);
    for (const [peer, list] of Object.entries(ratios)) {
      const range = `${Math.min(...list).toFixed(2)} to ${Math.max(...list).toFixed(2)}`;
      console.log(`  / ${peer}: ${median(list).toFixed(2)} (${range})`);
    }
    fs.rmSync(source, { recursive: true, force: true });
    clear();
  }
} finally {
  clearInterval(timer);
  fs.rmSync(root, { recursive: true, force: true });
}
process.exitCode = 0;
