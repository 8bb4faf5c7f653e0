// The stress run: rounds of random requests while garbage is collected at every turn of the event loop, each byte checked
// against a model, and memory watched. Arguments: folder, seconds and requests (it ends when both are reached), actions
// of a round, one collection of how many looks at the whole heap, seed.

import fs from "node:fs";
import process from "node:process";
import { AioFile, AioQueue } from "@posix/aio";
import { pooledBytes } from "../../../ffi/memory.ts";
import { collect } from "../../support/collect.ts";
import { Random } from "../random.ts";
import { Shadow } from "../shadow.ts";
import { checksInForce } from "./checks.ts";
import { controlBlocks } from "./control_blocks.ts";
import { transfer } from "./transfers.ts";
import { count, turn } from "./world.ts";
import type { World } from "./world.ts";

const RANGES = 4096;
const STUCK_MS = 120_000;

const [folder, ...numbers] = process.argv.slice(2);
const [seconds, requests, actionsAtOnce, thorough, seed] = numbers.map(Number);
const random = new Random(seed);
const shadow = new Shadow(`${folder}/file`, RANGES, random);
const counts: Record<string, number> = {};

/** Garbage of the sizes in use, so that memory that was freed too early gets other bytes. */
function litter(): void {
  for (let index = 0; index < 64; index++) new Uint8Array(64 << index % 8).fill(0xee);
}

async function openFile(world: World): Promise<void> {
  const file = await AioFile.open(shadow.path, random.oneIn(2) ? { queue: world.queue } : {});
  const offset = random.below(1000);
  const { bytes } = await file.read({ offset: RANGES * 4096 + offset, length: 100 }); // behind the end
  if (bytes !== 0) throw new Error(`${bytes} bytes behind the end of the file`);
  count(world, "file");
  if (!random.oneIn(3)) await file.close(); // else it is forgotten
}

/** Closes a number under its requests. It is the file's again at once, for reading, so that they strike nobody else. */
function replace(fd: number): number[] {
  const opened: number[] = [];
  fs.closeSync(fd);
  while ((opened.at(-1) ?? 0) < fd) opened.push(fs.openSync(shadow.path, "r"));
  return opened;
}

async function endQueue({ queue }: World): Promise<void> {
  const way = random.below(4);
  if (way === 0) await queue.close();
  if (way === 1) await queue.close({ cancel: true });
  if (way === 2) await queue[Symbol.asyncDispose]();
} // else it is forgotten

async function round(): Promise<void> {
  const [fd, otherFd] = [fs.openSync(shadow.path, "r+"), fs.openSync(shadow.path, "r+")];
  const queue = new AioQueue({ depth: 1 + random.below(200), lanes: random.oneIn(2) ? "auto" : 1 + random.below(8) });
  const closesEarly = random.oneIn(12);
  const world: World = {
    ...{ random, shadow, queue, fd, otherFd, counts, closesEarly },
    ...{ submitted: new Map(), afterwards: [] },
  };
  const actions: Promise<void>[] = [];
  const replaced: number[] = [];
  for (let index = 0; index < actionsAtOnce; index++) {
    actions.push(random.oneIn(25) ? controlBlocks(world) : transfer(world));
  }
  if (random.oneIn(4)) actions.push(openFile(world));
  if (random.oneIn(30)) actions.push(queue.sync(fd, { dataOnly: true }).catch(() => count(world, "failed sync")));
  actions.push((async () => {
    for await (const { tag, bytes, error } of queue) world.submitted.get(tag as number)!({ bytes, error });
  })());
  let left = true;
  const all = Promise.all(actions).finally(() => left = false);
  all.catch(() => {}); // awaited below
  const began = performance.now();
  for (let turns = 0; left; turns++) {
    if (turns === 1 && closesEarly) replaced.push(...replace(fd));
    if (random.oneIn(3)) count(world, "cancel", queue.cancel({ tag: random.below(actionsAtOnce) }));
    if (random.oneIn(40)) count(world, "cancel", queue.cancel({ fd }));
    litter();
    collect(turns % thorough === 0);
    await turn();
    if (performance.now() - began > STUCK_MS) throw new Error(`stuck: ${JSON.stringify(queue.stats())}`);
  }
  await all;
  while (queue.stats().inFlight > 0) await turn();
  for (const run of world.afterwards) run();
  await endQueue(world);
  for (const open of new Set([fd, otherFd, ...replaced])) fs.closeSync(open);
}

function requestsMade(): number {
  const kinds = ["read", "write", "readv", "writev", "control block", "file"];
  return kinds.reduce((sum, kind) => sum + (counts[kind] ?? 0), 0);
}

function memory() {
  const mappings = fs.readFileSync("/proc/self/maps", "utf8").split("\n").length;
  const descriptors = fs.readdirSync("/proc/self/fd").length;
  return { rss: process.memoryUsage.rss(), mappings, pooled: pooledBytes(), descriptors };
}

const began = performance.now();
const done = () => Math.min((performance.now() - began) / 1000 / seconds, requestsMade() / requests);
let settled: ReturnType<typeof memory> | undefined;
do {
  await round();
  if (done() > 1 / 3) settled ??= memory();
} while (done() < 1);
shadow.checkAll();
collect();
const [before, after] = [settled, memory()];
console.log(JSON.stringify({ requests: requestsMade(), counts, before, after, checks: checksInForce() }));
