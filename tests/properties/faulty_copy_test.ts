// copy() of any file, by any chunks and depth, that meets any faults: the target is equal to the source, or the error is
// reported and the target is as it was, with nothing beside it.

import { describeFaults, strike } from "../faults/faults.ts";
import { AioError, AioQueue, copy } from "@posix/aio";
import { assert, assertEquals } from "@std/assert";
import { it } from "@std/testing/bdd";
import fc from "fast-check";
import { Buffer } from "node:buffer";
import fs from "node:fs";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import type { Fault, Where } from "../faults/faults.ts";
import { runs } from "./runs.ts";

const PAGE = 4096;

/** Faults that a copy has to report. */
const failure = fc.constantFrom<[Fault, Where["on"]]>(
  [{ real: "EIO" }, "read"],
  [{ answer: "EIO" }, "read"],
  [{ real: "EIO" }, "write"],
  [{ real: "ENOSPC" }, "write"],
  [{ answer: "EDQUOT" }, "write"],
  [{ answer: "EIO" }, "sync"],
  [{ answer: "ENOSPC" }, "sync"],
);
/** Faults that it has to bear. */
const trouble = fc.oneof(
  fc.tuple(fc.integer({ min: 1000, max: 9000 }), fc.constantFrom("read", "write")).map((
    [short, on],
  ) => [{ short }, on]),
  fc.constantFrom("read", "write", "list").map((on) => [{ refuse: "EAGAIN" }, on]),
  fc.integer({ min: 1, max: 10 }).map((slow) => [{ slow }, "read"]),
  fc.constant([{ interrupt: true }, "suspend"]),
) as fc.Arbitrary<[Fault, Where["on"]]>;
const rule = fc.record({
  fault: fc.oneof({ arbitrary: failure, weight: 1 }, { arbitrary: trouble, weight: 2 }),
  first: fc.integer({ min: 1, max: 50 }),
  every: fc.oneof(fc.constant(0), fc.integer({ min: 3, max: 20 })),
});
type Rule = typeof rule extends fc.Arbitrary<infer Value> ? Value : never;

const copying = fc.record({
  size: fc.oneof(
    fc.nat({ max: 200_000 }),
    fc.tuple(fc.nat({ max: 40 }), fc.integer({ min: -1, max: 1 })).map(([n, more]) => Math.max(0, n * PAGE + more)),
  ),
  chunkBytes: fc.integer({ min: 1, max: 16 }).map((pages) => pages * PAGE),
  depth: fc.integer({ min: 1, max: 32 }),
  queueDepth: fc.constantFrom(undefined, 1, 3, 64),
  sync: fc.boolean(),
  old: fc.boolean(),
  rules: fc.array(rule, { minLength: 1, maxLength: 4 }),
});
type Copying = typeof copying extends fc.Arbitrary<infer Value> ? Value : never;

/** Puts the faults in place; tells which of those that a copy has to report have struck. */
function strikeAll(rules: readonly Rule[], source: number): Disposable & { struck(): string[] } {
  const placed = rules.map(({ fault: [fault, on], first, every }) => {
    const where = { on, first, every, fd: on === "read" ? source : -1 };
    const code = "answer" in fault ? fault.answer : "real" in fault ? fault.real : undefined;
    return { code, rule: strike(fault, where) };
  });
  return {
    struck: () => placed.flatMap(({ code, rule }) => code !== undefined && rule.hits() > 0 ? [code] : []),
    [Symbol.dispose]: () => placed[0].rule[Symbol.dispose](),
  };
}

async function check({ size, old, rules, queueDepth, ...options }: Copying): Promise<void> {
  using folder = new TemporaryFolder();
  const content = knownBytes(size);
  const source = folder.write("source", content);
  const before = old ? "the old content" : undefined;
  if (before !== undefined) folder.write("target", before);
  await using queue = queueDepth === undefined ? null : new AioQueue({ depth: queueDepth });
  const given = { ...options, method: "aio", ...(queue === null ? {} : { queue }) } as const;
  let [failed, struck]: [unknown, string[]] = [undefined, []];
  {
    using faults = strikeAll(rules, folder.open("source"));
    try {
      await copy(source, folder.at("target"), given);
    } catch (error) {
      failed = error;
    }
    struck = faults.struck();
  }
  const found = fs.readdirSync(folder.path).sort();
  if (failed === undefined) {
    assertEquals(struck, []);
    assertEquals(found, ["source", "target"]);
    assert(Buffer.compare(fs.readFileSync(folder.at("target")), content) === 0);
    return;
  }
  assert(failed instanceof AioError && struck.includes(failed.code), `${failed} after ${struck}`);
  assertEquals(found, before === undefined ? ["source"] : ["source", "target"]);
  if (before !== undefined) assertEquals(fs.readFileSync(folder.at("target"), "utf8"), before);
  await copy(source, folder.at("target"), given); // nothing of the failed one is in the way
  assert(Buffer.compare(fs.readFileSync(folder.at("target")), content) === 0);
}

describeFaults("copy() that meets faults", () => {
  it("makes the target equal to the source, or reports the error and leaves the target alone", async () => {
    await fc.assert(fc.asyncProperty(copying, check), runs(150));
  });
});
