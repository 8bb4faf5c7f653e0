/**
 * The cases: what is measured, with whom, and which ratio the project holds itself to.
 *
 * @module
 */

import type { Workload } from "./workloads/workload.ts";

/** One case. */
export interface Case {
  readonly name: string;
  readonly workload: Omit<Workload, "path" | "seconds" | "warmUpSeconds" | "style" | "lanes">;
  /** The file: small enough for the page cache, or the large one. */
  readonly cached: boolean;
  /** Whether the page cache is dropped before each run, which then reads the file once. */
  readonly cold?: boolean;
  /** Styles of this package's API. */
  readonly styles: readonly NonNullable<Workload["style"]>[];
  /** Peers by name; those of a runtime are chosen by the runner. */
  readonly peers:
    readonly ("posixaio" | "io_uring" | "io_uring plain" | "psync" | "node:fs" | "Deno.FsFile" | "Bun.file")[];
}

const random = (op: "read" | "write", depth: number, direct: boolean): Case["workload"] => ({
  op,
  order: "random",
  blockBytes: 4096,
  depth,
  direct,
});

const DEPTHS = [1, 4, 32, 128, 4096];

/** Every case, in the order in which they are run. */
export const CASES: readonly Case[] = [
  ...DEPTHS.map((depth): Case => ({
    name: `random 4 KiB reads, page cache, ${depth} in flight`,
    workload: random("read", depth, false),
    cached: true,
    styles: depth === 1
      ? ["promise"]
      : depth === 32
      ? ["batches", "promise", "promise-own", "promise-fresh"]
      : ["batches"],
    peers: depth === 32
      ? ["posixaio", "io_uring", "io_uring plain", "psync", "node:fs", "Deno.FsFile", "Bun.file"]
      : ["posixaio", "io_uring", "node:fs"],
  })),
  ...DEPTHS.map((depth): Case => ({
    name: `random 4 KiB reads, O_DIRECT, ${depth} in flight`,
    workload: random("read", depth, true),
    cached: false,
    styles: [depth === 1 ? "promise" : "batches"],
    peers: depth === 1 ? ["posixaio", "io_uring", "psync"] : ["posixaio", "io_uring", "io_uring plain"],
  })),
  ...DEPTHS.flatMap((depth) =>
    [false, true].map((direct): Case => ({
      name: `random 4 KiB writes, ${direct ? "O_DIRECT" : "page cache"}, ${depth} in flight`,
      workload: random("write", depth, direct),
      cached: !direct,
      styles: [depth === 1 ? "promise" : "batches"],
      peers: direct ? ["posixaio", "io_uring"] : ["posixaio", "io_uring", "node:fs"],
    }))
  ),
  ...[false, true].map((cold): Case => ({
    name: `sequential 1 MiB reads, ${cold ? "cold" : "page cache"}, 8 in flight`,
    workload: { op: "read", order: "sequential", blockBytes: 1 << 20, depth: 8, direct: false },
    cached: !cold,
    cold,
    styles: ["batches"],
    peers: ["posixaio", "io_uring", "psync", "node:fs"],
  })),
  {
    name: "sequential 1 MiB reads, O_DIRECT, 8 in flight",
    workload: { op: "read", order: "sequential", blockBytes: 1 << 20, depth: 8, direct: true },
    cached: false,
    styles: ["batches"],
    peers: ["posixaio", "io_uring", "psync"],
  },
];
