/**
 * What works in a container: queues, files, copies, and what is refused. Prints JSON: a key for each attempt.
 * Arguments: a folder that can be written to, and a name that cannot.
 *
 * @module
 */

import { AioFile, AioQueue, copy, hash } from "@posix/aio";
import { openSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

const README = fileURLToPath(new URL("../../../README.md", import.meta.url));
const [folder, forbidden] = process.argv.slice(2);
const results: Record<string, unknown> = {};

async function attempt(name: string, work: () => unknown): Promise<void> {
  try {
    results[name] = await work();
  } catch (error) {
    results[name] = `${(error as { code?: string }).code}: ${(error as Error).message}`;
  }
}

async function reads(engine: "posix" | "auto" | "io_uring"): Promise<string> {
  await using queue = new AioQueue({ engine });
  const fd = openSync(README, "r");
  const all = await Promise.all(Array.from({ length: 200 }, (_, i) => queue.read(fd, { offset: i, length: 100 })));
  return `${all.length} reads by ${queue.engine}`;
}

await attempt("posix", () => reads("posix"));
await attempt("auto", () => reads("auto"));
await attempt("io_uring", () => reads("io_uring"));
await attempt("file", async () => {
  await using file = await AioFile.open(README);
  return (await file.text()).slice(0, 12);
});
await attempt("copy", async () => (await copy(README, `${folder}/copy`, { sync: true })).bytes > 0);
await attempt("copy by aio", async () => (await copy(README, `${folder}/aio`, { method: "aio" })).bytes > 0);
await attempt("hash", async () => (await hash([README]).summary).files);
if (forbidden !== undefined) {
  await attempt("forbidden copy", () => copy(README, forbidden));
  await attempt("forbidden file", () => AioFile.open(forbidden, { flags: "w" }));
}
console.log(JSON.stringify(results));
