/**
 * What a result is worth nothing without: the machine, the kernel, the file system; and the means to put the page
 * cache into a known state.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";

/** Where a benchmark ran. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly fileSystem: string;
  readonly date: string;
  /** What makes its times vary. */
  readonly notes: readonly string[];
}

/** Free memory in blocks of so many pages and more, as a power of two, goes back to the host; 0 or -1 where none does. */
const PAGE_REPORTING = "/sys/module/page_reporting/parameters/page_reporting_order";

/** The greatest block of free memory. */
const PAGE_ORDER_MAX = 10;

/** Describes this machine and the file system of a path. */
export function describeMachine(path: string): Machine {
  const [first] = os.cpus();
  const found = spawnSync("df", ["--output=fstype", path], { encoding: "utf8" });
  return {
    processor: first?.model ?? os.arch(),
    cores: os.cpus().length,
    memoryBytes: os.totalmem(),
    kernel: `${os.type()} ${os.release()}`,
    fileSystem: found.status === 0 ? found.stdout.trim().split("\n")[1] : "unknown",
    date: new Date().toISOString().slice(0, 10),
    notes: notes(),
  };
}

/** What a reader of its figures should know. */
function notes(): string[] {
  const order = fs.existsSync(PAGE_REPORTING) ? Number(fs.readFileSync(PAGE_REPORTING, "utf8")) : 0;
  if (!(order > 0 && order <= PAGE_ORDER_MAX)) return [];
  return [
    "this virtual machine gives free memory back to its host and takes it again slowly: copies may take much longer " +
    `now and then (${PAGE_REPORTING})`,
  ];
}

/** Makes sure that a file of random content and of that size exists. */
export function ensureFile(path: string, bytes: number): void {
  if (fs.existsSync(path) && fs.statSync(path).size === bytes) return;
  const piece = new Uint8Array(1 << 20);
  for (let at = 0; at < piece.length; at += 65_536) crypto.getRandomValues(piece.subarray(at, at + 65_536));
  const fd = fs.openSync(path, "w");
  for (let at = 0; at < bytes; at += piece.length) fs.writeSync(fd, piece, 0, Math.min(piece.length, bytes - at), at);
  fs.fsyncSync(fd);
  fs.closeSync(fd);
}

/** Reads a file, so that it lies in the page cache: kernels reclaim it from idle machines. */
export function warm(path: string): void {
  const fd = fs.openSync(path, "r");
  const piece = new Uint8Array(1 << 20);
  while (fs.readSync(fd, piece) > 0);
  fs.closeSync(fd);
}

/**
 * Drops the page cache.
 *
 * @returns Whether that was allowed.
 */
export function dropCaches(): boolean {
  try {
    spawnSync("sync");
    fs.writeFileSync("/proc/sys/vm/drop_caches", "1");
    return true;
  } catch {
    return false;
  }
}
